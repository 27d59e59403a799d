package collector_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/pipeline"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// hopOf returns a hop that lags by so many seconds, of which so many have passed since it was reported.
func hopOf(kind, manager, deployment, name, trail string, up *bool, lag, age float64) pipeline.Hop {
	return pipeline.Hop{
		Place: pipeline.Place{Kind: kind, ServiceManager: manager, Deployment: deployment, Name: name}, Trail: trail, Up: up,
		Lag: wire.NumberOf(lag), LagAge: wire.NumberOf(age), Effective: wire.NumberOf(lag + age), Backlog: wire.NumberOf(lag * 1000),
	}
}

// graph is of three pipelines: one that is down, one that is well, and one that ends where nothing is
// read and of which hardly anything is known.
func graph() *pipeline.Graph {
	yes, no := new(true), new(false)
	ext := hopOf("extract", "emea", "london", "EXTBILL", "", yes, 3, 0)
	ext.Backlog = wire.Number{}
	path := hopOf("distribution_path", "emea", "london", "billing", "billing/eb", yes, 4, 0)
	received := hopOf("receiver_path", "apac", "sydney", "billing", "", yes, 5, 0)
	rep := hopOf("replicat", "apac", "sydney", "REPBILL", "eb", no, 7, 1500)
	dwh := hopOf("replicat", "apac", "sydney", "REPDWH", "eb", yes, 6, 0)
	unread := pipeline.Hop{Place: pipeline.Place{Kind: "distribution_path", ServiceManager: "emea", Deployment: "london", Name: "archive"}}
	far := pipeline.Place{Kind: "external", Name: "archive.example.com:9014"}
	return &pipeline.Graph{
		Pipelines: []*pipeline.Pipeline{
			{
				ID: "emea/london/EXTBILL>apac/sydney/REPBILL", First: ext.Place, Last: rep.Place, Complete: true, Up: no,
				Hops: []pipeline.Hop{ext, path, received, rep}, Lag: wire.NumberOf(1507), Weakest: &pipeline.Weakest{Hop: 3, Reason: "down"},
			},
			{
				ID: "emea/london/EXTBILL>apac/sydney/REPDWH", First: ext.Place, Last: dwh.Place, Complete: true, Up: yes,
				Hops: []pipeline.Hop{ext, path, received, dwh}, Lag: wire.NumberOf(6),
			},
			{
				ID: "emea/london/EXTBILL>archive.example.com:9014", First: ext.Place, Last: far,
				Hops: []pipeline.Hop{ext, unread}, Weakest: &pipeline.Weakest{Hop: 1, Reason: "unknown"},
			},
		},
		LeftOut: 2,
		Edges: []pipeline.Edge{
			{ID: "1", From: "a", To: "b", Source: ext.Place, Target: path.Place, Kind: "distribution_path", Trail: "billing/eb", Evidence: "source.uri"},
			{ID: "2", From: "b", To: "c", Source: path.Place, Target: received.Place, Kind: "receiver_path"},
		},
		Unjoined: []pipeline.Unjoined{{Place: unread.Place, Reason: "host", Detail: "no Service Manager is known under archive.example.com"}},
	}
}

// scrapePipelines returns what a scrape of the pipelines alone exposes.
func scrapePipelines(t testing.TB, o collector.Options, g *pipeline.Graph) string {
	t.Helper()
	return gather(t, collector.NewScrape(t.Context(), nil, o).WithPipelines(func() *pipeline.Graph { return g }))
}

// TestPipelines compares everything that is exposed of a graph with a golden file. What is not known
// has no sample.
func TestPipelines(t *testing.T) {
	t.Parallel()
	compare(t, "pipelines.prom", scrapePipelines(t, collector.Options{}, graph()))
	compare(t, "pipelines-none.prom", scrapePipelines(t, collector.Options{}, &pipeline.Graph{}))
}

// manyPipelines returns a graph of n pipelines of four hops each.
func manyPipelines(n int) *pipeline.Graph {
	g, one := &pipeline.Graph{}, graph().Pipelines[0]
	for i := range n {
		p := *one
		p.ID = fmt.Sprintf("emea/london/EXT%05d>apac/sydney/REP%05d", i, i)
		g.Pipelines = append(g.Pipelines, &p)
		for hop := range p.Hops {
			at := fmt.Sprintf("%05d/%d", i, hop)
			g.Edges = append(g.Edges, pipeline.Edge{ID: at, From: at, To: at + "+", Kind: p.Hops[hop].Kind, Trail: "ea"})
		}
	}
	return g
}

// TestPipelinesWithinMaxSeries: the bound drops what is least important, and says how much that was.
func TestPipelinesWithinMaxSeries(t *testing.T) {
	t.Parallel()
	series := func(text string) map[string]int {
		found := map[string]int{}
		for _, m := range regexp.MustCompile(`(?m)^(ogg_\w+)[{ ]`).FindAllStringSubmatch(text, -1) {
			found[m[1]]++
		}
		return found
	}
	whole := series(scrapePipelines(t, collector.Options{}, manyPipelines(10)))
	n := 0
	for _, of := range whole {
		n += of
	}
	text := scrapePipelines(t, collector.Options{MaxSeries: n - 1}, manyPipelines(10))
	if got := series(text); got["ogg_pipeline_edge_info"] != 0 || len(got) != len(whole)-1 || !strings.Contains(text, fmt.Sprintf("\nogg_pipeline_series_dropped %d\n", whole["ogg_pipeline_edge_info"])) {
		t.Errorf("with one series too much there are %v of %v:\n%s", got, whole, text)
	}
	got := series(scrapePipelines(t, collector.Options{MaxSeries: 1}, manyPipelines(10)))
	if got["ogg_pipeline_up"] != 10 || got["ogg_pipeline_lag_seconds"] != 10 || got["ogg_pipeline_hop_up"] != 40 || got["ogg_pipeline_hop_lag_seconds"] != 40 ||
		got["ogg_pipeline_dropped"] != 1 || got["ogg_pipeline_series_dropped"] != 1 || len(got) != 6 {
		t.Errorf("what is never dropped is %v", got)
	}
}

// TestPipelinesPanic: a bug in joining them costs nothing else.
func TestPipelinesPanic(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		client := start(t, everything(oggtest.Release26ai, false))
		scrape := collector.NewScrape(t.Context(), []*ogg.Client{client}, collector.Options{Enabled: allCollectors()}).
			WithPipelines(func() *pipeline.Graph { panic("a bug") })
		families, err := scrape.Gatherer(nil).Gather()
		if err == nil || !strings.Contains(err.Error(), "a bug") {
			t.Errorf("the error is %v", err)
		}
		if len(families) < 100 {
			t.Errorf("%d families are left", len(families))
		}
	})
}

// TestPipelinesAreMadeLast: when they are made, all polls have ended, of those clients, too, that have
// no samples of their own.
func TestPipelinesAreMadeLast(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		i := everything(oggtest.Release26ai, false)
		s, exported := simulate(t, i)
		refreshed := clientNamed(t, "refreshed", s, i)
		var last []*ogg.Installation
		text := gather(t, collector.NewScrape(t.Context(), []*ogg.Client{exported}, collector.Options{Enabled: []string{"process", collector.Pipeline}}).
			WithPipelines(func() *pipeline.Graph {
				last = []*ogg.Installation{exported.Last(), refreshed.Last()}
				return graph()
			}, refreshed))
		for _, inst := range last {
			if inst == nil {
				t.Fatal("a poll has not ended")
			}
		}
		if len(last) != 2 || !strings.Contains(text, `ogg_up{service_manager="gg"} 1`) || strings.Contains(text, `service_manager="refreshed"`) {
			t.Errorf("%d polls, and\n%s", len(last), text)
		}
		if !strings.Contains(text, "\nogg_pipeline_up{") || strings.Contains(text, `collector="pipeline"`) {
			t.Errorf("the pipelines are not there, or are of a Service Manager:\n%s", text)
		}
		reads := map[string]bool{}
		for _, d := range last[1].Deployments {
			for _, r := range d.Reads {
				reads[r.Collector] = true
			}
		}
		if !reads["distribution_path"] || !reads["trail"] {
			t.Errorf("a poll for the pipelines alone reads only %v", reads)
		}
	})
}

// TestPipelinesTakeTurns: scrapes of the pipelines alone, which poll nothing, take turns, too.
func TestPipelinesTakeTurns(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		turns := collector.NewTurns(1)
		made := make(chan *collector.Scrape, 5)
		for range cap(made) {
			scrape := collector.NewScrape(t.Context(), nil, collector.Options{Turns: turns}).WithPipelines(graph)
			go func() {
				scrape.Collect(make(chan prometheus.Metric, 1000))
				made <- scrape
			}()
		}
		for left := cap(made); left > 0; left-- {
			time.Sleep(time.Minute)
			synctest.Wait()
			if len(made) == 0 || len(made) > 2 {
				t.Fatalf("%d of %d scrapes have samples at once", len(made), left)
			}
			(<-made).End()
		}
	})
}

func BenchmarkPipelines(b *testing.B) {
	g := manyPipelines(1000)
	b.ReportAllocs()
	for b.Loop() {
		scrape := collector.NewScrape(b.Context(), nil, collector.Options{MaxSeries: 100_000}).WithPipelines(func() *pipeline.Graph { return g })
		if err := scrape.Gatherer(nil).Each(func(*dto.MetricFamily) {}); err != nil {
			b.Fatal(err)
		}
	}
}
