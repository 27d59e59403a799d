package ogg

import (
	"slices"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// TrailIO is one trail that a process reads or writes.
type TrailIO struct {
	TrailPosition
	// Output is whether the process writes the trail.
	Output bool
	// Bytes and ReadErrors are counters that start at 0 with the process. ReadErrors is
	// reported only for trails that are read.
	Bytes, ReadErrors wire.Number
	// FileMax is the size of a full file of a trail that is written.
	FileMax wire.Number
}

// trailIO is a trail in the response of trailInput or trailOutput.
type trailIO struct {
	Name         string      `json:"trailName"`
	Path         string      `json:"trailPath"`
	Sequence     wire.Number `json:"trailSeq"`
	Offset       wire.Number `json:"trailRba"`
	ReadBytes    wire.Number `json:"ioReadBytes"`
	WrittenBytes wire.Number `json:"ioWriteBytes"`
	ReadErrors   wire.Number `json:"trailReadErrors"`
	FileMax      wire.Number `json:"trailMaxBytes"`
}

// trailIOs is the response of trailInput or trailOutput (all releases): the members of one
// trail (up to 21.3), or an array (trailOutputs in 23ai and later; the others by analogy). None of
// that, nor the name of a trail, is documented as required: a response without them is no failure.
type trailIOs struct {
	trailIO
	TrailInputs  []trailIO `json:"trailInputs"`
	TrailInput   []trailIO `json:"trailInput"`
	TrailOutputs []trailIO `json:"trailOutputs"`
	TrailOutput  []trailIO `json:"trailOutput"`
}

// appendTo adds the trails of a response to the known ones, each once.
func (r *trailIOs) appendTo(known []*TrailIO, output bool) []*TrailIO {
	type place struct {
		at     trailLocation
		output bool
	}
	met := make(map[place]bool, len(known))
	for _, t := range known {
		met[place{t.location, t.Output}] = true
	}
	for _, t := range slices.Concat([]trailIO{r.trailIO}, r.TrailInputs, r.TrailInput, r.TrailOutputs, r.TrailOutput) {
		at := locate(t.Path, t.Name)
		if t.Name == "" || met[place{at, output}] {
			continue
		}
		met[place{at, output}] = true
		bytes := t.ReadBytes
		if output {
			bytes = t.WrittenBytes
		}
		known = append(known, &TrailIO{
			TrailPosition: TrailPosition{Sequence: t.Sequence, Offset: t.Offset, location: at},
			Output:        output, Bytes: bytes, ReadErrors: t.ReadErrors, FileMax: t.FileMax,
		})
	}
	return known
}

// distinctTrails keeps only the first trail of each name. The trails must have their names.
func distinctTrails(trails []*TrailIO) ([]*TrailIO, error) {
	return unique(trails, func(t *TrailIO) string {
		if t.Output {
			return "output " + t.Trail
		}
		return "input " + t.Trail
	})
}
