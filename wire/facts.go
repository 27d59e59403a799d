package wire

import (
	"sync"
	"time"
)

// Facts remembers, by name, what an API answered that seldom changes, and when to ask for it again:
// when an interval is over, or, if there was no answer, after growing waits. The zero value knows
// nothing, so that everything is due. It is safe for concurrent use.
type Facts[T any] struct {
	mu    sync.Mutex
	known Bounded[fact[T]]
}

// fact is what is known under a name, and when to ask again.
type fact[T any] struct {
	value T
	next  time.Time // after an answer; zero if there was none yet
	wait  Wait      // since the last answer
}

// keptFor is how long a fact is kept that nobody asks for, although it is due.
const keptFor = 24 * time.Hour

// isOld reports whether nobody has asked for the fact for long.
func (f fact[T]) isOld(now time.Time) bool {
	if f.next.IsZero() {
		return f.wait.isOld(now)
	}
	return now.Sub(f.next) >= keptFor
}

// dueAt returns when to ask again.
func (f fact[T]) dueAt() time.Time {
	if f.wait.until.After(f.next) {
		return f.wait.until
	}
	return f.next
}

// Get returns what is known under a name, and whether anything is.
func (f *Facts[T]) Get(name string) (T, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	known, is := f.known.Get(name)
	return known.value, is
}

// Due returns since when it is time to ask, and whether it is. What is not known is due since ever.
func (f *Facts[T]) Due(name string, now time.Time) (since time.Time, due bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	known, _ := f.known.Get(name)
	at := known.dueAt()
	return at, !now.Before(at)
}

// Keep notes an answer, which is due again after the interval.
func (f *Facts[T]) Keep(name string, value T, now time.Time, interval time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.put(name, fact[T]{value: value, next: now.Add(interval)}, now)
}

// Fail notes that there was no answer, and what is known all the same. It is due after the next
// Wait.
func (f *Facts[T]) Fail(name string, value T, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	known, _ := f.known.Get(name)
	known.value = value
	if known.next.After(now) {
		known.next = now
	}
	known.wait.Grow(now)
	f.put(name, known, now)
}

// put sets what is known under a name, if there is room for it. The caller holds f.mu.
func (f *Facts[T]) put(name string, known fact[T], now time.Time) {
	f.known.Put(name, known, now, func(f fact[T]) bool { return f.isOld(now) })
}

// Set changes what is known under a name, if anything is, and not when to ask again.
func (f *Facts[T]) Set(name string, value T) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if known, is := f.known.Get(name); is {
		known.value = value
		f.known.entries[name] = known
	}
}

// Renew makes what is known under a name due.
func (f *Facts[T]) Renew(name string, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if known, is := f.known.Get(name); is && now.Before(known.dueAt()) {
		f.known.entries[name] = fact[T]{value: known.value, next: now}
	}
}

// Delete drops what is known under a name.
func (f *Facts[T]) Delete(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known.Delete(name)
}

// Forget drops everything that gone reports true for.
func (f *Facts[T]) Forget(gone func(name string) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known.Forget(gone)
}
