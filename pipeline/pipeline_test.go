package pipeline_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/pipeline"
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
	c, err := ogg.NewClient(sm, ogg.Options{Collectors: collectors, Dial: bubble.Dialer(t), HeartbeatTable: ogg.HeartbeatTableOptions{Read: true, Interval: time.Hour}})
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

// TestDemo draws the pipelines of the demo.
func TestDemo(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		var all []*manager
		for i, name := range []string{"emea", "apac"} {
			all = append(all, start(t, name, oggtest.Demo()[i], "127.0.0.1"))
		}
		poll(all...)
		poll(all...)
		check(t, "demo", fmt.Sprint(picture(pipeline.New(sources(all...), 500))))
	})
}
