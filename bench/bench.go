package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// bench is the state that all measurements share.
type bench struct {
	table
	dir      string // for temporary files
	program  string // the exporter
	profiles string // directory for profiles; no profiles if empty
	quick    bool
	log      io.Writer
}

// times returns how often to take a value that is taken n times unless -quick is set.
func (b *bench) times(n int) int {
	if b.quick {
		return 1
	}
	return n
}

// Latencies of the fleet.
const (
	latency     = 20 * time.Millisecond
	longLatency = 100 * time.Millisecond
)

// requestLog is more than the number of requests in a scrape.
const requestLog = 20_000

// Values of max_concurrent_requests: the default, and one that is never reached.
const (
	byDefault = 8
	unlimited = 1000
)

// mostToOneHost is the default of max_concurrent_requests_total, or max_concurrent_requests if that is
// more.
const mostToOneHost = 64

// Sizes of fleets.
var (
	oneOf200 = oggtest.FleetSize{ServiceManagers: 1, Deployments: 1, Processes: 200}
	tenOf50  = oggtest.FleetSize{ServiceManagers: 1, Deployments: 10, Processes: 50}
)

// fleetOf returns the fleet for fewer than 100 processes, or for a multiple of 100: Service
// Managers with four deployments of 25 processes each.
func fleetOf(processes int) oggtest.FleetSize {
	if processes < 100 {
		return oggtest.FleetSize{ServiceManagers: 1, Deployments: 1, Processes: processes}
	}
	return oggtest.FleetSize{ServiceManagers: processes / 100, Deployments: 4, Processes: 25}
}

const largest = 10_000

// scope is a choice of collectors.
type scope struct {
	name, path string
	everything bool
}

// scopes are the measured choices.
var scopes = []scope{{"status and lag", "/metrics" + statusAndLag, false}, {"all default collectors", "/metrics", true}}

// probe returns the path that reads one Service Manager, without the exporter's own metrics.
func (s scope) probe(target string) string {
	path, query, _ := strings.Cut(s.path, "?")
	return strings.Replace(path, "/metrics", "/probe", 1) + "?target=" + target + strings.TrimSuffix("&"+query, "&")
}

// on runs take with a fleet and an exporter that reads it, each in a process of its own.
func (b *bench) on(ctx context.Context, o FleetOptions, concurrency int, take func(*fleet, *exporter) error) error {
	f, err := startFleet(ctx, o)
	if err != nil {
		return err
	}
	defer f.end()
	e, err := b.readFleet(ctx, f, concurrency)
	if err != nil {
		return err
	}
	defer e.end()
	return take(f, e)
}

// patience is the timeout of scrapes to which Prometheus's timeout does not apply.
const patience = time.Minute

// warm scrapes until the exporter has learned what it can and has opened its connections.
func (e *exporter) warm(ctx context.Context, path string) error {
	return repeat(2, func() error {
		_, err := e.scrape(ctx, path, patience)
		return err
	})
}

// cpuOf returns the CPU time that the process uses for each of n calls of do, in seconds.
func (p *process) cpuOf(n int, do func() error) (float64, error) {
	before, err := p.cpu()
	if err != nil {
		return 0, err
	}
	if err := repeat(n, do); err != nil {
		return 0, err
	}
	after, err := p.cpu()
	return (after - before).Seconds() / float64(n), err
}

func repeat(n int, do func() error) error {
	for range n {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// profiled runs do while the exporter is being profiled, if -profiles is set.
func (b *bench) profiled(ctx context.Context, e *exporter, name string, do func() error) error {
	if b.profiles == "" {
		return nil
	}
	begin := time.Now()
	if err := do(); err != nil {
		return err
	}
	seconds := int(2*time.Since(begin).Seconds()) + 1
	file := filepath.Join(b.profiles, strings.ReplaceAll(name, " ", "-")+".cpu.pprof")
	return e.profileWhile(ctx, seconds, file, do)
}

// profileWhile writes a CPU profile of the exporter over some seconds, in which it repeats do.
func (e *exporter) profileWhile(ctx context.Context, seconds int, file string, do func() error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var group errgroup.Group
	group.Go(func() error {
		defer cancel() // stops calling do
		return e.profile(ctx, fmt.Sprintf("profile?seconds=%d", seconds), file)
	})
	for ctx.Err() == nil {
		if err := do(); err != nil && ctx.Err() == nil {
			return errors.Join(err, group.Wait())
		}
	}
	return group.Wait()
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }
