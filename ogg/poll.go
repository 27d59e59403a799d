package ogg

import (
	"context"
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
	// discovery succeeded.
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
// other, because the later ones use what the earlier ones learn; the rows run
// side by side.
var readers = [][]reader{
	{{"service", readServices}, {"deployment", readBuild}},
	{{"process", readProcesses}},
	{{"distribution_path", readDistributionPaths}},
	{{"receiver_path", readReceiverPaths}},
	{{"trail", readTrails}},
	{{"heartbeat", readHeartbeats}},
	{{"heartbeat", readHeartbeatTable}},
	{{"certificate", readCertificates}},
	{{"performance", readPerformance}, {"table", readTables}},
}

// Poll reads the installation within the configured timeout, or the context's
// deadline where that is sooner. It always returns an Installation: what could
// be read is in it, and what failed is named in it. One poll sends
//
//	2                     to the Service Manager (12.3: 1 + D × (2 + S)),
//	1 for each service    that runs,
//	2 + P                 to the Administration Service of each deployment
//
// for D deployments of S services and P processes, one more for each deployment
// after its start, and what the readers of paths, trails, certificates and of the
// Performance Metrics Service say of themselves.
func (c *Client) Poll(ctx context.Context) *Installation {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	inst := &Installation{ServiceManager: c.config.Name, Begin: time.Now()}
	if inst.Err = c.discover(ctx, inst); inst.Err == nil {
		c.prune(inst)
		c.readDeployments(ctx, inst.Deployments)
	} else {
		c.noteUnreachable(inst)
	}
	inst.Requests = c.requests()
	inst.Took = time.Since(inst.Begin)
	c.report(c.last.Swap(inst), inst)
	return inst
}

// readDeployments runs the readers on each deployment.
func (c *Client) readDeployments(ctx context.Context, deployments []*Deployment) {
	var group errgroup.Group
	for _, d := range deployments {
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
			reads[i] = c.readRow(ctx, d, row)
			return nil
		})
	}
	_ = group.Wait()
	for _, r := range slices.Concat(reads...) {
		d.record(r)
	}
	for _, s := range d.Services {
		s.noteCertificate()
	}
	d.nameTrails(c.trailsOf(d.Name))
}

// readRow runs the readers of one row, those that are configured.
func (c *Client) readRow(ctx context.Context, d *Deployment, row []reader) []Read {
	var reads []Read
	for _, r := range row {
		if !c.reads(r.collector) {
			continue
		}
		begin := time.Now()
		if asked, err := r.read(ctx, d); asked {
			reads = append(reads, Read{r.collector, time.Since(begin), err})
		}
	}
	return reads
}

// reads reports whether a collector's part is configured to be read.
func (c *Client) reads(collector string) bool {
	return c.options.Collectors == nil || slices.Contains(c.options.Collectors, collector)
}

// noteUnreachable adds to an installation whose services could not be listed
// that this was tried, and the certificate that may have been the reason.
func (c *Client) noteUnreachable(inst *Installation) {
	i := slices.IndexFunc(inst.Deployments, func(d *Deployment) bool { return d.Name == ServiceManager })
	if i < 0 {
		i, inst.Deployments = 0, slices.Insert(inst.Deployments, 0, &Deployment{Name: ServiceManager})
	}
	d, s := inst.Deployments[i], &Service{Name: ServiceManager, endpoint: c.serviceManager}
	s.noteCertificate()
	d.Services = []*Service{s}
	d.record(Read{"deployment", time.Since(inst.Begin), inst.Err})
}
