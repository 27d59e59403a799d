package wire

import "time"

// Lacking remembers what an API answered 404 for, so that it is not asked for it at each
// scrape. The zero value lacks nothing. It is safe for concurrent use.
type Lacking struct{ facts Facts[struct{}] }

// Has reports whether what is known to be lacking, so that there is no need to ask for it now.
func (l *Lacking) Has(what string, now time.Time) bool {
	_, due := l.facts.Due(what, now)
	return !due
}

// NoteYet remembers that what is lacking so far: Has reports it until the next Wait is over.
func (l *Lacking) NoteYet(what string, now time.Time) { l.facts.Fail(what, struct{}{}, now) }

// Found notes that what is there.
func (l *Lacking) Found(what string) { l.facts.Delete(what) }

// Forget drops everything that again reports true for.
func (l *Lacking) Forget(again func(what string) bool) { l.facts.Forget(again) }
