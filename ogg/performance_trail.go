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
	// Bytes, Operations, Time and LOBBytes are counters that start at 0 with the process. Time is
	// how long the operations took, in seconds.
	Bytes, Operations, Time, LOBBytes wire.Number
	// Reading and Writing are what is reported only of a trail that is read, or written.
	Reading TrailReading
	Writing TrailWriting
	// FileMax is the size of a full file of a trail that is written.
	FileMax wire.Number
}

// TrailReading counts since the start of the process.
type TrailReading struct {
	Errors wire.Number `json:"trailReadErrors"`
	// TimesAtEnd is how often there was nothing left to read.
	TimesAtEnd wire.Number `json:"trailTimesAtEof"`
}

// TrailWriting counts, except LastFlush, since the start of the process. FlushTime is in seconds.
type TrailWriting struct {
	Flushes, FlushTime, FlushedBytes wire.Number
	LastFlush                        wire.Timestamp
}

// trailIO is a trail in the response of trailInput or trailOutput. The unit of its times is not
// documented: one recorded body (1761435 for 423732 reads) fits microseconds.
type trailIO struct {
	Name         string      `json:"trailName"`
	Path         string      `json:"trailPath"`
	Sequence     wire.Number `json:"trailSeq"`
	Offset       wire.Number `json:"trailRba"`
	ReadBytes    wire.Number `json:"ioReadBytes"`
	WrittenBytes wire.Number `json:"ioWriteBytes"`
	Reads        wire.Number `json:"ioReadCount"`
	Writes       wire.Number `json:"ioWriteCount"`
	ReadTime     wire.Number `json:"trailReadTime"`
	WriteTime    wire.Number `json:"trailWriteTime"`
	LOBBytes     wire.Number `json:"trailLobBytes"`

	TrailReading

	FileMax      wire.Number    `json:"trailMaxBytes"`
	Flushes      wire.Number    `json:"trailBufferFlushes"`
	FlushTime    wire.Number    `json:"trailBufferFlushTime"`
	FlushedBytes wire.Number    `json:"trailBytesFlushed"`
	LastFlush    wire.Timestamp `json:"trailLastBufferFlushTs"`
}

// trail returns what is reported of a trail that is written, or read.
func (t *trailIO) trail(at trailLocation, output bool) *TrailIO {
	io := &TrailIO{
		TrailPosition: TrailPosition{Sequence: t.Sequence, Offset: t.Offset, location: at},
		Output:        output, LOBBytes: t.LOBBytes, FileMax: t.FileMax,
	}
	if !output {
		io.Bytes, io.Operations, io.Time, io.Reading = t.ReadBytes, t.Reads, t.ReadTime.Per(1e6), t.TrailReading
		return io
	}
	io.Bytes, io.Operations, io.Time = t.WrittenBytes, t.Writes, t.WriteTime.Per(1e6)
	io.Writing = TrailWriting{t.Flushes, t.FlushTime.Per(1e6), t.FlushedBytes, t.LastFlush}
	return io
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
		known = append(known, t.trail(at, output))
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
