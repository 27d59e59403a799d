package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
)

// measureMemory scrapes each Service Manager of the largest fleet every 15 seconds, and then all at
// once.
func measureMemory(ctx context.Context, b *bench) error {
	return b.on(ctx, FleetOptions{FleetSize: fleetOf(largest), Latency: latency}, byDefault, func(f *fleet, e *exporter) error {
		bare, err := startClient(ctx, f)
		if err != nil {
			return err
		}
		defer bare.end()
		const interval = 15 * time.Second
		if err := e.probeAll(ctx, len(f.URLs), interval, b.times(3)); err != nil {
			return err
		}
		if err := bare.sendEach(f); err != nil {
			return err
		}
		if err := b.addMemory("one Service Manager per scrape", e, bare, 140, "the connections, and what is kept of the last poll of each Service Manager"); err != nil {
			return err
		}
		if err := b.measureScale(ctx, f, e, bare); err != nil {
			return err
		}
		return errors.Join(b.addMemory("all in one scrape", e, bare, 220, "all samples of the scrape at once, which client_golang's formats need"),
			b.profileMemory(ctx, e))
	})
}

// addMemory adds a row with the peak memory until now.
func (b *bench) addMemory(name string, e *exporter, bare *client, target float64, bound string) error {
	peak, err := e.peakMemory()
	of, bareErr := bare.peakMemory()
	b.atMost("memory for 10,000 processes, "+name, mebibytes(peak), target, "%.0f MiB",
		fmt.Sprintf(" (bare client %.0f)", mebibytes(of)), bound)
	return errors.Join(err, bareErr)
}

// profileMemory profiles the exporter's heap and goroutines, if -profiles is set.
func (b *bench) profileMemory(ctx context.Context, e *exporter) error {
	if b.profiles == "" {
		return nil
	}
	return errors.Join(e.profile(ctx, "heap", filepath.Join(b.profiles, "memory.heap.pprof")),
		e.profile(ctx, "goroutine", filepath.Join(b.profiles, "memory.goroutine.pprof")))
}

// probeAll scrapes the first n Service Managers, one after the other, spread over interval,
// for some rounds.
func (e *exporter) probeAll(ctx context.Context, n int, interval time.Duration, rounds int) error {
	tick := time.NewTicker(interval / time.Duration(n))
	defer tick.Stop()
	var group errgroup.Group
	for i := range n * rounds {
		group.Go(func() error {
			_, err := e.scrape(ctx, scopes[0].probe(targetName(i%n)), prometheusTimeout)
			return err
		})
		<-tick.C
	}
	return group.Wait()
}

// sendEach sends the requests of a scrape of each Service Manager, one Service Manager after the
// other.
func (c *client) sendEach(f *fleet) error {
	requests, err := f.least(scopes[0])
	if err != nil {
		return err
	}
	of := make([][]Request, len(f.URLs))
	for _, r := range requests {
		of[r.Manager] = append(of[r.Manager], r)
	}
	for _, requests := range of {
		if _, err := c.send(requests, byDefault); err != nil {
			return err
		}
	}
	return nil
}

// measureScale scrapes everything at once, with Prometheus's default timeout.
func (b *bench) measureScale(ctx context.Context, f *fleet, e *exporter, bare *client) error {
	requests, err := f.least(scopes[0])
	if err != nil {
		return err
	}
	var took, cpus, ofFleet, alone values
	var last exposition
	var failure error
	for range b.times(4) {
		before, err := f.cpu()
		if err != nil {
			return err
		}
		cpu, err := e.cpuOf(1, func() (err error) {
			last, err = e.scrape(ctx, scopes[0].path, prometheusTimeout)
			return err
		})
		failure = errors.Join(failure, err)
		after, err := f.cpu()
		if err != nil {
			return err
		}
		of, err := bare.send(requests, byDefault)
		if err != nil {
			return err
		}
		took, cpus = append(took, last.took.Seconds()), append(cpus, cpu)
		ofFleet, alone = append(ofFleet, (after-before).Seconds()), append(alone, of.Seconds())
	}
	value := fmt.Sprintf("%.1f s, at least %.1f (%d samples, %.2f MiB compressed; CPU: exporter %.1f s, fleet %.1f s; bare client %.1f s)",
		took.median(), took.least(), last.samples, mebibytes(int64(last.size)), cpus.median(), ofFleet.median(), alone.median())
	if failure != nil {
		value += ": " + failure.Error()
	}
	b.add("scale: 10,000 processes in one scrape", value, "< 10 s, no failure", "the cores, which the fleet uses as well",
		failure == nil && took.median() < prometheusTimeout.Seconds())
	return nil
}
