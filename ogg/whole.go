package ogg

import (
	"slices"
	"sync"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// wholeLists are the lists that a poll of a deployment read whole, by their routes.
type wholeLists struct {
	mu     sync.Mutex
	routes []string
}

// noteWhole notes that a list was read whole.
func (v *visit) noteWhole(route string) {
	w := wire.Remembered[wholeLists](&v.shared)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.routes = append(w.routes, route)
}

// isWhole reports whether a list was read whole.
func (v *visit) isWhole(route string) bool {
	w := wire.Remembered[wholeLists](&v.shared)
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Contains(w.routes, route)
}
