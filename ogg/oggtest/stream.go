package oggtest

import (
	"cmp"
	"math"
	"time"
)

// stream is what a source commits and an Extract captures: how much, by source time. The same bytes
// and operations pass through everything behind that Extract.
type stream struct {
	seed                          uint64
	begin                         time.Time // source time at which the Extract began
	bytesPerSecond, rowsPerSecond float64
	swing                         float64       // 0 to 1: by what fraction the rates rise and fall
	period                        time.Duration // of the swing
}

// activity returns how many seconds at the average rate have the work of the time since begin.
func (s *stream) activity(at time.Time) float64 {
	t, turns, phase := max(0, at.Sub(s.begin)).Seconds(), 2*math.Pi/s.period.Seconds(), float64(s.seed%628)/100
	return max(0, t+s.swing/turns*(math.Cos(phase)-math.Cos(turns*t+phase)))
}

// bytes returns the bytes of trail that were committed up to a source time.
func (s *stream) bytes(at time.Time) int64 { return int64(s.activity(at) * s.bytesPerSecond) }

// operations returns the rows that were changed up to a source time.
func (s *stream) operations(at time.Time) int64 { return int64(s.activity(at) * s.rowsPerSecond) }

// scnPerSecond is how fast system change numbers grow in every database.
const scnPerSecond = 37

// scn returns the system change number at a source time.
func (s *stream) scn(at time.Time) int64 {
	return int64(230_000_000_000+s.seed%9_000_000_000) + int64(max(0, at.Sub(s.begin)).Seconds()*scnPerSecond)
}

// Defaults for the files of a trail.
const (
	trailFileSizeMB = 500
	trailFileHeader = 1_500
	trailFilesKept  = 10
)

// files is how a trail is cut into files. Each begins with a header and has the same size when it
// is full. The first is created with the trail; nothing is in it before the first byte.
type files struct {
	first int64 // sequence of the first file
	size  int64 // bytes of a full file
}

// position returns the file and offset after so many bytes.
func (f files) position(bytes int64) (sequence, offset int64) {
	if bytes == 0 {
		return f.first, 0
	}
	capacity := f.size - trailFileHeader
	return f.first + bytes/capacity, trailFileHeader + bytes%capacity
}

// megabytes returns the size of full files in bytes.
func megabytes(size int64) int64 { return cmp.Or(size, trailFileSizeMB) * 1_000_000 }

// redoPosition returns the file and offset of the database's log after so many bytes of trail.
func redoPosition(bytes int64) (sequence, offset int64) {
	return files{first: 410, size: megabytes(0)}.position(bytes)
}
