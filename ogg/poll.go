package ogg

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Poll reads what the collectors need, or if none is named, everything that the client is
// configured for. It ends at the configured timeout or the context's deadline, whichever comes
// first, and always returns an Installation, with what could be read and what failed.
//
// Overlapping calls that have nearly the same time share one poll and its requests. A call whose
// context is cancelled returns, and the poll continues for the others, until there are none. There
// are few polls at once; a call waits for its turn. It returns shortly after its time is over even
// if the poll does not end.
func (c *Client) Poll(ctx context.Context, collectors ...string) *Installation {
	if len(collectors) == 0 {
		collectors = c.options.Collectors
	}
	begin := time.Now()
	inst, err := c.flights.wait(ctx, collectors, includes(collectors, c.options.Collectors), c.config.Timeout, c.poll)
	if err != nil {
		return c.noPoll(begin, err)
	}
	return inst
}

// noPoll returns the installation of a call that got no poll. It waits for no lock that a poll may
// hold.
func (c *Client) noPoll(begin time.Time, err error) *Installation {
	inst := &Installation{ServiceManager: c.config.Name, Begin: begin, Took: time.Since(begin), Err: err}
	if errors.Is(err, context.Canceled) {
		return inst
	}
	inst.Deployments = []*Deployment{{Name: ServiceManager, Reads: []Read{{"deployment", inst.Took, err}}}}
	if errors.Is(err, errHangs) || errors.Is(err, errAllHang) {
		c.keep(inst, nil)
	}
	return inst
}

// poll is read, and an installation of which nothing is known if that panics.
func (c *Client) poll(ctx context.Context, collectors []string) (inst *Installation) {
	begin := time.Now()
	if err := c.options.Panics.Catch("poll", func() error {
		inst = c.read(ctx, collectors)
		return nil
	}); err != nil {
		inst = &Installation{ServiceManager: c.config.Name, Begin: begin, Took: time.Since(begin), Err: err}
		c.keep(inst, nil)
	}
	return inst
}

// read reads the installation until the context ends. It sends
//
//	2                     to the Service Manager (12.3: 1 + D × (2 + S)),
//	1 for each service    that runs,
//	2 + P                 to the Administration Service of each deployment
//
// for D deployments of S services and P processes, one more for each deployment, and for the
// versions of the API, after a start, and those of the readers of definitions, checkpoints, paths,
// data streams, trails, workers, certificates and of the Performance Metrics Service, which document
// their own.
func (c *Client) read(ctx context.Context, collectors []string) *Installation {
	inst := &Installation{ServiceManager: c.config.Name, Begin: time.Now()}
	hurried, ctx := c.hurry(ctx)
	c.beginPoll(hurried)
	ctx, allowance := c.bodies.WithAllowance(ctx)
	latest := false
	defer func() { allowance.End(latest) }()
	sites, err := c.discover(ctx, inst)
	inst.Err = wire.Show(err)
	inst.LeftOut = c.leftOutOf(collectors)
	for _, s := range sites {
		s.visit.collectors, s.visit.leftOut, s.visit.hurried = collectors, inst.LeftOut, hurried
		inst.Deployments = append(inst.Deployments, s.found)
	}
	c.prune(sites, err == nil)
	if err == nil {
		poll := c.polls.Add(1)
		for i, s := range sites {
			s.visit.poll, s.visit.place, s.visit.deployments = poll, i, len(sites)
		}
		readDeployments(ctx, sites)
		settleCritical(inst.Deployments)
	} else {
		c.noteUnreachable(inst, sites)
	}
	judge(inst, &c.config, *c.rules.Load())
	inst.Requests = c.requests()
	inst.Took = time.Since(inst.Begin)
	latest = c.conclude(ctx, inst, collectors, hurried)
	return inst
}

// hurry returns the context of a poll, which is marked if the poll has little time: that a service
// does not answer in it is no evidence against that service. It reports whether there are others
// with more time, which decide what is logged and whether a service is dead, and which read what is
// not read in each poll.
func (c *Client) hurry(ctx context.Context) (bool, context.Context) {
	end, limited := ctx.Deadline()
	if !limited || time.Until(end) >= min(c.config.Timeout/enoughShare, enough) {
		c.patient.Store(new(time.Now()))
		return false, ctx
	}
	last := c.patient.Load()
	return last != nil && time.Since(*last) < patientFor, rest.WithHurry(ctx)
}

// A poll has little time if it has less than enough, and less than 1/enoughShare of the configured
// timeout. One that has more is known to be among others for patientFor.
const (
	enough      = 5 * time.Second
	enoughShare = 4
	patientFor  = 10 * time.Minute
)

// conclude reports what a poll found, keeps its outline as the latest, and returns true. It ignores
// a poll that was cancelled, one that was hurried and cut, and one that ended when nobody waited for
// it any more.
func (c *Client) conclude(ctx context.Context, inst *Installation, collectors []string, hurried bool) bool {
	end, limited := ctx.Deadline()
	switch {
	case errors.Is(context.Cause(ctx), context.Canceled), hurried && ctx.Err() != nil:
		return false
	case limited && time.Since(end) >= grace:
		return false
	default:
		c.report(inst)
		c.pace.note(inst.Begin)
		c.keep(inst, collectors)
		return true
	}
}

// keep makes the outline of what was found, or that nothing was, the latest.
func (c *Client) keep(inst *Installation, collectors []string) {
	c.last.Store(inst.outline(c.last.Load(), func(collector string) bool {
		return (collectors == nil || slices.Contains(collectors, collector)) && !inst.LeftOut.has(collector)
	}))
}

// LeaveOut says what later polls do not read, as a poll of the collectors showed. Only what a
// poll of all collectors shows counts, and only for such polls: one that asks for some of them
// gets them. From time to time everything is read once more.
func (c *Client) LeaveOut(what LeftOut, collectors ...string) {
	if !includes(collectors, c.options.Collectors) {
		return
	}
	now := c.options.Now()
	until := now.Add(leftOutFor)
	if old := c.leftOut.Load(); old != nil && now.Before(old.until) && len(old.Reads) > 0 {
		until = old.until
	}
	c.leftOut.Store(&leaving{what, until})
}

// leftOutOf returns what a poll of the collectors does not read.
func (c *Client) leftOutOf(collectors []string) LeftOut {
	what := c.leftOut.Load()
	if what == nil || !c.options.Now().Before(what.until) || !includes(collectors, c.options.Collectors) {
		return LeftOut{}
	}
	return what.LeftOut
}

// discover finds the deployments and their services, both sorted by name. It fails if they
// could not be listed at all. What failed for one deployment is in that deployment's reads. It fills
// in inst.Listed.
func (c *Client) discover(ctx context.Context, inst *Installation) ([]*site, error) {
	find := c.discoverInstallation
	if c.config.Managed != "" {
		find = c.discoverManaged
	}
	var sites []*site
	err := c.options.Panics.Catch("discovery", func() (err error) {
		sites, err = find(ctx, inst)
		return err
	})
	for _, s := range sites {
		slices.SortFunc(s.visit.peers, func(a, b *peer) int { return cmp.Compare(a.listed.Name, b.listed.Name) })
	}
	slices.SortFunc(sites, func(a, b *site) int { return cmp.Compare(a.found.Name, b.found.Name) })
	return sites, err
}

// prune forgets the services and deployments that are not listed; if the lists may lack something,
// only those that the latest complete ones did not have either.
func (c *Client) prune(sites []*site, complete bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := listing{map[string]bool{}, map[string]bool{}}
	for _, s := range sites {
		now.deployments[s.visit.deployment] = true
		for _, p := range s.visit.peers {
			now.services[s.visit.deployment+"/"+p.listed.Name] = true
		}
	}
	if complete {
		c.listed = now
	}
	isListed := func(deployment string) bool { return now.has(deployment) || c.listed.has(deployment) }
	isGone := func(key string) bool { return !now.services[key] && !c.listed.services[key] }
	maps.DeleteFunc(c.endpoints, func(key string, _ *rest.Endpoint) bool { return isGone(key) })
	c.starts.forget(isGone)
	c.turns.SetServices(1 + len(c.endpoints))
	maps.DeleteFunc(c.accounts, func(name string, _ *rest.Account) bool { return !isListed(name) && name != ServiceManager })
	maps.DeleteFunc(c.memories, func(name string, _ *wire.Memory) bool { return !isListed(name) })
}

// readDeployments runs the readers on each deployment.
func readDeployments(ctx context.Context, sites []*site) {
	var group wire.Group
	for _, s := range sites {
		group.Go(func() {
			err := s.visit.options.Panics.Catch("deployment "+s.found.Name, func() error {
				s.read(ctx)
				return nil
			})
			if err != nil {
				s.found.record(Read{Collector: "deployment", Err: err})
			}
		})
	}
	group.Wait()
}

// read runs the readers on one deployment.
func (s *site) read(ctx context.Context) {
	reads := make([][]Read, len(readers))
	var group wire.Group
	for i, row := range readers {
		group.Go(func() { reads[i] = readRow(ctx, s.visit, s.found, row) })
	}
	group.Wait()
	for _, r := range slices.Concat(reads...) {
		s.found.record(r)
	}
	s.found.Remarks = s.visit.remarks()
	s.noteConnections()
	s.found.Listed = s.visit.listed(s.found)
	noteRan(s.visit, s.found)
	nameTrails(s.visit, s.found)
	s.found.findReferences()
	if s.visit.reads("trail") {
		s.found.joinTrails()
		s.found.noteBacklogs()
	}
}

// noteConnections adds what was learned from the connections to the services, and the services
// themselves where no reader did.
func (s *site) noteConnections() {
	for _, p := range s.visit.peers {
		service := s.found.Service(p.listed.Name)
		if service == nil {
			service = p.service()
			s.found.Services = append(s.found.Services, service)
		}
		service.noteConnection(p.endpoint)
	}
}

// noteUnreachable adds the failed attempt to an installation whose services could not be listed,
// and the certificates, which may be the reason.
func (c *Client) noteUnreachable(inst *Installation, sites []*site) {
	for _, s := range sites {
		s.noteConnections()
	}
	if c.managed.isAlone() {
		return
	}
	i := slices.IndexFunc(inst.Deployments, func(d *Deployment) bool { return d.Name == ServiceManager })
	if i < 0 {
		i, inst.Deployments = 0, slices.Insert(inst.Deployments, 0, &Deployment{Name: ServiceManager})
	}
	d, s := inst.Deployments[i], &Service{Name: ServiceManager}
	s.noteConnection(c.serviceManager)
	d.Services = []*Service{s}
	d.record(Read{"deployment", time.Since(inst.Begin), inst.Err})
}
