package wire

import (
	"sync"
	"time"
)

// Lacking remembers what an API answered 404 for, so that it is not asked for it at each
// scrape. The zero value lacks nothing. It is safe for concurrent use.
type Lacking struct {
	mu   sync.Mutex
	what Bounded[Wait]
}

// Has reports whether what is known to be lacking, so that there is no need to ask for it now.
func (l *Lacking) Has(what string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	wait, is := l.what.Get(what)
	return is && !wait.Over(now)
}

// NoteYet remembers that what is lacking so far: Has reports it until the next Wait is over.
func (l *Lacking) NoteYet(what string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	wait, _ := l.what.Get(what)
	wait.Grow(now)
	l.what.Put(what, wait, now, func(w Wait) bool { return w.isOld(now) })
}

// Found notes that what is there.
func (l *Lacking) Found(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.what.Delete(what)
}

// Forget drops everything that again reports true for.
func (l *Lacking) Forget(again func(what string) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.what.Forget(again)
}
