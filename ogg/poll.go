package ogg

import (
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// Installation is what one poll found of a Service Manager and all that it
// manages: plain data, complete but for what failed.
type Installation struct {
	// ServiceManager is the configured name.
	ServiceManager string
	// Begin is when the poll began, and Took how long it was.
	Begin time.Time
	Took  time.Duration
	// Err is why the Service Manager could not be read; nil when it answered and
	// discovery succeeded, or when services of a managed deployment did in its place.
	Err error
	// Deployments are sorted by name. The Service Manager itself is among them.
	Deployments []*Deployment
	// Requests counts what was sent since the client was made, for each
	// microservice, sorted by its name.
	Requests []RequestStats
}

// Read is how the read of one collector's part of a deployment went.
type Read struct {
	Collector string
	Took      time.Duration
	Err       error
}

// reader reads one collector's part of a deployment that was discovered. It
// reports whether there was anything to read.
type reader struct {
	collector string
	read      func(context.Context, *Deployment) (bool, error)
}

// readers are what is read of a deployment. Those of a row run one after the
// other: the later ones use what the earlier ones learn, or ask the same service
// for what matters less, and get the time that is left. The rows run side by side,
// because the services of different rows do not keep each other waiting.
var readers = [][]reader{
	{{"service", readServices}, {"deployment", readBuild}},
	{{"process", readProcesses}, {"trail", readTrails}, {"heartbeat", readHeartbeatTable}},
	{{"distribution_path", readDistributionPaths}},
	{{"receiver_path", readReceiverPaths}},
	{{"heartbeat", readHeartbeats}, {"performance", readPerformance}, {"table", readTables}},
	{{"certificate", readCertificates}},
}

// poll reads the installation until the context ends. It sends
//
//	2                     to the Service Manager (12.3: 1 + D × (2 + S)),
//	1 for each service    that runs,
//	2 + P                 to the Administration Service of each deployment
//
// for D deployments of S services and P processes, one more for each deployment
// after its start, and what the readers of paths, trails, certificates and of the
// Performance Metrics Service say of themselves.
func (c *Client) poll(ctx context.Context, collectors []string) *Installation {
	inst := &Installation{ServiceManager: c.config.Name, Begin: time.Now()}
	c.serviceManager.gate.begin()
	if inst.Err = c.discover(ctx, inst); inst.Err == nil {
		c.prune(inst)
		c.readDeployments(ctx, inst.Deployments, collectors)
	} else if !c.managed.isAlone() {
		c.noteUnreachable(inst)
	}
	inst.Requests = c.requests()
	inst.Took = time.Since(inst.Begin)
	if !errors.Is(context.Cause(ctx), context.Canceled) {
		c.report(inst)
		c.last.Store(inst)
	}
	return inst
}

// readDeployments runs the readers on each deployment.
func (c *Client) readDeployments(ctx context.Context, deployments []*Deployment, collectors []string) {
	var group errgroup.Group
	for _, d := range deployments {
		d.collectors = collectors
		group.Go(func() error {
			c.readRows(ctx, d)
			return nil
		})
	}
	_ = group.Wait()
}

// readRows runs the readers on one deployment.
func (c *Client) readRows(ctx context.Context, d *Deployment) {
	reads := make([][]Read, len(readers))
	var group errgroup.Group
	for i, row := range readers {
		group.Go(func() error {
			reads[i] = readRow(ctx, d, row)
			return nil
		})
	}
	_ = group.Wait()
	for _, r := range slices.Concat(reads...) {
		d.record(r)
	}
	for _, s := range d.Services {
		s.noteConnection()
	}
	d.nameTrails(c.trailsOf(d.Name))
}

// readRow runs the readers of one row, those that are configured.
func readRow(ctx context.Context, d *Deployment, row []reader) []Read {
	var reads []Read
	for _, r := range row {
		if !d.reads(r.collector) {
			continue
		}
		begin := time.Now()
		if asked, err := r.read(ctx, d); asked {
			reads = append(reads, Read{r.collector, time.Since(begin), err})
		}
	}
	return reads
}

// reads reports whether the poll reads a collector's part.
func (d *Deployment) reads(collector string) bool {
	return includes(d.collectors, []string{collector})
}

// noteUnreachable adds to an installation whose services could not be listed
// that this was tried, and the certificate that may have been the reason.
func (c *Client) noteUnreachable(inst *Installation) {
	i := slices.IndexFunc(inst.Deployments, func(d *Deployment) bool { return d.Name == ServiceManager })
	if i < 0 {
		i, inst.Deployments = 0, slices.Insert(inst.Deployments, 0, &Deployment{Name: ServiceManager})
	}
	d, s := inst.Deployments[i], &Service{Name: ServiceManager, endpoint: c.serviceManager}
	s.noteConnection()
	d.Services = []*Service{s}
	d.record(Read{"deployment", time.Since(inst.Begin), inst.Err})
}
