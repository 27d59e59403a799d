package wire

import (
	"maps"
	"sync"
)

// Lacking remembers what an API answered 404 for, so that it is not asked for it at each
// scrape. The zero value lacks nothing. It is safe for concurrent use.
type Lacking struct {
	mu   sync.Mutex
	what map[string]bool
}

// Has reports whether what is known to be lacking.
func (l *Lacking) Has(what string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.what[what]
}

// Note remembers that what is lacking.
func (l *Lacking) Note(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.what == nil {
		l.what = map[string]bool{}
	}
	l.what[what] = true
}

// Forget drops everything that again reports true for.
func (l *Lacking) Forget(again func(what string) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.DeleteFunc(l.what, func(what string, _ bool) bool { return again(what) })
}
