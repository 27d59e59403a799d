//go:build soak

package e2e

import (
	"maps"
	"sync"
)

// facts are what is known about the exporter, by name: whether a Service Manager or a
// cloud is configured, whether a deployment of the cloud is read, whether a series of the
// cloud is 1, and whether the configuration was loaded.
type facts struct {
	mu sync.Mutex
	of map[string]fact
}

// fact is whether something holds.
type fact struct {
	holds    bool
	changes  int
	changing bool // not known at the moment
}

// now returns the facts, for a scrape that begins.
func (f *facts) now() map[string]fact {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.of)
}

// since returns those that have not changed since then, nor were about to.
func (f *facts) since(then map[string]fact) map[string]bool {
	same := map[string]bool{}
	for name, is := range f.now() {
		if was := then[name]; !was.changing && was.changes == is.changes {
			same[name] = is.holds
		}
	}
	return same
}

// change marks facts that are about to change.
func (f *facts) change(names ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, name := range names {
		f.of[name] = fact{changes: f.of[name].changes + 1, changing: true}
	}
}

// settle sets the facts that were about to change.
func (f *facts) settle(are map[string]bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of == nil {
		f.of = map[string]fact{}
	}
	for name, holds := range are {
		if is, known := f.of[name]; !known || is.changing {
			f.of[name] = fact{holds: holds, changes: is.changes}
		}
	}
}

// settle records whether the configuration was loaded.
func (s *soak) settle(good bool) {
	are := map[string]bool{loaded: good}
	if good {
		are[cloudName] = s.cloud.configured
		for _, m := range s.sims {
			if m.cloud == nil {
				are[m.name] = m.configured
			}
		}
	}
	s.facts.settle(are)
}
