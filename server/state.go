package server

import (
	"errors"
	"time"

	"github.com/prometheus/common/version"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/pipeline"
	"github.com/ogg-exporter/ogg_exporter/status"
)

// state is a configuration and the clients that serve it. A scrape keeps the state that
// it began with, even when another one comes into force meanwhile. Except for its count
// of users, a state does not change.
type state struct {
	targets    []target       // in the order of the configuration, then those found
	configured int            // how many of them are from the configuration
	named      map[string]int // where in targets the first of a name is
	clouds     []*cloud       // in the order of the configuration
	users      int            // scrapes that use it, plus one while it is in force
}

// target is a configured Service Manager, or a deployment that was found and is read
// like one.
type target struct {
	config.ServiceManager
	client *sharedClient
}

// sharedClient is a client with the number of states that have it. It is closed when the
// last of them goes.
type sharedClient struct {
	*ogg.Client
	states int
}

// newState returns the state of a configuration, without the deployments that are found
// later. For what has not changed it takes the clients of old, which may be nil, with
// their connections, counters and what they have learned. It fails with the errors of
// all clients.
func newState(c *config.Config, old *state, o ogg.Options) (*state, error) {
	next := &state{users: 1, named: map[string]int{}}
	var errs []error
	for _, sm := range c.ServiceManagers {
		client, err := old.clientOr(sm, o)
		next.add(target{sm, client})
		errs = append(errs, err)
	}
	next.configured = len(next.targets)
	for _, entry := range c.OCI {
		cloud, err := newCloud(entry, old, o)
		next.clouds, errs = append(next.clouds, cloud), append(errs, err)
	}
	// The new clients have sent nothing yet and hold nothing that has to be closed.
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return next, nil
}

// clientOr returns the client that already serves sm, or a new one. st may be nil.
func (st *state) clientOr(sm config.ServiceManager, o ogg.Options) (*sharedClient, error) {
	if st != nil {
		if t, known := st.find(sm.Name); known && t.SameClient(sm) {
			return t.client, nil
		}
	}
	client, err := ogg.NewClient(sm, o)
	return &sharedClient{Client: client}, err
}

// add adds a target to a state that is not in force yet.
func (st *state) add(t target) {
	if _, known := st.named[t.Name]; !known {
		st.named[t.Name] = len(st.targets)
	}
	st.targets = append(st.targets, t)
}

// clients returns the clients of all targets.
func (st *state) clients() []*ogg.Client {
	all := make([]*ogg.Client, len(st.targets))
	for i, t := range st.targets {
		all[i] = t.client.Client
	}
	return all
}

// sources returns what is known of all targets, for the pipelines.
func (st *state) sources() []pipeline.Source {
	all := make([]pipeline.Source, len(st.targets))
	for i, t := range st.targets {
		all[i] = sourceOf(t.client.Client, t.Hosts())
	}
	return all
}

// find returns the target of that name.
func (st *state) find(name string) (target, bool) {
	i, known := st.named[name]
	if !known {
		return target{}, false
	}
	return st.targets[i], true
}

// names returns the names of all that can be probed.
func (st *state) names() []string {
	all := make([]string, len(st.targets))
	for i, t := range st.targets {
		all[i] = t.Name
	}
	for _, c := range st.clouds {
		all = append(all, c.Name)
	}
	return all
}

// current returns the state in force, to look at: its clients may be closed meanwhile.
func (s *Server) current() *state {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// acquire returns the state in force for a scrape, which has to release it.
func (s *Server) acquire() *state {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.users++
	return s.state
}

// release ends one use of a state. After the last use it closes the clients that no other
// state has.
func (s *Server) release(st *state) {
	for _, client := range s.leave(st) {
		client.Close()
	}
}

// leave removes one user and returns the clients that are no longer needed.
func (s *Server) leave(st *state) []*sharedClient {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st.users--; st.users > 0 {
		return nil
	}
	var unused []*sharedClient
	for _, t := range st.targets {
		if t.client.states--; t.client.states == 0 {
			unused = append(unused, t.client)
		}
	}
	return unused
}

// swap brings a state into force. Clients that it has taken over learn what is expected now.
func (s *Server) swap(next *state) {
	s.mu.Lock()
	for _, t := range next.targets {
		t.client.states++
		t.client.Expect(t.ServiceManager)
	}
	old := s.state
	s.state = next
	s.mu.Unlock()
	if old != nil {
		s.release(old)
	}
}

// status returns how everything did when it was last read.
func (st *state) status(now time.Time) *status.Status {
	joined := st.sources()
	sources := make([]status.Source, len(joined))
	for i, t := range st.targets {
		of := joined[i]
		sources[i] = status.Source{
			Name: t.client.Name(), URL: t.client.URL(), Latest: of.Latest, Stale: of.Latest != nil && !of.Fresh, Oldest: of.Oldest, User: t.client.User,
		}
	}
	return status.New(sources, pipeline.New(joined, -1), now, version.Version)
}
