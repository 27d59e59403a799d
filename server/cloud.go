package server

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/oci"
	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// cloud is an entry of oci. It is refreshed in the background while a configuration with
// it is in force.
type cloud struct {
	config.OCI
	client *oci.Client
	end    context.CancelFunc // stops the refreshes; nil before they start
}

// newCloud returns the entry of old that c describes, with what it found, or else a new
// one.
func newCloud(c config.OCI, old *state, o ogg.Options) (*cloud, error) {
	if old != nil {
		if known, is := old.findCloud(c.Name); is && known.SameClient(c) {
			return known, nil
		}
	}
	client, err := oci.NewClient(c, oci.Options{UserAgent: o.UserAgent, Now: o.Now, Dial: o.Dial, Panics: o.Panics, Logger: o.Logger})
	return &cloud{OCI: c, client: client}, err
}

// tend starts the refreshes of the entries that are new, and stops those of the entries
// that only the old state has. The caller holds s.reloading.
func (s *Server) tend(old, next *state) {
	if old != nil {
		for _, c := range old.clouds {
			if !slices.Contains(next.clouds, c) {
				c.end()
			}
		}
	}
	for _, c := range next.clouds {
		if c.end == nil {
			s.start(c)
		}
	}
}

// refresh refreshes an entry as soon as the exporter serves and then at its interval, until ctx ends.
func (s *Server) refresh(ctx context.Context, c *cloud) {
	defer c.client.Close()
	if s.options.Serving != nil {
		select {
		case <-s.options.Serving:
		case <-ctx.Done():
			return
		}
	}
	tick := time.NewTicker(c.RefreshInterval)
	defer tick.Stop()
	for {
		_ = s.panics.Catch("refresh of "+c.Name, func() error { // logged there
			c.client.Refresh(ctx)
			s.takeFound()
			return nil
		})
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// takeFound brings the deployments that refreshes have found into force.
func (s *Server) takeFound() {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	now := s.current()
	next := &state{users: 1, named: map[string]int{}, clouds: now.clouds, configured: now.configured}
	for _, t := range now.targets[:now.configured] {
		next.add(t)
	}
	s.addFound(next, now)
	if !slices.EqualFunc(next.targets, now.targets, target.isSame) {
		s.swap(next)
		s.options.Logger.Info("The deployments found in Oracle Cloud have changed", "deployments", len(next.targets)-next.configured)
	}
}

// addFound adds the deployments that refreshes found and that are to be read, with the
// clients of old for those that have not changed. One that cannot be read is skipped.
func (s *Server) addFound(next, old *state) {
	for _, c := range next.clouds {
		for _, found := range c.client.Last().Targets() {
			client, err := old.clientOr(found.ServiceManager, s.options.Client)
			if err != nil {
				s.options.Logger.Warn("Skipping a deployment of Oracle Cloud", "oci", c.Name, "err", err)
				continue
			}
			client.SetManagedStatus(found.Status)
			next.add(target{found.ServiceManager, client})
		}
	}
}

// isSame reports whether two targets have the same client and labels.
func (t target) isSame(other target) bool {
	return t.client == other.client && maps.Equal(t.Labels, other.Labels)
}

// inventories returns what the refreshes found, nil for an entry without a refresh yet.
func (st *state) inventories() []*oci.Inventory {
	all := make([]*oci.Inventory, len(st.clouds))
	for i, c := range st.clouds {
		all[i] = c.client.Last()
	}
	return all
}

// findCloud returns the entry of oci of that name.
func (st *state) findCloud(name string) (*cloud, bool) {
	i := slices.IndexFunc(st.clouds, func(c *cloud) bool { return c.Name == name })
	if i < 0 {
		return nil, false
	}
	return st.clouds[i], true
}

// group describes the entry to Prometheus: a target with the metrics of the control
// plane.
func (c *cloud) group(r *http.Request) targetGroup {
	return target{ServiceManager: config.ServiceManager{Name: c.Name}}.group(r)
}
