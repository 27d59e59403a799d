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
	// Bytes and ReadErrors are counters that begin at 0 with the process.
	// ReadErrors is told of trails that are read.
	Bytes, ReadErrors wire.Number
}

// trailIO is a trail in the answer of trailInput or trailOutput.
type trailIO struct {
	TrailName, TrailPath string
	TrailSeq, TrailRba   wire.Number
	IoReadBytes          wire.Number
	IoWriteBytes         wire.Number
	TrailReadErrors      wire.Number
}

// trails is the answer of trailInput or trailOutput: one trail laid flat (up to
// 21.3), or an array (trailOutputs in 23ai and later; the others by analogy).
type trails struct {
	trailIO
	TrailInputs, TrailInput, TrailOutputs, TrailOutput []trailIO
}

// trailInputPoint is GET /mpoints/{p}/trailInput (all releases).
var trailInputPoint = monitoringPoint{
	name: "trailInput",
	asks: func(p *Monitored) bool { return p.is("replicat", "distserver") },
	read: reading("trailInput", func(p *Monitored, r *trails) { p.addTrails(r, false) }),
}

// trailOutputPoint is GET /mpoints/{p}/trailOutput (all releases).
var trailOutputPoint = monitoringPoint{
	name: "trailOutput",
	asks: func(p *Monitored) bool { return p.is("extract") },
	read: reading("trailOutput", func(p *Monitored, r *trails) { p.addTrails(r, true) }),
}

// distinctTrails keeps, of trails that got one name, the first. The trails have to
// be named.
func (p *Monitored) distinctTrails() error {
	var err error
	p.Trails, err = unique(p.Trails, func(t *TrailIO) string {
		if t.Output {
			return "output " + t.Trail
		}
		return "input " + t.Trail
	})
	return err
}

// addTrails keeps the trails of an answer, each once.
func (p *Monitored) addTrails(r *trails, output bool) {
	for _, t := range slices.Concat([]trailIO{r.trailIO}, r.TrailInputs, r.TrailInput, r.TrailOutputs, r.TrailOutput) {
		at := locate(t.TrailPath, t.TrailName)
		if t.TrailName == "" || slices.ContainsFunc(p.Trails, func(known *TrailIO) bool { return known.location == at && known.Output == output }) {
			continue
		}
		io := &TrailIO{
			TrailPosition: TrailPosition{Sequence: t.TrailSeq, Offset: t.TrailRba, location: at},
			Output:        output, Bytes: t.IoReadBytes, ReadErrors: t.TrailReadErrors,
		}
		if output {
			io.Bytes = t.IoWriteBytes
		}
		p.Trails = append(p.Trails, io)
	}
}
