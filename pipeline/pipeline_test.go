package pipeline_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/pipeline"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

var update = flag.Bool("update", false, "rewrite the pictures")

// collectors are those whose snapshot pipelines are made from.
var collectors = []string{
	"deployment", "service", "process", "definition", "trail", "distribution_path", "receiver_path", "performance", "heartbeat",
}

// manager is a Service Manager that is read: a simulation and its client.
type manager struct {
	*oggtest.Server
	client *ogg.Client
	hosts  []string
}

// start starts a Service Manager that is known under some hosts.
func start(t *bubble.T, name string, i oggtest.Installation, hosts ...string) *manager {
	t.Helper()
	i.Network = bubble.Network(t)
	s, err := oggtest.Start(i)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	sm := oggtest.ConfigFor(name, s.URL())
	sm.ReverseProxy, sm.Timeout, sm.HTTPClient.TLSConfig.CA = i.ReverseProxy, 5*time.Second, string(s.CACertificate())
	c, err := ogg.NewClient(sm, ogg.Options{Collectors: collectors, Dial: bubble.Dialer(t), HeartbeatTable: ogg.HeartbeatTableOptions{Read: true, Interval: 5 * time.Minute}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return &manager{s, c, hosts}
}

// poll reads the Service Managers.
func poll(managers ...*manager) {
	for _, m := range managers {
		m.client.Poll(context.Background())
	}
}

// sources returns what is known of the Service Managers.
func sources(managers ...*manager) []pipeline.Source {
	all := make([]pipeline.Source, len(managers))
	for i, m := range managers {
		all[i] = pipeline.Source{Latest: m.client.Last(), Fresh: true, Hosts: m.hosts}
	}
	return all
}

// check compares a picture with the golden file.
func check(t testing.TB, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s is not as expected; run go test ./pipeline -update, and look at the difference. Got:\n%s", file, got)
	}
}

// TestDemo draws the pipelines of the demo, ten minutes after its start.
func TestDemo(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		var all []*manager
		for i, name := range []string{"emea", "apac"} {
			all = append(all, start(t, name, oggtest.Demo()[i], "127.0.0.1"))
		}
		poll(all...)
		time.Sleep(10 * time.Minute)
		poll(all...)
		check(t, "demo", picture(pipeline.New(sources(all...), 500)))
	})
}

// TestReleases: every release says enough to join what leads from one deployment to another.
func TestReleases(t *testing.T) {
	for _, release := range oggtest.Releases {
		t.Run(string(release), func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				m := start(t, "emea", oggtest.Installation{Release: release, Deployments: []oggtest.Deployment{
					{
						Name: "london", Processes: []oggtest.Process{extract("EXTORD", "")},
						DistributionPaths: []oggtest.DistributionPath{{Name: "orders", Extract: "EXTORD", Target: "paris", TargetTrail: "pa"}},
					},
					{Name: "paris", Processes: []oggtest.Process{replicat("REPORD", "pa")}, ReceiverPaths: []oggtest.ReceiverPath{{Name: "orders"}}},
				}}, "gg.example")
				poll(m)
				g := pipeline.New(sources(m), 500)
				if len(g.Pipelines) != 1 || len(g.Unjoined) > 0 {
					t.Fatalf("got\n%s", picture(g))
				}
				p := g.Pipelines[0]
				if p.ID != "emea/london/EXTORD>emea/paris/REPORD" || !p.Complete || len(p.Hops) != 4 || p.Up == nil || !*p.Up || !p.Lag.Known() || p.Weakest != nil {
					t.Errorf("got\n%s", picture(g))
				}
			})
		})
	}
}

// TestOldParts: a part that an earlier poll read is of now only as long as that is recent enough.
func TestOldParts(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		m := start(t, "emea", direct(oggtest.Deployment{
			Name: "london", Processes: []oggtest.Process{extract("EXTORD", "ea"), replicat("REPORD", "ea")},
		}), "gg.example")
		poll(m)
		read := m.client.Last().Begin
		time.Sleep(time.Minute)
		m.client.Poll(t.Context(), "service")
		for oldest, want := range map[time.Time]bool{{}: true, read: true, read.Add(time.Second): false} {
			of := sources(m)
			of[0].Oldest = oldest
			p := pipeline.New(of, 500).Pipelines[0]
			if known := p.Up != nil; known != want || !p.Hops[0].Read.Equal(read) || (p.Hops[1].Status != "") != want {
				t.Errorf("with what was read at %v as the oldest: got %+v", oldest, p)
			}
		}
	})
}

// TestOldHeartbeats: a heartbeat that an earlier poll read counts for some time, not for as long as others
// poll the rest.
func TestOldHeartbeats(t *testing.T) {
	begin := time.Unix(0, 0)
	of := small("gg", "north")
	d := of.Latest.Deployments[0]
	d.Processes[0].Status, d.Processes[1].Status = "running", "running"
	d.Heartbeats = []*ogg.Heartbeat{{Process: "R", Type: "replicat", Lag: wire.NumberOf(1), Age: wire.NumberOf(2)}}
	for age, want := range map[time.Duration]bool{0: true, 10 * time.Minute: true, 11 * time.Minute: false} {
		of.Latest.Begin = begin.Add(age)
		if d.Kept.Heartbeats = begin; age == 0 {
			d.Kept.Heartbeats = time.Time{}
		}
		if p := pipeline.New([]pipeline.Source{of}, -1).Pipelines[0]; p.Lag.Known() != want {
			t.Errorf("after %s: got %v", age, p.Lag)
		}
	}
}

// TestServiceStaysDown: the paths of a service that does not run are down for as long as that is read, not
// only until what was read of the paths themselves is old. That the Replicat has caught up with what it gets
// is no lag of the pipeline then.
func TestServiceStaysDown(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		m := start(t, "emea", direct(
			oggtest.Deployment{
				Name: "london", Processes: []oggtest.Process{extract("EXTORD", "ea")},
				DistributionPaths: []oggtest.DistributionPath{{Name: "orders", Extract: "EXTORD", Target: "paris", TargetTrail: "pa"}},
			},
			oggtest.Deployment{Name: "paris", Processes: []oggtest.Process{replicat("REPORD", "pa")}, ReceiverPaths: []oggtest.ReceiverPath{{Name: "orders"}}},
		), "gg.example")
		poll(m)
		m.SetServiceStatus("paris", "recvsrvr", "stopped")
		time.Sleep(time.Hour)
		poll(m)
		of := sources(m)
		for _, oldest := range []time.Time{{}, time.Now().Add(-time.Minute)} {
			of[0].Oldest = oldest
			p := pipeline.New(of, 500).Pipelines[0]
			if p.Up == nil || *p.Up || p.Weakest == nil || *p.Weakest != (pipeline.Weakest{Hop: 2, Reason: "down"}) || p.Lag.Known() || !p.Hops[2].Read.Equal(m.client.Last().Begin) {
				t.Errorf("with what was read at %v as the oldest: got %+v, weakest %+v", oldest, p, p.Weakest)
			}
		}
		of[0].Fresh = false
		if p := pipeline.New(of, 500).Pipelines[0]; p.Up != nil || p.Hops[2].Up != nil {
			t.Errorf("by an old poll: got %+v", p)
		}
	})
}

// TestPartlyRead: whatever single answer is missing, the pipelines are the same.
func TestPartlyRead(t *testing.T) {
	for _, release := range []oggtest.Release{oggtest.Release12c, oggtest.Release26ai} {
		t.Run(string(release), func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				m := start(t, "emea", oggtest.Installation{Release: release, Deployments: []oggtest.Deployment{
					{
						Name: "london", Processes: []oggtest.Process{extract("EXTORD", "orders/ea"), extract("EXTBILL", "billing/ea"), replicat("REPBILL", "billing/ea")},
						DistributionPaths: []oggtest.DistributionPath{{Name: "orders", Extract: "EXTORD", Target: "paris", TargetTrail: "pa"}},
					},
					{Name: "paris", Processes: []oggtest.Process{replicat("REPORD", "pa")}, ReceiverPaths: []oggtest.ReceiverPath{{Name: "orders"}}},
				}}, "127.0.0.1")
				ids := func() (all []string) {
					for _, p := range pipeline.New(sources(m), 500).Pipelines {
						all = append(all, p.ID)
					}
					return all
				}
				poll(m)
				time.Sleep(time.Hour)
				poll(m)
				want, asked := ids(), map[oggtest.Target]bool{}
				for _, r := range m.Requests() {
					asked[oggtest.Target{Deployment: r.Deployment, Service: r.Service, Path: r.Path}] = true
				}
				for at := range asked {
					mend := m.Fault(at, oggtest.Fault{Status: 500})
					time.Sleep(time.Minute)
					poll(m)
					if got := ids(); len(want) != 2 || !slices.Equal(got, want) {
						t.Errorf("without %+v: %q, want %q", at, got, want)
					}
					mend()
					poll(m)
				}
			})
		})
	}
}

// TestUnjoinedOnce: whatever a first poll could not read, nothing is said twice to be unjoined for the
// same reason.
func TestUnjoinedOnce(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		i := oggtest.Installation{Release: oggtest.Release26ai, Deployments: []oggtest.Deployment{
			{
				Name: "london", Processes: []oggtest.Process{extract("EXTORD", "ea"), replicat("REPBACK", "pb")},
				DistributionPaths: []oggtest.DistributionPath{{Name: "orders", Extract: "EXTORD", Target: "paris", TargetTrail: "pa"}},
				ReceiverPaths:     []oggtest.ReceiverPath{{Name: "back"}},
			},
			{
				Name: "paris", Processes: []oggtest.Process{replicat("REPORD", "pa"), extract("EXTBACK", "eb")}, ReceiverPaths: []oggtest.ReceiverPath{{Name: "orders"}},
				DistributionPaths: []oggtest.DistributionPath{{Name: "back", Extract: "EXTBACK", Target: "london", TargetTrail: "pb"}},
			},
		}}
		seen := 0
		lost := []string{"sources/*", "sources/*/*", "targets", "targets/*", "targets/*/info", "targets/*/checkpoints"}
		for set := range 1 << len(lost) {
			m := start(t, "emea", i, "127.0.0.1")
			for n, path := range lost {
				if set&(1<<n) != 0 {
					m.Fault(oggtest.Target{Path: "/services/v2/" + path}, oggtest.Fault{Status: 500})
				}
			}
			poll(m)
			said := map[string]bool{}
			for _, u := range pipeline.New(sources(m), 500).Unjoined {
				seen++
				text := fmt.Sprint(u.Place, u.Reason)
				if said[text] {
					t.Errorf("%b: twice %s", set, text)
				}
				said[text] = true
			}
		}
		if seen == 0 {
			t.Error("everything is joined")
		}
	})
}
