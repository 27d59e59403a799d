package ogg

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// managedServices are the services that a managed deployment may have, sorted.
var managedServices = []string{"adminsrvr", "distsrvr", "pmsrvr", "recvsrvr"}

// discoverManaged finds a deployment that Oracle manages. Where the front says that there is
// no Service Manager, it asks the services of the deployment themselves, from then on
// straight away until one of them restarts.
func (c *Client) discoverManaged(ctx context.Context) ([]*site, error) {
	wanted := c.wants(c.config.Managed)
	if c.managed.isStopped() {
		if wanted {
			return []*site{c.newManaged(nil)}, nil
		}
		return nil, nil
	}
	var managerErr error
	if !c.managed.isAlone() {
		var sites []*site
		sites, managerErr = c.discoverInstallation(ctx)
		switch {
		case managerErr == nil:
			c.managed.noteManager()
			return sites, nil
		case !c.managed.mayLack(managerErr):
			return c.orSilent(sites), managerErr
		}
	}
	if !wanted {
		return nil, nil
	}
	s, err := c.readAlone(ctx, !rest.IsNoAnswer(managerErr))
	if err != nil {
		err = wire.Join(managerErr, err)
	}
	return []*site{s}, err
}

// orSilent returns the sites, or where nothing could be read the deployment, if it is not
// known that a Service Manager would list it.
func (c *Client) orSilent(sites []*site) []*site {
	if len(sites) == 0 && !c.managed.hasManager() && c.wants(c.config.Managed) {
		return []*site{c.newManaged(nil)}
	}
	return sites
}

// newManaged makes the deployment of services that were asked.
func (c *Client) newManaged(peers []*peer) *site {
	s := c.newSite(listedDeployment{Name: c.config.Managed, Status: c.managed.statusOf(peers)})
	s.visit.alone, s.visit.peers = true, peers
	return s
}

// SetManagedStatus says what Oracle's control plane says of the deployment that the
// configuration names as managed: running, stopped, "unknown" where it does not run as
// it should, or "" where that is not known or says nothing about it. It may be called at
// any time, and counts from the next poll on.
//
// One that is stopped is not asked anything. Of another, a Service Manager that answers
// knows best. Where none does, Deployment.Status is
//
//   - "unknown", if the control plane says so;
//   - else "running", if a service tells its health: that the control plane says so
//     would not be enough;
//   - else empty, if something answers, but not with its health, as where the user is
//     refused;
//   - else "unknown".
func (c *Client) SetManagedStatus(status string) {
	c.managed.setStatus(status)
}

// errNoService is why nothing is known of a deployment whose services all answered 404.
var errNoService = errors.New("no service of the deployment is there")

// readAlone asks the services of the deployment for their health, which shows whether they
// are there. It fails when none is, and returns the deployment in any case. lasting says
// that no Service Manager is to be looked for from then on.
func (c *Client) readAlone(ctx context.Context, lasting bool) (*site, error) {
	begin := time.Now()
	asked, errs := c.askServices(ctx)
	var peers []*peer
	for i, p := range asked {
		if !rest.IsNotFound(errs[i]) {
			peers = append(peers, p)
		}
	}
	s := c.newManaged(peers)
	var err error
	if slices.ContainsFunc(peers, (*peer).reportsHealth) {
		if c.managed.noteAlone(asked, errs, lasting) {
			c.log.Info("No Service Manager answers, asking the services of the deployment themselves", "deployment", s.found.Name)
		}
	} else {
		err = cmp.Or(wire.Summarize(errs, "services"), errNoService)
		c.managed.noteNothing(peers)
	}
	s.found.record(Read{"deployment", time.Since(begin), err})
	return s, err
}

// aloneShare is the part of a poll's remaining time that services of a deployment get to
// show that they are there.
const aloneShare = 4

// askServices asks the services that the front may know for their health. The first goes
// alone: the user is the same for all, and one that is rejected is not tried on the others.
func (c *Client) askServices(ctx context.Context) ([]*peer, []error) {
	peers := c.managedPeers()
	errs := make([]error, len(peers))
	ask := func(from, to int) {
		limited, cancel := rest.ShareOf(ctx, aloneShare)
		defer cancel()
		var group wire.Group
		for i := from; i < to; i++ {
			group.Go(func() {
				errs[i] = c.options.Panics.Catch(peers[i].listed.Name, func() error { return peers[i].askWhetherThere(limited) })
			})
		}
		group.Wait()
	}
	first := 0
	if len(peers) > 0 && !peers[0].endpoint.AcceptsUser() {
		if ask(0, 1); rest.HasStatus(errs[0], http.StatusUnauthorized) {
			return peers[:1], errs[:1]
		}
		first = 1
	}
	ask(first, len(peers))
	return peers, errs
}

// managedPeers returns the services to ask, by the form of their URLs that does not name the
// deployment.
func (c *Client) managedPeers() []*peer {
	var peers []*peer
	for _, name := range managedServices {
		if !c.managed.isAbsent(name) {
			base := baseURL(c.config.URL.Scheme, c.config.URL.Host, name+"/")
			peers = append(peers, &peer{listed: Service{Name: name}, endpoint: c.endpointOf(c.config.Managed, name, base)})
		}
	}
	return peers
}

// askWhetherThere is readHealth, which shows in the absence of a Service Manager whether the
// service runs.
func (p *peer) askWhetherThere(ctx context.Context) error {
	err := p.readHealth(ctx)
	switch {
	case p.reportsHealth():
		p.listed.Status = "running"
	case rest.IsNoAnswer(err):
		p.listed.Status = "unknown"
	}
	return err
}
