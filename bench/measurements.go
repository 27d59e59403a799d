package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// measurement adds rows to the table.
type measurement struct {
	name string
	take func(context.Context, *bench) error
}

// measurements are all measurements, in the order of the table.
var measurements = []measurement{
	{"latency", measureLatency},
	{"concurrency", measureConcurrency},
	{"cpu", measureCPU},
	{"sequential", measureSequential},
	{"sample", measureSample},
	{"memory", measureMemory},
	{"growth", measureGrowth},
	{"requests", measureRequests},
	{"start", measureStart},
}

// bench is the state that all measurements share.
type bench struct {
	dir      string // for temporary files
	program  string // the exporter
	profiles string // directory for profiles; no profiles if empty
	quick    bool
	log      io.Writer
	rows     []row
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

// Sizes of fleets.
var (
	oneOf200 = oggtest.FleetSize{ServiceManagers: 1, Deployments: 1, Processes: 200}
	tenOf50  = oggtest.FleetSize{ServiceManagers: 1, Deployments: 10, Processes: 50}
)

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
	for range 2 {
		if _, err := e.scrape(ctx, path, patience); err != nil {
			return err
		}
	}
	return nil
}

// walls returns how long each of n scrapes took, in seconds.
func (e *exporter) walls(ctx context.Context, path string, n int) (values, error) {
	var took values
	for range n {
		x, err := e.scrape(ctx, path, patience)
		if err != nil {
			return nil, err
		}
		took = append(took, x.took.Seconds())
	}
	return took, nil
}

// ofAScrape returns the requests that the fleet receives in one scrape.
func (b *bench) ofAScrape(ctx context.Context, f *fleet, e *exporter, path string) ([]Request, error) {
	if err := e.warm(ctx, path); err != nil {
		return nil, err
	}
	return f.requests(func() error {
		_, err := e.scrape(ctx, path, patience)
		return err
	})
}

// scope is a choice of collectors.
type scope struct{ name, path string }

// scopes are the measured choices. The targets are meant for the first.
var scopes = []scope{{"status and lag", "/metrics" + statusAndLag}, {"all default collectors", "/metrics"}}

// measureLatency compares a scrape with its longest chain of requests that depend on each
// other. With all default collectors it uses a small deployment, because without latency,
// the many requests of a large one would take the CPU longer than the chain.
func measureLatency(ctx context.Context, b *bench) error {
	small := oggtest.FleetSize{ServiceManagers: 1, Deployments: 1, Processes: 10, Paths: 2}
	for i, size := range []oggtest.FleetSize{tenOf50, small} {
		o := FleetOptions{FleetSize: size, Latency: longLatency, RequestLog: requestLog}
		if err := b.on(ctx, o, unlimited, func(f *fleet, e *exporter) error { return b.compareChain(ctx, scopes[i], f, e) }); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) compareChain(ctx context.Context, s scope, f *fleet, e *exporter) error {
	requests, err := b.ofAScrape(ctx, f, e, s.path)
	if err != nil {
		return err
	}
	took, err := e.walls(ctx, s.path, b.times(10))
	if err != nil {
		return err
	}
	steps := stepsOf(requests)
	bare, err := b.bare(ctx, steps, unlimited)
	if err != nil {
		return err
	}
	b.atMost("latency ratio, "+s.name, took.median()/(float64(len(steps))*longLatency.Seconds()), 1.15, "%.2f",
		fmt.Sprintf(" (%.0f ms, at least %.0f, for a chain of %d; %d requests; bare client %.0f ms)",
			took.median()*1e3, took.least()*1e3, len(steps), len(requests), bare.median()*1e3))
	return nil
}

// bare returns how long, in seconds, a client takes that discards the answers. It sends the
// requests of a step in parallel, and one step after the other.
func (b *bench) bare(ctx context.Context, steps [][]Request, concurrency int) (values, error) {
	client, err := startRole(ctx, "client")
	if err != nil {
		return nil, err
	}
	defer client.end()
	var all values
	for range 1 + b.times(3) {
		var took time.Duration
		for _, step := range steps {
			var one time.Duration
			if err := client.call("Send", Replay{step, concurrency}, &one); err != nil {
				return nil, err
			}
			took += one
		}
		all = append(all, took.Seconds())
	}
	return all[1:], nil // without the first, which opened the connections
}

// named matches an object that the fleet lists in another answer: a process, path or trail.
var named = regexp.MustCompile(`/(EXT|REP|PATH)\d{5}|/trails/.`)

// stepsOf groups the requests by how many others must be answered first, one after the
// other. The Service Manager's lists name the services, whose lists name their objects,
// which can then be requested. Answers about an object name no others. The number of steps
// is the length of the longest chain.
func stepsOf(requests []Request) [][]Request {
	steps := make([][]Request, 3)
	for _, r := range requests {
		switch {
		case strings.Contains(r.URL, "/v2/installation/"):
			steps[0] = append(steps[0], r)
		case named.MatchString(r.URL):
			steps[2] = append(steps[2], r)
		default:
			steps[1] = append(steps[1], r)
		}
	}
	return slices.DeleteFunc(steps, func(step []Request) bool { return len(step) == 0 })
}

// measureConcurrency compares a scrape with the time that the busiest service needs.
func measureConcurrency(ctx context.Context, b *bench) error {
	o := FleetOptions{FleetSize: oneOf200, Latency: latency, RequestLog: requestLog}
	return b.on(ctx, o, byDefault, func(f *fleet, e *exporter) error {
		for i, s := range scopes {
			requests, err := b.ofAScrape(ctx, f, e, s.path)
			if err != nil {
				return err
			}
			took, err := e.walls(ctx, s.path, b.times([]int{10, 4}[i]))
			if err != nil {
				return err
			}
			bare, err := b.bare(ctx, stepsOf(requests), byDefault)
			if err != nil {
				return err
			}
			bound := float64(busiest(requests)) / byDefault * latency.Seconds()
			b.atMost("concurrency ratio, "+s.name, took.median()/bound, 1.10, "%.2f",
				fmt.Sprintf(" (%.0f ms, at least %.0f; %d requests to the busiest; bare client %.0f ms)",
					took.median()*1e3, took.least()*1e3, busiest(requests), bare.median()*1e3))
		}
		return nil
	})
}

// measureCPU compares the exporter's CPU time with that of a client that discards the
// answers.
func measureCPU(ctx context.Context, b *bench) error {
	o := FleetOptions{FleetSize: tenOf50, Latency: latency, RequestLog: requestLog}
	client, err := startRole(ctx, "client")
	if err != nil {
		return err
	}
	defer client.end()
	return b.on(ctx, o, byDefault, func(f *fleet, e *exporter) error {
		for i, s := range scopes {
			requests, err := b.ofAScrape(ctx, f, e, s.path)
			if err != nil {
				return err
			}
			c := comparison{f, e, client, s.path, requests, []int{10, 2}[i]}
			if err := b.compareCPU(ctx, s.name, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// comparison is the input of compareCPU.
type comparison struct {
	fleet    *fleet
	exporter *exporter
	client   *role
	path     string
	requests []Request
	batch    int // scrapes per value
}

func (b *bench) compareCPU(ctx context.Context, name string, c comparison) error {
	scrape := func() error {
		_, err := c.exporter.scrape(ctx, c.path, patience)
		return err
	}
	send := func() error {
		var took time.Duration
		return c.client.call("Send", Replay{c.requests, byDefault}, &took)
	}
	if err := send(); err != nil { // open the connections
		return err
	}
	var ratios, exporters, clients, fleets values
	for range b.times(5) {
		before, err := c.fleet.cpu()
		if err != nil {
			return err
		}
		exporter, err := c.exporter.cpuOf(c.batch, scrape)
		if err != nil {
			return err
		}
		after, err := c.fleet.cpu()
		if err != nil {
			return err
		}
		client, err := c.client.cpuOf(c.batch, send)
		if err != nil {
			return err
		}
		ratios, exporters, clients = append(ratios, exporter/client), append(exporters, exporter), append(clients, client)
		fleets = append(fleets, (after-before).Seconds()/float64(c.batch))
	}
	b.atMost("CPU ratio, "+name, ratios.median(), 1.6, "%.2f", fmt.Sprintf(" (%.0f ms to %.0f, at least %.2f; fleet %.0f ms; %d requests)",
		exporters.median()*1e3, clients.median()*1e3, ratios.least(), fleets.median()*1e3, len(c.requests)))
	return b.profiled(ctx, c.exporter, path.Base(name), func() error { return repeat(b.times(3)*c.batch, scrape) })
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
	file := strings.ReplaceAll(name, " ", "-")
	begin := time.Now()
	if err := do(); err != nil {
		return err
	}
	seconds := int(2*time.Since(begin).Seconds()) + 1
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var group errgroup.Group
	group.Go(func() error {
		defer cancel() // stops calling do
		return b.profile(ctx, e, fmt.Sprintf("profile?seconds=%d", seconds), file+".cpu.pprof")
	})
	for ctx.Err() == nil {
		if err := do(); err != nil && ctx.Err() == nil {
			return errors.Join(err, group.Wait())
		}
	}
	return group.Wait()
}

// measureSequential compares a scrape with a client that sends one request at a time.
func measureSequential(ctx context.Context, b *bench) error {
	client, err := startRole(ctx, "client")
	if err != nil {
		return err
	}
	defer client.end()
	for _, c := range []struct {
		name   string
		size   oggtest.FleetSize
		target float64
	}{
		{"one deployment of 200", oneOf200, 7},
		{"ten deployments of 50", tenOf50, 40},
	} {
		o := FleetOptions{FleetSize: c.size, Latency: latency, RequestLog: requestLog}
		err := b.on(ctx, o, byDefault, func(f *fleet, e *exporter) error {
			requests, err := b.ofAScrape(ctx, f, e, scopes[0].path)
			if err != nil {
				return err
			}
			took, err := e.walls(ctx, scopes[0].path, b.times(5))
			if err != nil {
				return err
			}
			var sequential time.Duration
			if err := client.call("Send", Replay{Requests: requests}, &sequential); err != nil {
				return err
			}
			b.atLeast("sequential ratio, "+c.name, sequential.Seconds()/took.median(), c.target, "%.1f",
				fmt.Sprintf(" (%.2f s to %.0f ms)", sequential.Seconds(), took.median()*1e3))
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// fleetOf returns the fleet for fewer than 100 processes, or for a multiple of 100: Service
// Managers with four deployments of 25 processes each.
func fleetOf(processes int) oggtest.FleetSize {
	if processes < 100 {
		return oggtest.FleetSize{ServiceManagers: 1, Deployments: 1, Processes: processes}
	}
	return oggtest.FleetSize{ServiceManagers: processes / 100, Deployments: 4, Processes: 25}
}

const largest = 10_000

// measureMemory scrapes each Service Manager of the largest fleet every 15 seconds, and
// then all at once.
func measureMemory(ctx context.Context, b *bench) error {
	return b.on(ctx, FleetOptions{FleetSize: fleetOf(largest), Latency: latency}, byDefault, func(f *fleet, e *exporter) error {
		const interval = 15 * time.Second
		if err := e.probeAll(ctx, len(f.urls), interval, b.times(3)); err != nil {
			return err
		}
		peak, err := e.peakMemory()
		if err != nil {
			return err
		}
		b.atMost("memory for 10,000 processes, one Service Manager per scrape", mebibytes(peak), 150, "%.0f MiB", "")
		if err := b.measureScale(ctx, f, e); err != nil {
			return err
		}
		peak, err = e.peakMemory()
		b.atMost("memory for 10,000 processes, all in one scrape", mebibytes(peak), 150, "%.0f MiB", "")
		return errors.Join(err, b.profileMemory(ctx, e))
	})
}

// profileMemory profiles the exporter's heap and goroutines, if -profiles is set.
func (b *bench) profileMemory(ctx context.Context, e *exporter) error {
	if b.profiles == "" {
		return nil
	}
	return errors.Join(b.profile(ctx, e, "heap", "memory.heap.pprof"), b.profile(ctx, e, "goroutine", "memory.goroutine.pprof"))
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }

// probeAll scrapes the first n Service Managers, one after the other, spread over interval,
// for some rounds.
func (e *exporter) probeAll(ctx context.Context, n int, interval time.Duration, rounds int) error {
	tick := time.NewTicker(interval / time.Duration(n))
	defer tick.Stop()
	var group errgroup.Group
	for i := range n * rounds {
		group.Go(func() error {
			_, err := e.scrape(ctx, "/probe"+statusAndLag+"&target="+targetName(i%n), prometheusTimeout)
			return err
		})
		<-tick.C
	}
	return group.Wait()
}

// measureScale scrapes everything at once, with Prometheus's default timeout.
func (b *bench) measureScale(ctx context.Context, f *fleet, e *exporter) error {
	var took values
	var last exposition
	var failure error
	var cpu [2]time.Duration
	for range b.times(4) {
		before, err := f.cpu()
		if err != nil {
			return err
		}
		ours, err := e.cpu()
		if err != nil {
			return err
		}
		if last, err = e.scrape(ctx, scopes[0].path, prometheusTimeout); err != nil {
			failure = err
		}
		after, err := f.cpu()
		if err != nil {
			return err
		}
		oursAfter, err := e.cpu()
		if err != nil {
			return err
		}
		cpu = [2]time.Duration{oursAfter - ours, after - before}
		took = append(took, last.took.Seconds())
	}
	value := fmt.Sprintf("%.1f s, at least %.1f (%d samples, %.2f MiB compressed; CPU: exporter %.1f s, fleet %.1f s)", took.median(), took.least(),
		last.samples, mebibytes(int64(last.size)), cpu[0].Seconds(), cpu[1].Seconds())
	if failure != nil {
		value += ": " + failure.Error()
	}
	b.add("scale: 10,000 processes in one scrape", value, "< 10 s, no failure", failure == nil && took.median() < prometheusTimeout.Seconds())
	return nil
}

// measureGrowth scrapes fleets of several sizes, without latency.
func measureGrowth(ctx context.Context, b *bench) error {
	var walls, cpus values
	for _, size := range []int{10, 100, 1000, largest} {
		err := b.on(ctx, FleetOptions{FleetSize: fleetOf(size)}, byDefault, func(_ *fleet, e *exporter) error {
			wall, cpu, err := b.cost(ctx, e, size)
			walls, cpus = append(walls, wall), append(cpus, cpu)
			return err
		})
		if err != nil {
			return fmt.Errorf("%d processes: %w", size, err)
		}
	}
	for _, v := range []struct {
		name string
		of   values
	}{{"CPU", cpus}, {"wall time", walls}} {
		fromHundred := v.of[1:]
		b.atMost("growth: "+v.name+" per process, maximum to minimum from 100 on", fromHundred.most()/fromHundred.least(), 1.2, "%.2f",
			fmt.Sprintf(" (%.0f, %.0f, %.0f, %.0f µs at 10, 100, 1,000, 10,000)", v.of[0]*1e6, v.of[1]*1e6, v.of[2]*1e6, v.of[3]*1e6))
	}
	return nil
}

// cost returns the wall time and CPU time of a scrape per process of the fleet, in seconds,
// without that of a scrape of the exporter's own metrics.
func (b *bench) cost(ctx context.Context, e *exporter, size int) (wall, cpu float64, err error) {
	if err := e.warm(ctx, scopes[0].path); err != nil {
		return 0, 0, err
	}
	ownWall, ownCPU, err := b.leastOf(ctx, e, "/metrics?collect[]=exporter", 100)
	if err != nil {
		return 0, 0, err
	}
	wall, cpu, err = b.leastOf(ctx, e, scopes[0].path, min(max(largest/size/2, 1), 100))
	return (wall - ownWall) / float64(size), (cpu - ownCPU) / float64(size), err
}

// leastOf returns the wall time and CPU time of a scrape, in seconds: the minimum of
// several batches.
func (b *bench) leastOf(ctx context.Context, e *exporter, path string, batch int) (wall, cpu float64, err error) {
	var walls, cpus values
	for range b.times(3) {
		begin := time.Now()
		used, err := e.cpuOf(batch, func() error {
			_, err := e.scrape(ctx, path, patience)
			return err
		})
		if err != nil {
			return 0, 0, err
		}
		walls = append(walls, time.Since(begin).Seconds()/float64(batch))
		cpus = append(cpus, used)
	}
	return walls.least(), cpus.least(), nil
}

// measureRequests counts the requests and new connections of a scrape in the steady state.
//
// The minimum that the API allows is: the lists of deployments and of services, because
// only the former has whether a deployment is managed and only the latter the ports; the
// health of each service, because only the service itself reports when it started and which
// resources make it unhealthy; the two lists of processes of each deployment, because there
// is no common list; and the status of each process, because no list has its lag.
func measureRequests(ctx context.Context, b *bench) error {
	o := FleetOptions{FleetSize: tenOf50, Latency: latency, RequestLog: requestLog}
	return b.on(ctx, o, byDefault, func(f *fleet, e *exporter) error {
		for i, s := range scopes {
			requests, err := b.ofAScrape(ctx, f, e, s.path)
			if err != nil {
				return err
			}
			least := distinct(requests)
			if i == 0 {
				least = 2 + (1 + 4*tenOf50.Deployments) + tenOf50.Deployments*(2+tenOf50.Processes)
			}
			b.add("requests per scrape, "+s.name, strconv.Itoa(len(requests)), strconv.Itoa(least), len(requests) == least)
			fresh, err := newConnections(ctx, e, s.path, requests)
			if err != nil {
				return err
			}
			b.add("new connections per scrape, "+s.name, strconv.Itoa(fresh), "0", fresh == 0)
		}
		return nil
	})
}

// newConnections counts the connections to the services that 3 scrapes open.
func newConnections(ctx context.Context, e *exporter, path string, requests []Request) (int, error) {
	ports := portsOf(requests)
	before, err := connectionsTo(ports)
	if err != nil {
		return 0, err
	}
	if _, err := e.walls(ctx, path, 3); err != nil {
		return 0, err
	}
	after, err := connectionsTo(ports)
	return after.newSince(before), err
}

// measureStart measures the time from exec to the first scrape of the demo, and the size of
// the binary.
func measureStart(ctx context.Context, b *bench) error {
	var took values
	for range b.times(7) {
		begin := time.Now()
		e, err := b.startExporter(ctx, "--demo")
		if err != nil {
			return err
		}
		_, err = e.scrape(ctx, "/metrics", patience)
		took = append(took, time.Since(begin).Seconds())
		e.end()
		if err != nil {
			return err
		}
	}
	b.atMost("start: from exec to first scrape of the demo", took.median()*1e3, 300, "%.0f ms", fmt.Sprintf(", at least %.0f ms", took.least()*1e3))
	program, err := os.Stat(b.program)
	if err != nil {
		return err
	}
	b.atMost("size of the binary", mebibytes(program.Size()), 20, "%.1f MiB", "")
	return nil
}
