package ogg

import (
	"cmp"
	"slices"
	"time"
)

// outline returns what is kept of an installation between polls, see Client.Last. What this poll was
// not to read is as before, and of what it could not read it keeps what does not change.
func (i *Installation) outline(before *Installation, reads func(collector string) bool) *Installation {
	o := *i
	o.Deployments = make([]*Deployment, len(i.Deployments))
	known := make(map[string]*Deployment, len(i.Deployments))
	for n, d := range i.Deployments {
		o.Deployments[n] = d.outline()
		known[d.Name] = o.Deployments[n]
	}
	if before == nil {
		return &o
	}
	if !slices.ContainsFunc([]string{"process", "distribution_path", "receiver_path"}, reads) { // what rules are about
		o.Requirements, o.Rules = before.Requirements, before.Rules
	}
	for _, old := range before.Deployments {
		d := known[old.Name]
		switch {
		case d == nil && i.Listed:
			continue
		case d == nil:
			d = &Deployment{Name: old.Name, Ran: old.Ran}
			o.Deployments = append(o.Deployments, d)
		}
		d.keep(old, before.Begin, reads)
	}
	slices.SortFunc(o.Deployments, func(a, b *Deployment) int { return cmp.Compare(a.Name, b.Name) })
	return &o
}

// outline returns the deployment without the figures of Performance Metrics, except for which trails
// Extracts write, and without everything that only becomes samples.
func (d *Deployment) outline() *Deployment {
	return &Deployment{
		Name: d.Name, Status: d.Status, Enabled: d.Enabled, Ran: d.Ran, Unexpected: d.Unexpected, Listed: d.Listed,
		Services: d.Services, Processes: d.Processes, Definitions: d.Definitions, LastErrors: d.LastErrors,
		Trails: d.Trails, ExtractTrails: d.writtenTrails(), Heartbeats: d.Heartbeats, TableHeartbeats: d.TableHeartbeats,
		DistributionPaths: d.DistributionPaths, ReceiverPaths: d.ReceiverPaths, DataStreams: d.DataStreams,
		Reads: d.Reads,
	}
}

// writtenTrails returns the trails that Extracts write, and who says so: Performance Metrics only where
// the Distribution Service does not.
func (d *Deployment) writtenTrails() []*ExtractTrail {
	all := slices.Clip(d.ExtractTrails)
	known := make(map[string]bool, len(all))
	for _, t := range all {
		known[t.Extract] = true
	}
	for _, p := range d.Monitored {
		for _, t := range p.Trails {
			if t.Output && p.is("extract") && !known[p.Name] {
				all = append(all, &ExtractTrail{
					Extract: p.Name, TrailPosition: t.TrailPosition, TrailFiles: TrailFiles{FileMax: t.FileMax}, Monitored: true,
				})
			}
		}
	}
	return all
}

// keep takes over from an earlier poll what this one was not to read, or could not read.
func (d *Deployment) keep(old *Deployment, read time.Time, reads func(collector string) bool) {
	lost := func(listed bool, n int) bool { return !listed && n == 0 }
	switch {
	case lost(d.Listed.Processes, len(d.Processes)):
		d.Processes = kept(old.Processes, !reads("process"), (*Process).forgotten)
		d.Kept.Processes = since(len(d.Processes), old.Kept.Processes, read)
	case !d.Listed.Processes:
		d.keepTypes(old)
	}
	if lost(d.Listed.DistributionPaths, len(d.DistributionPaths)) {
		d.DistributionPaths = kept(old.DistributionPaths, !reads("distribution_path"), (*DistributionPath).forgotten)
		d.Kept.DistributionPaths = since(len(d.DistributionPaths), old.Kept.DistributionPaths, read)
	}
	if lost(d.Listed.ReceiverPaths, len(d.ReceiverPaths)) {
		d.ReceiverPaths = kept(old.ReceiverPaths, !reads("receiver_path"), (*ReceiverPath).forgotten)
		d.Kept.ReceiverPaths = since(len(d.ReceiverPaths), old.Kept.ReceiverPaths, read)
	}
	if lost(d.Listed.Processes && reads("definition"), len(d.Definitions)) {
		d.Definitions = old.Definitions
	}
	if lost(d.Listed.Processes && reads("message"), len(d.LastErrors)) {
		d.LastErrors = old.LastErrors
	}
	if lost(d.Listed.DistributionPaths && reads("trail"), len(d.ExtractTrails)) {
		d.ExtractTrails = old.ExtractTrails
	}
	if lost(d.Listed.Processes && reads("trail"), len(d.Trails)) {
		d.Trails = old.Trails
	}
	if !reads("heartbeat") {
		d.Heartbeats, d.TableHeartbeats = old.Heartbeats, old.TableHeartbeats
		d.Kept.Heartbeats = since(len(d.Heartbeats), old.Kept.Heartbeats, read)
	}
	if !reads("data_stream") {
		d.DataStreams = old.DataStreams
		d.Kept.DataStreams = since(len(d.DataStreams), old.Kept.DataStreams, read)
	}
	if !reads("service") {
		d.keepHealth(old)
	}
	if d.failed("service") || len(d.Services) == 0 {
		d.keepServices(old)
	}
	d.keepReads(old, reads)
}

// keepTypes takes over the processes of a type of which none could be read: Extracts and Replicats have a list
// each.
func (d *Deployment) keepTypes(old *Deployment) {
	read := map[ProcessType]bool{}
	for _, p := range d.Processes {
		read[p.Type] = true
	}
	d.Processes = slices.Clip(d.Processes)
	for _, p := range old.Processes {
		if !read[p.Type] {
			d.Processes = append(d.Processes, p.forgotten())
		}
	}
}

// keepServices takes over which services there are, and where they listen: paths lead there.
func (d *Deployment) keepServices(old *Deployment) {
	d.Services = slices.Clone(d.Services)
	for _, before := range old.Services {
		i := slices.IndexFunc(d.Services, func(s *Service) bool { return s.Name == before.Name })
		switch {
		case i < 0:
			d.Services = append(d.Services, &Service{Name: before.Name, Port: before.Port})
		case d.Services[i].Port == 0:
			with := *d.Services[i]
			with.Port = before.Port
			d.Services[i] = &with
		}
	}
	slices.SortFunc(d.Services, func(a, b *Service) int { return cmp.Compare(a.Name, b.Name) })
}

// keepHealth takes over what the services last reported of themselves.
func (d *Deployment) keepHealth(old *Deployment) {
	d.Services = slices.Clone(d.Services)
	for i, s := range d.Services {
		if before := old.Service(s.Name); before != nil && s.Healthy == nil && s.Status == before.Status && (s.LoginBlocked == nil || !*s.LoginBlocked) {
			with := *s
			with.Healthy, with.Started, with.CriticalResources = before.Healthy, before.Started, before.CriticalResources
			d.Services[i] = &with
		}
	}
}

// keepReads takes over how it went to read what this poll was not to read.
func (d *Deployment) keepReads(old *Deployment, reads func(collector string) bool) {
	d.Reads = slices.Clip(d.Reads)
	for _, r := range old.Reads {
		isNew := func(other Read) bool { return other.Collector == r.Collector }
		if !reads(r.Collector) && !slices.ContainsFunc(d.Reads, isNew) {
			d.Reads = append(d.Reads, r)
		}
	}
}

// kept returns objects as they were, or what does not change of them.
func kept[T any](objects []*T, asTheyWere bool, forgotten func(*T) *T) []*T {
	if asTheyWere {
		return objects
	}
	all := make([]*T, len(objects))
	for i, o := range objects {
		all[i] = forgotten(o)
	}
	return all
}

// since returns when what is kept was read; zero if that is nothing.
func since(n int, kept, read time.Time) time.Time {
	switch {
	case n == 0:
		return time.Time{}
	case kept.IsZero():
		return read
	default:
		return kept
	}
}

// forgotten returns the process without what changes all the time.
func (p *Process) forgotten() *Process {
	f := &Process{Name: p.Name, Type: p.Type, Started: p.Started, Ran: p.Ran}
	if p.Position != nil {
		f.Position = p.Position.forgotten()
	}
	return f
}

// forgotten returns the path without what changes all the time.
func (p *DistributionPath) forgotten() *DistributionPath {
	return &DistributionPath{Path: p.Path.forgotten(), TargetInitiated: p.TargetInitiated}
}

// forgotten returns the path without what changes all the time.
func (p *ReceiverPath) forgotten() *ReceiverPath {
	return &ReceiverPath{Path: p.Path.forgotten(), TargetInitiated: p.TargetInitiated}
}

func (p *Path) forgotten() Path {
	f := Path{
		Name: p.Name, Started: p.Started, Ran: p.Ran, Source: p.Source, Target: p.Target,
		Extract: p.Extract, Database: p.Database, Instance: p.Instance,
	}
	for _, at := range p.Inputs {
		f.Inputs = append(f.Inputs, at.forgotten())
	}
	for _, at := range p.Outputs {
		f.Outputs = append(f.Outputs, at.forgotten())
	}
	return f
}

// forgotten returns only which trail it is.
func (p *TrailPosition) forgotten() *TrailPosition {
	return &TrailPosition{Trail: p.Trail, location: p.location}
}
