package bubble

import (
	"sync/atomic"
	"testing"
	"time"
)

// Stalls is how long the machine has let this process wait, because it was busy with others. A test that cannot be in a
// bubble adds it to what something may take.
type Stalls struct{ lost atomic.Int64 }

// WatchStalls measures the stalls from now on, until the test ends.
func WatchStalls(t testing.TB) *Stalls {
	const step = 50 * time.Millisecond
	s, end, ended := &Stalls{}, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for begin := time.Now(); ; begin = time.Now() {
			select {
			case <-end:
				return
			case <-time.After(step):
			}
			if late := time.Since(begin) - step; late > step {
				s.lost.Add(int64(late))
			}
		}
	}()
	t.Cleanup(func() {
		close(end)
		<-ended
	})
	return s
}

// Lost returns for how long the process has had to wait so far.
func (s *Stalls) Lost() time.Duration { return time.Duration(s.lost.Load()) }
