package pipeline_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/pipeline"
)

// thousand returns what is known of two Service Managers, each of which has ten deployments, between
// which there are 1,000 pipelines over a path each.
func thousand(b *testing.B) []pipeline.Source {
	b.Helper()
	const deployments, each = 10, 100
	var targets, senders []oggtest.Deployment
	for d := range deployments {
		target, sender := oggtest.Deployment{Name: fmt.Sprintf("target%d", d)}, oggtest.Deployment{Name: fmt.Sprintf("source%d", d)}
		for n := range each {
			trail := fmt.Sprintf("t%02d/ea", n)
			e := oggtest.Process{Name: fmt.Sprintf("EXT%d", n), Trail: trail}
			sender.Processes = append(sender.Processes, e)
			target.Processes = append(target.Processes, oggtest.Process{Name: fmt.Sprintf("REP%d", n), Type: oggtest.Replicat, Trail: trail})
			path := fmt.Sprintf("path%d-%d", d, n)
			sender.DistributionPaths = append(sender.DistributionPaths, oggtest.DistributionPath{
				Name: path, Extract: e.Name, Target: target.Name, TargetTrail: trail, Address: "target.example:443/services/" + target.Name + "/recvsrvr",
			})
			target.ReceiverPaths = append(target.ReceiverPaths, oggtest.ReceiverPath{Name: path, Extract: e.Name, Trail: trail})
		}
		targets, senders = append(targets, target), append(senders, sender)
	}
	return []pipeline.Source{
		{Latest: read(b, "source", senders), Fresh: true, Hosts: []string{"source.example"}},
		{Latest: read(b, "target", targets), Fresh: true, Hosts: []string{"target.example"}},
	}
}

// read returns what is kept of an installation.
func read(b *testing.B, name string, deployments []oggtest.Deployment) *ogg.Installation {
	b.Helper()
	s, err := oggtest.Start(oggtest.Installation{ReverseProxy: true, Deployments: deployments, RequestLog: -1})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	sm := oggtest.ConfigFor(name, s.URL())
	sm.ReverseProxy = true
	c, err := ogg.NewClient(sm, ogg.Options{Collectors: []string{"deployment", "service", "process", "definition", "trail", "distribution_path", "receiver_path"}})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	for range 10 { // by then everything that seldom changes is known
		c.Poll(context.Background())
	}
	return c.Last()
}

// BenchmarkNew joins 1,000 pipelines of four hops each, and reports how much memory the graph keeps.
func BenchmarkNew(b *testing.B) {
	sources := thousand(b)
	b.ReportAllocs()
	for b.Loop() {
		pipeline.New(sources, -1)
	}
	before := heap()
	g := pipeline.New(sources, -1)
	b.ReportMetric(float64(heap()-before)/(1<<20), "MiB-kept")
	if len(g.Pipelines) != 1000 || !g.Pipelines[0].Complete || len(g.Pipelines[0].Hops) != 4 {
		b.Fatalf("%d pipelines, the first %+v", len(g.Pipelines), g.Pipelines[0])
	}
	runtime.KeepAlive(sources)
}

// heap returns how much memory is in use.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
