package wire

import (
	"maps"
	"sync"
	"time"
)

// Lacking remembers what an API answered 404 for, so that it is not asked for it at each
// scrape. The zero value lacks nothing. It is safe for concurrent use.
type Lacking struct {
	mu   sync.Mutex
	what map[string]lack
}

// lack is one thing that is lacking: always, or until it is time to ask again.
type lack struct {
	always bool
	wait   Wait
}

// Has reports whether what is known to be lacking, so that there is no need to ask for it now.
func (l *Lacking) Has(what string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	known, is := l.what[what]
	return is && (known.always || !known.wait.Over(now))
}

// Note remembers that what is lacking, until Forget or Found.
func (l *Lacking) Note(what string) { l.note(what, func(known *lack) { known.always = true }) }

// NoteYet remembers that what is lacking so far: Has reports it until the next Wait is over.
func (l *Lacking) NoteYet(what string, now time.Time) {
	l.note(what, func(known *lack) { known.wait.Grow(now) })
}

func (l *Lacking) note(what string, change func(*lack)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.what == nil {
		l.what = map[string]lack{}
	}
	known := l.what[what]
	change(&known)
	l.what[what] = known
}

// Found notes that what is there.
func (l *Lacking) Found(what string) { l.Forget(func(other string) bool { return other == what }) }

// Forget drops everything that again reports true for.
func (l *Lacking) Forget(again func(what string) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.DeleteFunc(l.what, func(what string, _ lack) bool { return again(what) })
}
