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

// walls are how long, in seconds, a scrape took, and the least requests that it needs by a bare
// client: with one for each login ahead of the others, and without.
type walls struct {
	requests                 []Request
	exporter, checked, plain values
}

// ratio compares the exporter with the bare client that checks the login, too.
func (w walls) ratio() float64 {
	var ratios values
	for i := range w.exporter {
		ratios = append(ratios, w.exporter[i]/w.checked[i])
	}
	return ratios.median()
}

// compareWalls lets the exporter and the bare clients take n turns.
func (b *bench) compareWalls(ctx context.Context, s scope, f *fleet, e *exporter, concurrency, n int) (walls, error) {
	requests, err := f.least(s)
	if err != nil {
		return walls{}, err
	}
	bare, err := startClient(ctx, f)
	if err != nil {
		return walls{}, err
	}
	defer bare.end()
	if err := e.warm(ctx, s.path); err != nil {
		return walls{}, err
	}
	w := walls{requests: requests}
	if _, err := bare.wall(stepsOf(requests), concurrency); err != nil { // opens the connections
		return w, err
	}
	for range b.times(n) {
		x, err := e.scrape(ctx, s.path, patience)
		if err != nil {
			return w, err
		}
		checked, err := bare.wall(withLoginCheck(requests), concurrency)
		if err != nil {
			return w, err
		}
		plain, err := bare.wall(stepsOf(requests), concurrency)
		if err != nil {
			return w, err
		}
		w.exporter, w.checked, w.plain = append(w.exporter, x.took.Seconds()), append(w.checked, checked), append(w.plain, plain)
	}
	return w, nil
}
