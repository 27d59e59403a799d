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

// discoverManaged finds a deployment that Oracle manages. If there is no Service Manager behind
// the front, it asks the deployment's services directly, and looks for a Service Manager again
// when one of them restarts. Unless the user was rejected, which would be a failed login each
// time, it also does so after growing waits: what answered in its place may have been a page that
// says that the front is being maintained.
func (c *Client) discoverManaged(ctx context.Context, inst *Installation) ([]*site, error) {
	wanted := c.wants(c.config.Managed)
	if c.managed.isStopped() {
		if wanted {
			return []*site{c.newManaged(nil)}, nil
		}
		return nil, nil
	}
	var managerErr error
	alone := c.managed.isAlone()
	if !alone {
		var sites []*site
		sites, managerErr = c.discoverInstallation(ctx, inst)
		switch {
		case managerErr == nil:
			c.managed.noteManager()
			return sites, nil
		case !c.managed.mayLack(managerErr):
			return c.orSilent(sites), managerErr
		}
		c.managed.noteLack(managerErr, c.options.Now())
	} else if sites, found := c.lookAgain(ctx, inst); found {
		return sites, nil
	}
	if !wanted {
		return nil, nil
	}
	s, err := c.readAlone(ctx, alone || !rest.IsNoAnswer(managerErr))
	if err != nil {
		err = wire.Join(managerErr, err)
	}
	inst.Listed = err == nil
	return []*site{s}, err
}

// lookAgain looks for a Service Manager where there was none, if it is time for that, and returns
// what it lists. It reports false if there still is none.
func (c *Client) lookAgain(ctx context.Context, inst *Installation) ([]*site, bool) {
	if !c.managed.mayHaveManager(c.options.Now()) {
		return nil, false
	}
	limited, cancel := rest.ShareOf(ctx, aloneShare)
	defer cancel()
	sites, err := c.discoverInstallation(limited, inst)
	switch {
	case err != nil && rest.IsAbandoned(limited):
		return nil, false
	case err != nil:
		c.managed.noteLack(err, c.options.Now())
		return nil, false
	}
	c.managed.noteManager()
	return sites, true
}

// orSilent returns the sites. If there are none, it returns the deployment, unless a Service
// Manager is known that would list it.
func (c *Client) orSilent(sites []*site) []*site {
	if len(sites) == 0 && !c.managed.hasManager() && c.wants(c.config.Managed) {
		return []*site{c.newManaged(nil)}
	}
	return sites
}

// newManaged returns the managed deployment with the services that were asked.
func (c *Client) newManaged(peers []*peer) *site {
	s := c.newSite(listedDeployment{Name: c.config.Managed, Status: c.managed.statusOf(peers)})
	s.visit.alone, s.visit.peers = true, peers
	return s
}

// SetManagedStatus sets the status that Oracle's control plane reports for the deployment that
// the configuration names as managed: running, stopped, "unknown" if it does not run normally,
// or "" if the status is not known or says nothing about the deployment. It may be called at
// any time, and takes effect with the next poll.
//
// A stopped deployment gets no requests. For any other, the Service Manager's status counts.
// If no Service Manager answers, Deployment.Status is
//
//   - "unknown", if the control plane says so;
//   - otherwise "running", if a service reports its health: that the control plane says so
//     is not enough;
//   - otherwise empty, if something answers without reporting its health, for example when
//     the user is rejected;
//   - otherwise "unknown".
func (c *Client) SetManagedStatus(status string) {
	c.managed.setStatus(status)
}

// errNoService says that all services of a deployment answered 404.
var errNoService = errors.New("no service of the deployment was found")

// readAlone asks the services of the deployment for their health, which shows whether they
// exist. It fails if none does, and returns the deployment in any case. lasting says that the
// next polls need not look for a Service Manager.
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
		if c.managed.noteAlone(asked, errs, lasting, c.options.Now()) {
			c.log.Info("No Service Manager answers, asking the deployment's services directly", "deployment", s.found.Name)
		}
	} else {
		err = cmp.Or(wire.Summarize(errs, "services"), errNoService)
		c.managed.noteNothing(peers)
	}
	s.found.record(Read{"deployment", time.Since(begin), err})
	return s, err
}

// The services of a deployment get 1/aloneShare of a poll's remaining time to show that they
// exist.
const aloneShare = 4

// askServices asks the services that may exist for their health. The first is asked alone: all
// have the same user, so if it rejects the user, the others are not asked.
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

// managedPeers returns the services to ask, with the short form of their URLs, which does not
// name the deployment.
func (c *Client) managedPeers() []*peer {
	var peers []*peer
	for _, name := range managedServices {
		if !c.managed.isAbsent(name, c.options.Now()) {
			base := baseURL(c.config, name+"/")
			peers = append(peers, &peer{listed: Service{Name: name}, endpoint: c.endpointOf(c.config.Managed, name, base)})
		}
	}
	return peers
}

// askWhetherThere is readHealth, and sets the service's status, which no Service Manager lists.
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
