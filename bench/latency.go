package main

import (
	"context"
	"fmt"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// measureLatency compares a scrape with a bare client that sends the same requests, of which one
// for each login goes ahead, and with one that does not check the login. With all default
// collectors it uses a small deployment, because without latency, the many requests of a large one
// would take the CPU longer than the chain.
func measureLatency(ctx context.Context, b *bench) error {
	small := oggtest.FleetSize{ServiceManagers: 1, Deployments: 1, Processes: 10, Paths: 2}
	for i, size := range []oggtest.FleetSize{tenOf50, small} {
		o := FleetOptions{FleetSize: size, Latency: longLatency}
		err := b.on(ctx, o, unlimited, func(f *fleet, e *exporter) error {
			return b.compareChain(ctx, scopes[i], f, e)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// compareChain adds the row of a scope. Only status and lag have a target: of everything else, a
// service is asked for what matters most first, and not for all at once.
func (b *bench) compareChain(ctx context.Context, s scope, f *fleet, e *exporter) error {
	w, err := b.compareWalls(ctx, s, f, e, unlimited, 7)
	if err != nil {
		return err
	}
	figure := "latency ratio to a bare client with the login check, " + s.name
	remark := fmt.Sprintf(" (%.0f ms, at least %.0f, to %.0f for the chain of %d, which the login check makes %d; bare client without it %.0f ms; %d requests)",
		w.exporter.median()*1e3, w.exporter.least()*1e3, w.checked.median()*1e3,
		len(stepsOf(w.requests)), len(withLoginCheck(w.requests)), w.plain.median()*1e3, len(w.requests))
	if s.everything {
		b.note(figure, fmt.Sprintf("%.2f", w.ratio())+remark, "a service is asked for what matters most first, and then for the rest")
		return nil
	}
	b.atMost(figure, w.ratio(), 1.05, "%.2f", remark, "the round trips that depend on one another")
	return nil
}
