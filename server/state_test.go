package server

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// TestUnused: a client is of no more use when the last state that has it is neither
// in force nor used.
func TestUnused(t *testing.T) {
	t.Parallel()
	s := &Server{}
	s.bring(t, "kept", "gone")
	kept, gone := s.state.targets[0].client, s.state.targets[1].client
	first := s.acquire()
	again := s.acquire()
	s.bring(t, "kept", "new")
	second := s.acquire()
	if s.state.targets[0].client != kept {
		t.Fatal("what is as before has another client")
	}
	s.bring(t, "new")
	s.want(t, "the second state's scrape", second)
	s.want(t, "one of the first state's scrapes", first)
	s.want(t, "the last of the first state's scrapes", again, kept, gone)
	if fresh := s.state.targets[0].client; fresh.states != 1 {
		t.Errorf("what is in force counts %d states", fresh.states)
	}
}

// bring brings a configuration of Service Managers with these names into force.
func (s *Server) bring(t *testing.T, names ...string) {
	t.Helper()
	c := &config.Config{}
	for _, name := range names {
		c.ServiceManagers = append(c.ServiceManagers, config.ServiceManager{
			Name: name, URL: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, Labels: map[string]string{"of": names[0]},
		})
	}
	next, err := newState(c, s.state, ogg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.swap(next)
}

// want checks which clients are of no more use after a scrape on the state has ended.
func (s *Server) want(t *testing.T, what string, ended *state, unused ...*sharedClient) {
	t.Helper()
	got := s.leave(ended)
	if len(got) != len(unused) {
		t.Fatalf("%s: %d clients are of no more use, want %d", what, len(got), len(unused))
	}
	for i, client := range got {
		if client != unused[i] {
			t.Errorf("%s: another client than expected is of no more use", what)
		}
	}
}

// TestTenThousand: a reload of so many Service Managers keeps the clients of those that are as
// before, in much less than the time limit of tests: it took hours when each was compared with all.
func TestTenThousand(t *testing.T) {
	t.Parallel()
	names := make([]string, 10_000)
	for i := range names {
		names[i] = fmt.Sprint("sm", i)
	}
	s := &Server{}
	s.bring(t, names...)
	before := s.current()
	s.bring(t, append(names[:9_999:9_999], "new")...)
	for i, now := range s.current().targets {
		if kept := now.client == before.targets[i].client; kept != (i < 9_999) {
			t.Fatalf("%s: kept is %t", now.Name, kept)
		}
		if found, _ := s.current().find(now.Name); found.client != now.client {
			t.Errorf("%s is not found", now.Name)
		}
	}
}
