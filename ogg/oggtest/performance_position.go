package oggtest

import (
	"cmp"
	"path"
	"strconv"
	"time"
)

// TrailInputShape is how the point trailInput lists the trails that a process reads.
type TrailInputShape string

// The shapes of trailInput. Only a flat object is documented, but its twin trailOutput suggests an
// array since 23ai.
const (
	TrailInputByRelease TrailInputShape = ""
	TrailInputObject    TrailInputShape = "object"      // the members of one trail, flat
	TrailInputs         TrailInputShape = "trailInputs" // an array with this name
	TrailInputArray     TrailInputShape = "trailInput"  // an array named like the point
)

// positionPoints are the positions of a process in its trails and logs.
var positionPoints = []point{
	{name: "positionEr", of: (*monitored).moves, tell: (*monitored).positionEr},
	{name: "trailInput", of: (*monitored).readsTrails, tell: (*monitored).trailInput},
	{name: "trailOutput", of: (*monitored).extracts, tell: (*monitored).trailOutput},
}

func (m *monitored) readsTrails() bool { return m.replicates() || m.kind == "DistServer" }

// positionEr returns the current lag and positions of a process.
func (m *monitored) positionEr() (object, *failure) {
	p, now := m.server.profile.points, m.progress()
	replicat := m.process.spec.Type == Replicat
	var last any
	if m.operations() > 0 {
		last = now.source
	}
	in, out := m.logPosition(now), m.trailPosition(now)
	if replicat {
		in, out = out, nil
	}
	return join(
		object{
			{"lastOperationLagMs", milliseconds(now.lag)},
			{"lastOperationTs", last},
			{"lastCheckpointTs", now.checkpoint},
		},
		when(p.watermarks, member{"endOfFile", m.process.atEnd(now)}, member{"trailTimesAtEof", m.timesAtEOF()}, member{"processMode", m.mode}),
		when(p.watermarks && replicat && (m.process.spec.parallel() || m.process.spec.Mode == Integrated), m.watermarks(now)...),
		object{{"inputCheckpoint", in}},
		when(out != nil, member{"outputCheckpoint", out}),
	), nil
}

// watermarks returns the marks below which everything is applied, and above which nothing is.
func (m *monitored) watermarks(now progress) object {
	low := now.lag + 1500*time.Millisecond
	return object{
		{"lowWatermarkLagMs", milliseconds(low)},
		{"highWatermarkLagMs", milliseconds(now.lag)},
		{"lowWatermarkTs", now.checkpoint.Add(-low)},
		{"highWatermarkTs", now.checkpoint.Add(-now.lag)},
	}
}

// logPosition returns a position in the database's log.
func (m *monitored) logPosition(now progress) object {
	sequence, offset := redoPosition(now.bytes)
	return object{
		{"redoThread", number(1)},
		{"sequence", number(sequence)},
		{"rba", number(offset)},
		{"scn", strconv.FormatInt(now.scn, 10)},
		{"timestamp", now.source},
	}
}

// trailPosition returns a position in a trail.
func (m *monitored) trailPosition(now progress) object {
	return object{
		{"sequence", number(now.sequence)},
		{"rba", number(now.offset)},
		{"timestamp", now.checkpoint},
	}
}

// timesAtEOF counts how often there was nothing left to read: never for what always lags behind what
// is before it.
func (m *monitored) timesAtEOF() number {
	if m.process == nil {
		return 0
	}
	before := time.Duration(0)
	for up := m.process.upstream(); up != nil; up = up.upstream() {
		before = max(before, up.spec.Lag)
	}
	if m.process.spec.Lag > before {
		return 0
	}
	return m.each(2 * time.Second)
}

// place returns the name and directory of the process's trail. The name is two letters; a path
// before them belongs to the directory.
func (m *monitored) place() (name, directory string) {
	name = m.process.trailName(m.dep, m.server.profile)
	home := "/u02/ogg/" + m.dep.spec.Name + "/var/lib/data"
	return path.Base(name), cmp.Or(m.process.spec.TrailPath, path.Join(home, path.Dir(name)))
}

// trailInput lists the trails that a Replicat or the Distribution Service reads.
func (m *monitored) trailInput() (object, *failure) {
	var trails list
	if m.process != nil {
		name, directory := m.place()
		trails = list{trailRead(name, directory, m.progress(), m.bytes(), m.timesAtEOF())}
	} else {
		trails = m.trailsSent()
	}
	shape := m.server.spec.TrailInput
	switch {
	case shape != TrailInputByRelease:
	case m.server.profile.points.trailArrays || len(trails) > 1:
		shape = TrailInputs
	default:
		shape = TrailInputObject
	}
	switch {
	case shape != TrailInputObject && (len(trails) > 0 || m.server.spec.NoData == NoDataEmpty):
		return object{{string(shape), trails}}, nil
	case len(trails) > 0:
		return trails[0].(object), nil
	}
	return nil, noData
}

// trailRead returns the entry of a trail that is read. Wait times are in microseconds.
func trailRead(name, directory string, at progress, bytes int64, eof number) object {
	return object{
		{"trailName", name},
		{"trailPath", directory},
		{"trailSeq", number(at.sequence)},
		{"trailRba", number(at.offset)},
		{"ioReadBytes", number(bytes)},
		{"ioReadCount", number(bytes/24_000) + eof},
		{"trailReadErrors", number(bytes / 50_000_000_000)},
		{"trailTimesAtEof", eof},
		{"trailLobBytes", number(bytes / 400)},
		{"trailReadTime", number(bytes / 600)},
	}
}

// written returns the position up to which an Extract has written: beyond its checkpoint while the
// service hears from it.
func (m *monitored) written() (sequence, offset int64) {
	at := m.now
	if !m.process.silent.IsZero() {
		at = m.heard
	}
	return m.process.out.end(at)
}

// trailOutput returns the trail that an Extract writes: in an array since 23ai.
func (m *monitored) trailOutput() (object, *failure) {
	name, directory := m.place()
	now, bytes := m.progress(), m.bytes()
	sequence, offset := m.written()
	flushes := m.each(time.Second)
	trail := object{
		{"trailName", name},
		{"trailPath", directory},
		{"hostname", "localhost"},
		{"portType", "LocalTrail"},
		{"trailSeq", number(sequence)},
		{"trailRba", number(offset)},
		{"trailMaxBytes", number(m.process.files().size)},
		{"ioWriteBytes", number(bytes)},
		{"ioWriteCount", number(bytes / 28_000)},
		{"trailBytesFlushed", number(bytes)},
		{"trailBufferFlushes", flushes},
		{"trailLobBytes", number(bytes / 400)},
		{"trailWriteTime", number(bytes / 500)},
		{"trailBufferFlushTime", flushes * 240},
		{"trailLastBufferFlushTs", now.checkpoint},
	}
	if m.server.profile.points.trailArrays {
		return object{{"trailOutputs", list{trail}}}, nil
	}
	return trail, nil
}
