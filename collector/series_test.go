package collector_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// TestMaxSeries lowers the bound step by step: each step drops the last metric in
// METRICS.md that may be dropped, as a whole, changes nothing else, and keeps the sum of
// served and dropped series constant.
func TestMaxSeries(t *testing.T) {
	t.Parallel()
	inst := start(t, everything(oggtest.Release26ai, false)).Poll(context.Background(), allCollectors()...)
	export := func(maxSeries int) exposition {
		return expositionOf(t, exported{inst, collector.Options{Enabled: allCollectors(), MaxSeries: maxSeries}})
	}
	all := export(0)
	expected := slices.DeleteFunc(documented(t), func(m documentedMetric) bool { return m.essential() || all[m.name] == nil })
	left, dropped := maps.Clone(all), map[string]int{}
	for _, gone := range slices.Backward(expected) {
		if got := export(left.series()); !slices.Equal(got.names(), left.names()) {
			t.Fatalf("%d series fit, but %v became %v", left.series(), left.names(), got.names())
		}
		got := export(left.series() - 1)
		delete(left, gone.name)
		dropped[gone.collector] += len(all[gone.name])
		if !slices.Equal(got.names(), left.names()) {
			t.Fatalf("after %s:\ngot  %v\nwant %v", gone.name, got.names(), left.names())
		}
		for name, lines := range got {
			if name != "ogg_scrape_series_dropped" && !slices.Equal(lines, all[name]) {
				t.Errorf("after %s: %s changed:\n%s", gone.name, name, diffLines(strings.Join(all[name], "\n"), strings.Join(lines, "\n")))
			}
		}
		served := got.dropped("gg")
		for _, c := range allCollectors() {
			if c == collector.Pipeline {
				continue // of no Service Manager
			}
			if n, met := served[c]; n != dropped[c] || !met {
				t.Errorf("after %s: %s dropped %d (%t), want %d", gone.name, c, n, met, dropped[c])
			}
		}
		if got.series()+total(served) != all.series() {
			t.Errorf("after %s: %d served and %d dropped are not %d", gone.name, got.series(), total(served), all.series())
		}
	}
	if got := export(1); !slices.Equal(got.names(), left.names()) {
		t.Errorf("of the essential:\ngot  %v\nwant %v", got.names(), left.names())
	}
}

// TestMaxSeriesDoesNotWaver: which metrics are dropped does not depend on the order of
// the snapshot.
func TestMaxSeriesDoesNotWaver(t *testing.T) {
	t.Parallel()
	inst := start(t, everything(oggtest.Release26ai, false)).Poll(context.Background(), allCollectors()...)
	export := func(maxSeries int) string {
		return gather(t, exported{inst, collector.Options{Enabled: allCollectors(), MaxSeries: maxSeries}})
	}
	half := (parse(export(0)).series() + parse(export(1)).series()) / 2
	want := export(half)
	if n := parse(want).series(); n > half {
		t.Errorf("%d series of at most %d", n, half)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		shuffle(random, inst.Deployments)
		shuffle(random, inst.Requests)
		for _, d := range inst.Deployments {
			shuffle(random, d.Services)
			shuffle(random, d.Processes)
			shuffle(random, d.Monitored)
			shuffle(random, d.Trails)
		}
		if diff := diffLines(want, export(half)); diff != "" {
			t.Fatalf("another order gives another exposition:\n%s", diff)
		}
	}
}

// TestMaxSeriesOfEach: the bound applies to each Service Manager separately: one with
// too many series costs another none.
func TestMaxSeriesOfEach(t *testing.T) {
	t.Parallel()
	small := oggtest.Installation{Release: oggtest.Release26ai, Deployments: []oggtest.Deployment{{
		Name: "north", Processes: []oggtest.Process{{Name: "EXT"}},
	}}}
	large := everything(oggtest.Release26ai, false)
	var clients []*ogg.Client
	for name, i := range map[string]oggtest.Installation{"small": small, "large": large} {
		i.Network = bubble.Network(t)
		s, err := oggtest.Start(i)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		clients = append(clients, clientNamed(t, name, s, i))
	}
	scrape := func(maxSeries int) (small, large exposition) {
		o := collector.Options{Enabled: allCollectors(), MaxSeries: maxSeries}
		e := expositionOf(t, collector.NewScrape(context.Background(), clients, o))
		return e.of("small"), e.of("large")
	}
	smallBefore, largeBefore := scrape(0)
	bound := largeBefore.series() - 100
	smallAfter, largeAfter := scrape(bound)
	if !slices.Equal(smallAfter.names(), smallBefore.names()) || total(smallAfter.dropped("small")) != 0 {
		t.Errorf("of the small one: %v, dropped %v; before %v", smallAfter.names(), smallAfter.dropped("small"), smallBefore.names())
	}
	if n := largeAfter.series(); n > bound || total(largeAfter.dropped("large")) == 0 {
		t.Errorf("of the large one: %d series of at most %d, dropped %v", n, bound, largeAfter.dropped("large"))
	}
}

// TestSeriesDroppedOfEnabled: only enabled collectors report dropped series; those of a
// metric that two collectors share count for the one that is enabled.
func TestSeriesDroppedOfEnabled(t *testing.T) {
	t.Parallel()
	inst := &ogg.Installation{ServiceManager: "gg", Deployments: []*ogg.Deployment{{Name: "north", Monitoring: ogg.Monitoring{Monitored: []*ogg.Monitored{{
		Name: "EXT", Type: "extract", Trails: []*ogg.TrailIO{{Output: true, TrailPosition: ogg.TrailPosition{Trail: "ea", Sequence: wire.NumberOf(1)}}},
	}}}}}}
	for _, c := range []struct {
		enabled []string
		want    map[string]int
	}{
		{[]string{"performance"}, map[string]int{"performance": 2}},
		{[]string{"process", "performance"}, map[string]int{"process": 1, "performance": 1}},
		{nil, map[string]int{}},
	} {
		e := expositionOf(t, exported{inst, collector.Options{Enabled: c.enabled, MaxSeries: 1}})
		if got := e.dropped("gg"); !maps.Equal(got, c.want) {
			t.Errorf("%v: dropped %v, want %v", c.enabled, got, c.want)
		}
	}
}

// many returns an installation of that many Extracts, whose names are that long.
func many(processes, length int) *ogg.Installation {
	d := &ogg.Deployment{Name: "north", Status: "running", Reads: []ogg.Read{{Collector: "process"}}}
	for i := range processes {
		d.Processes = append(d.Processes, &ogg.Process{
			Name: fmt.Sprintf("%0*d", length, i), Type: ogg.Extract, Status: "running",
			Lag: wire.NumberOf(1), LagAge: wire.NumberOf(1), Started: wire.TimestampOf(time.Unix(1, 0)),
		})
	}
	return &ogg.Installation{ServiceManager: "gg", Deployments: []*ogg.Deployment{d}}
}

// TestHardLimit: what is never dropped has a limit, too: above it, the Service Manager counts as
// down, and what was lost is counted.
func TestHardLimit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		processes, length, maxSeries int
		whole                        bool
	}{
		"no bound":                    {3000, 8, 0, true},
		"above the bound":             {2200, 8, 11_000, true}, // 9 of each are never dropped
		"above twice the bound":       {3000, 8, 11_000, false},
		"a low bound":                 {1000, 8, 1, true},
		"far above a low bound":       {1200, 8, 1, false},
		"long labels":                 {3000, 500, 100_000, true},
		"long labels, too many":       {3000, 500, 13_000, false},
		"long labels above a low one": {1000, 500, 1, false},
	} {
		inst := many(c.processes, c.length)
		var err error
		samples := make(chan prometheus.Metric, 100_000)
		err = collector.Export(inst, collector.Options{Enabled: []string{"process"}, MaxSeries: c.maxSeries}, samples)
		e := expositionOf(t, exported{inst, collector.Options{Enabled: []string{"process"}, MaxSeries: c.maxSeries}})
		if whole := e["ogg_process_up"] != nil; whole != c.whole || whole != (err == nil) || len(samples) != e.series() {
			t.Errorf("%s: served %t, %v, %d samples", name, whole, err, len(samples))
		}
		up := `ogg_up{service_manager="gg"} ` + map[bool]string{true: "1", false: "0"}[c.whole] + "\n"
		if !slices.Equal(e["ogg_up"], []string{up}) {
			t.Errorf("%s: got %v", name, e["ogg_up"])
		}
		if all := expositionOf(t, exported{inst, collector.Options{Enabled: []string{"process"}}}); !c.whole {
			lost := all.series() - len(all["ogg_up"]) - len(all["ogg_scrape_collector_success"]) - len(all["ogg_scrape_collector_duration_seconds"]) - len(all["ogg_scrape_series_dropped"])
			if e.series() != 2 || e.dropped("gg")["process"] != lost {
				t.Errorf("%s: %d series, dropped %v of %d", name, e.series(), e.dropped("gg"), lost)
			}
		}
	}
}

// TestLabelBytes: long labels count, too: a family is dropped for them as it is for its series.
func TestLabelBytes(t *testing.T) {
	t.Parallel()
	inst := many(2500, 500)
	of := func(maxSeries int) exposition {
		return expositionOf(t, exported{inst, collector.Options{Enabled: []string{"process"}, MaxSeries: maxSeries}})
	}
	all, some := of(100_000), of(45_000)
	if total(all.dropped("gg")) != 0 || some["ogg_process_start_time_seconds"] != nil || some["ogg_process_up"] == nil {
		t.Errorf("dropped %v of %d series, and %v", all.dropped("gg"), all.series(), some.dropped("gg"))
	}
}

// exposition holds the lines of the samples of each metric.
type exposition map[string][]string

// expositionOf returns what c exposes.
func expositionOf(t testing.TB, c prometheus.Collector) exposition {
	t.Helper()
	return parse(gather(t, c))
}

// parse reads the text format.
func parse(text string) exposition {
	e, name := exposition{}, ""
	for line := range strings.Lines(text) {
		if rest, is := strings.CutPrefix(line, "# TYPE "); is {
			name, _, _ = strings.Cut(rest, " ")
		} else if !strings.HasPrefix(line, "#") {
			e[name] = append(e[name], line)
		}
	}
	return e
}

// of returns the samples of one Service Manager.
func (e exposition) of(serviceManager string) exposition {
	part := exposition{}
	for name, lines := range e {
		for _, line := range lines {
			if strings.Contains(line, `service_manager="`+serviceManager+`"`) {
				part[name] = append(part[name], line)
			}
		}
	}
	return part
}

// names returns the metrics that have samples.
func (e exposition) names() []string { return slices.Sorted(maps.Keys(e)) }

func (e exposition) series() int {
	n := 0
	for _, lines := range e {
		n += len(lines)
	}
	return n
}

var droppedLine = regexp.MustCompile(`^ogg_scrape_series_dropped\{collector="(.*)",service_manager="(.*)"\} (.*)\n$`)

// dropped returns how many series each collector reports as dropped.
func (e exposition) dropped(serviceManager string) map[string]int {
	dropped := map[string]int{}
	for _, line := range e["ogg_scrape_series_dropped"] {
		if m := droppedLine.FindStringSubmatch(line); m != nil && m[2] == serviceManager {
			dropped[m[1]], _ = strconv.Atoi(m[3])
		}
	}
	return dropped
}

func total(figures map[string]int) int {
	sum := 0
	for _, n := range figures {
		sum += n
	}
	return sum
}

// documentedMetric is a row of METRICS.md: the metric, and the collector whose section it
// is in, empty for what is always on.
type documentedMetric struct{ name, collector string }

var (
	documentedSection = regexp.MustCompile("^## Collector `(.*)`")
	documentedRow     = regexp.MustCompile("^\\| `(ogg_.*?)` \\|")
	neverLeftOut      = regexp.MustCompile(`_(up|status|lag_seconds|age_seconds)$`)
)

// documented reads METRICS.md, whose order is that of importance.
func documented(t testing.TB) []documentedMetric {
	t.Helper()
	text, err := os.ReadFile("../METRICS.md")
	if err != nil {
		t.Fatal(err)
	}
	var metrics []documentedMetric
	section := ""
	for line := range strings.Lines(string(text)) {
		if m := documentedSection.FindStringSubmatch(line); m != nil {
			section = m[1]
		}
		if m := documentedRow.FindStringSubmatch(line); m != nil {
			metrics = append(metrics, documentedMetric{m[1], section})
		}
	}
	return metrics
}

// essential reports whether METRICS.md promises that it is never left out.
func (m documentedMetric) essential() bool {
	return m.collector == "" || neverLeftOut.MatchString(m.name)
}

func shuffle[E any](random *rand.Rand, s []E) {
	random.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
}
