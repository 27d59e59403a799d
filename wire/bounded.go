package wire

import (
	"maps"
	"time"
)

// maxBounded is how many entries a Bounded has. More than that are the product of names that change
// all the time.
const maxBounded = 10_000

// sweepEvery is how often a Bounded looks for entries to drop.
const sweepEvery = time.Minute

// Bounded is a map for what gets old, by names from outside. It drops what is old, and takes no
// more when it is full. The zero value is empty. It is not safe for concurrent use.
type Bounded[V any] struct {
	entries map[string]V
	swept   time.Time
}

// Get returns the value of a name, and whether there is one.
func (b *Bounded[V]) Get(name string) (V, bool) {
	v, is := b.entries[name]
	return v, is
}

// Put sets the value of a name, and reports whether there was room for it. Old says which values
// may go.
func (b *Bounded[V]) Put(name string, v V, now time.Time, old func(V) bool) bool {
	if now.Sub(b.swept) >= sweepEvery {
		b.swept = now
		maps.DeleteFunc(b.entries, func(_ string, v V) bool { return old(v) })
	}
	if _, is := b.entries[name]; !is && len(b.entries) >= maxBounded {
		return false
	}
	if b.entries == nil {
		b.entries = map[string]V{}
	}
	b.entries[name] = v
	return true
}

// Delete drops a name.
func (b *Bounded[V]) Delete(name string) { delete(b.entries, name) }

// Forget drops all names that gone reports true for.
func (b *Bounded[V]) Forget(gone func(name string) bool) {
	maps.DeleteFunc(b.entries, func(name string, _ V) bool { return gone(name) })
}

// Has reports whether there is a value that is true for.
func (b *Bounded[V]) Has(is func(V) bool) bool {
	for _, v := range b.entries {
		if is(v) {
			return true
		}
	}
	return false
}

// Len returns how many entries there are.
func (b *Bounded[V]) Len() int { return len(b.entries) }
