package ogg

import (
	"context"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Build is which GoldenGate a service is. Empty fields were not told.
type Build struct {
	// Version is the product's, such as 23.8.0.25.04.
	Version string `json:"version"`
	// Platform is the host's operating system, as the build names it.
	Platform string `json:"platform"`
	// DBMS is the database that the build is for: Oracle, or in 12.3 with a
	// release such as Oracle 12c.
	DBMS string `json:"dbms"`
}

// build returns the service's build: response.build of GET /config/summary (all
// releases; role User), read once per start of the service. Without knowing when
// that was it is read each time.
func (e *endpoint) build(ctx context.Context, started wire.Timestamp) (*Build, error) {
	e.memory.mu.Lock()
	build := e.memory.build
	e.memory.mu.Unlock()
	if build != nil && !started.IsZero() {
		return build, nil
	}
	summary, err := get[struct{ Build Build }](ctx, e, "/config/summary")
	if err != nil {
		return nil, err
	}
	e.memory.mu.Lock()
	defer e.memory.mu.Unlock()
	e.memory.build = &summary.Build
	return e.memory.build, nil
}
