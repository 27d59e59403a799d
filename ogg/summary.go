package ogg

import (
	"context"
	"sync/atomic"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Build is the GoldenGate build of a service. Fields that are not reported are empty.
type Build struct {
	// Version is the product version, such as 23.8.0.25.04.
	Version string `json:"version"`
	// Platform is the operating system that the build is for.
	Platform string `json:"platform"`
	// DBMS is the database that the build is for: Oracle, in 12.3 with a release, such as
	// Oracle 12c.
	DBMS string `json:"dbms"`
}

// buildMemory remembers the build of a service, once its version is known, until the service
// restarts.
type buildMemory struct{ build atomic.Pointer[Build] }

// readBuild returns response.build of GET /config/summary (all releases; role User), from the
// first service of the deployment that can answer. It reads it once after each start of that
// service, or in each poll if the start time is not known.
func readBuild(ctx context.Context, v *visit) (*Build, bool, error) {
	for _, name := range []string{"adminsrvr", "distsrvr", "recvsrvr", "pmsrvr", ServiceManager} {
		if p := v.peer(name); p != nil && p.endpoint != nil {
			build, err := buildOf(ctx, p.endpoint, !p.started().IsZero())
			return build, true, err
		}
	}
	return nil, false, nil
}

// buildOf returns the build of a service, from memory if that can be trusted.
func buildOf(ctx context.Context, e *rest.Endpoint, trusted bool) (*Build, error) {
	memory := wire.Remembered[buildMemory](e.Memory())
	if build := memory.build.Load(); build != nil && trusted {
		return build, nil
	}
	summary, err := rest.GetWhole[struct {
		Build Build `json:"build"`
	}](ctx, e, "/config/summary")
	switch {
	case err != nil && !rest.IsOdd(err):
		return nil, err
	case summary.Build == (Build{}):
		return nil, wire.Join(err, &BodyError{URL: e.Base() + "/config/summary", Got: "an answer without build"})
	case err == nil && summary.Build.Version != "":
		memory.build.Store(&summary.Build)
	}
	return &summary.Build, err
}
