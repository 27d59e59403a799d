package main

import (
	"context"
	"fmt"
	"time"
)

// measureGrowth scrapes fleets of several sizes, without latency, and lets the bare client do the
// same: by how much it grows is not the exporter's, but the machine's.
func measureGrowth(ctx context.Context, b *bench) error {
	var all [4]values // wall time and CPU time per process, and those of the bare client
	for _, size := range []int{10, 100, 1000, largest} {
		err := b.on(ctx, FleetOptions{FleetSize: fleetOf(size)}, byDefault, func(f *fleet, e *exporter) error {
			costs, err := b.costs(ctx, f, e, size)
			for i, cost := range costs {
				all[i] = append(all[i], cost)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("%d processes: %w", size, err)
		}
	}
	b.addGrowth("CPU", 1.15, all[1], all[3])
	b.addGrowth("wall time", 1.2, all[0], all[2])
	return nil
}

// addGrowth adds a row for values at each size.
func (b *bench) addGrowth(name string, target float64, v, bare values) {
	b.atMost("growth: "+name+" per process, maximum to minimum from 100 on", v[1:].most()/v[1:].least(), target, "%.2f",
		fmt.Sprintf(" (%.0f, %.0f, %.0f, %.0f µs at 10, 100, 1,000, 10,000; bare client %.2f: %.0f, %.0f, %.0f, %.0f)",
			v[0]*1e6, v[1]*1e6, v[2]*1e6, v[3]*1e6, bare[1:].most()/bare[1:].least(), bare[0]*1e6, bare[1]*1e6, bare[2]*1e6, bare[3]*1e6),
		"the processor's caches, for which thousands of connections are too many")
}

// costs returns the wall time and CPU time of a scrape per process of the fleet, in seconds,
// without that of a scrape of the exporter's own metrics, and the same of the bare client.
func (b *bench) costs(ctx context.Context, f *fleet, e *exporter, size int) ([4]float64, error) {
	var costs [4]float64
	requests, err := f.least(scopes[0])
	if err != nil {
		return costs, err
	}
	bare, err := startClient(ctx, f)
	if err != nil {
		return costs, err
	}
	defer bare.end()
	own := func() error {
		_, err := e.scrape(ctx, "/metrics?collect[]=exporter", patience)
		return err
	}
	scrape, send := e.scraping(ctx, scopes[0]), bare.sending(requests)
	if err := repeat(2, scrape); err != nil {
		return costs, err
	}
	if err := repeat(2, send); err != nil {
		return costs, err
	}
	batch := min(max(largest/size/2, 1), 100)
	var took [6]values
	for range b.times(3) {
		for i, t := range []turn{{&e.process, 100, own}, {&e.process, batch, scrape}, {&bare.process, batch, send}} {
			wall, cpu, err := t.take()
			if err != nil {
				return costs, err
			}
			took[2*i], took[2*i+1] = append(took[2*i], wall), append(took[2*i+1], cpu)
		}
	}
	n := float64(size)
	return [4]float64{
		(took[2].least() - took[0].least()) / n, (took[3].least() - took[1].least()) / n, took[4].least() / n, took[5].least() / n,
	}, nil
}

// turn is something that a process does some times in a row.
type turn struct {
	of    *process
	batch int
	do    func() error
}

// take returns the wall time and CPU time of one of them, in seconds.
func (t turn) take() (wall, cpu float64, err error) {
	begin := time.Now()
	cpu, err = t.of.cpuOf(t.batch, t.do)
	return time.Since(begin).Seconds() / float64(t.batch), cpu, err
}
