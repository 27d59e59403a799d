package ogg

import "github.com/ogg-exporter/ogg_exporter/wire"

// joinTrails completes the trails with what the Extracts' trails and, at last, Performance Metrics
// report, and adds those that are not in the list. The trails must have their names.
func (d *Deployment) joinTrails() {
	known := make(map[string]*Trail, len(d.Trails))
	for _, t := range d.Trails {
		known[t.Trail] = t
	}
	join := func(at TrailPosition, files TrailFiles) {
		t := known[at.Trail]
		if t == nil {
			t = &Trail{TrailPosition: TrailPosition{Trail: at.Trail, location: at.location}}
			known[at.Trail], d.Trails = t, append(d.Trails, t)
		}
		t.TrailFiles = t.or(files)
	}
	for _, t := range d.ExtractTrails {
		join(t.TrailPosition, t.TrailFiles)
	}
	for _, p := range d.Monitored {
		for _, t := range p.Trails {
			if t.Output {
				join(t.TrailPosition, TrailFiles{FileMax: t.FileMax})
			}
		}
	}
}

// noteBacklogs fills in how far the readers of trails are behind the writers: Replicats, Extracts
// that read a trail, and distribution paths. The trails must have their names: places are compared
// only if these say that it is the same trail.
func (d *Deployment) noteBacklogs() {
	sizes := make(map[string]wire.Number, len(d.Trails))
	for _, t := range d.Trails {
		sizes[t.Trail] = t.FileMax
	}
	ends := d.trailEnds()
	note := func(reader *TrailPosition) {
		if end, known := ends[reader.Trail]; known {
			reader.Backlog = reader.behind(end, sizes[reader.Trail])
		}
	}
	for _, p := range d.Processes {
		if p.Position != nil {
			note(p.Position)
		}
	}
	for _, p := range d.Monitored {
		for _, t := range p.Trails {
			if !t.Output && p.replicates() { // what the Distribution Service reads, its paths do
				note(&t.TrailPosition)
			}
		}
	}
	for _, p := range d.DistributionPaths {
		for _, at := range p.Inputs {
			note(at)
		}
	}
}

// trailEnds returns the end of each trail: the furthest place that one who writes it reported. That
// is an Extract or a receiver path; where a distribution path writes is elsewhere, and so is what a
// receiver path reads. The sequence and offset of GET /trails/{t} are not known to be the end.
func (d *Deployment) trailEnds() map[string]TrailPosition {
	ends := map[string]TrailPosition{}
	note := func(writer TrailPosition) {
		if end, known := ends[writer.Trail]; writer.isKnown() && (!known || end.isBefore(writer)) {
			ends[writer.Trail] = writer
		}
	}
	for _, t := range d.ExtractTrails {
		note(t.TrailPosition)
	}
	for _, p := range d.Monitored {
		for _, t := range p.Trails {
			if t.Output {
				note(t.TrailPosition)
			}
		}
	}
	for _, p := range d.ReceiverPaths {
		for _, at := range p.Outputs {
			note(*at)
		}
	}
	return ends
}

// isKnown reports whether the place is known.
func (p TrailPosition) isKnown() bool { return p.Sequence.Known() && p.Offset.Known() }

// isBefore reports whether a known place is before another one in the same trail.
func (p TrailPosition) isBefore(other TrailPosition) bool {
	file, offset := p.place()
	otherFile, otherOffset := other.place()
	return file < otherFile || file == otherFile && offset < otherOffset
}

// place returns the number of the file, and the offset.
func (p TrailPosition) place() (file, offset float64) {
	file, _ = p.Sequence.Value()
	offset, _ = p.Offset.Value()
	return file, offset
}

// behind returns how many bytes are between a reader and the end of its trail, whose full files have
// that size; unknown if one of them is.
//
// The end may have been asked for before the reader, or be that of a checkpoint of the writer: so a
// reader that is ahead by less than a file has read everything. One that is further ahead reads what
// is not before that end, such as files from before the trail began anew: nothing is known of it.
func (p TrailPosition) behind(end TrailPosition, size wire.Number) wire.Number {
	full, known := size.Value()
	if !known || !p.isKnown() {
		return wire.Number{}
	}
	file, offset := p.place()
	last, written := end.place()
	if file < last {
		return wire.NumberOf(max(0, full-offset) + (last-file-1)*full + written)
	}
	switch bytes := (last-file)*full + written - offset; {
	case bytes >= 0:
		return wire.NumberOf(bytes)
	case bytes > -full:
		return wire.NumberOf(0)
	default:
		return wire.Number{}
	}
}
