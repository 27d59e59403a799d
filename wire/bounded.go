package wire

import (
	"maps"
	"time"
)

// maxBounded is how many entries a Bounded has. More than that are the product of names that change
// all the time.
const maxBounded = 10_000

// sweepEvery is how often a full Bounded looks for entries to drop.
const sweepEvery = time.Minute

// Bounded is a map for what has a time until which it counts, by names from outside. When it is
// full it drops what no longer counts, and if that is not enough it does not take more. The zero
// value is empty. It is not safe for concurrent use.
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
	if _, is := b.entries[name]; !is && len(b.entries) >= maxBounded && !b.sweep(now, old) {
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

// sweep drops what is old, and reports whether there is room now.
func (b *Bounded[V]) sweep(now time.Time, old func(V) bool) bool {
	if now.Sub(b.swept) < sweepEvery {
		return false
	}
	b.swept = now
	maps.DeleteFunc(b.entries, func(_ string, v V) bool { return old(v) })
	return len(b.entries) < maxBounded
}

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
