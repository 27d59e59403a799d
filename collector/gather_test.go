package collector_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// formats are those in which Prometheus and others ask for an exposition.
var formats = []expfmt.Format{
	expfmt.NewFormat(expfmt.TypeTextPlain),
	expfmt.NewFormat(expfmt.TypeOpenMetrics),
	expfmt.NewFormat(expfmt.TypeProtoDelim),
}

// checked returns the families of a scrape as its Gatherer makes them, and fails the test if they
// break a rule that a registry or a linter checks, or differ from those that a registry makes of
// the same samples.
func checked(t testing.TB, scrape *collector.Recording) []*dto.MetricFamily {
	t.Helper()
	gatherer := scrape.Gatherer(nil)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(scrape)
	want, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got, err := gatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	lint(t, got)
	for _, format := range formats {
		of := encoded(t, format, all(want))
		at := encoded(t, format, func(do func(*dto.MetricFamily)) {
			if err := gatherer.Each(do); err != nil {
				t.Error(err)
			}
		})
		if !bytes.Equal(of, at) {
			t.Errorf("%s: the exposition is not that of a registry (- wanted, + got):\n%s", format, diffLines(string(of), string(at)))
		}
	}
	return got
}

// encoded returns an exposition.
func encoded(t testing.TB, format expfmt.Format, each func(do func(*dto.MetricFamily))) []byte {
	t.Helper()
	var out bytes.Buffer
	encoder := expfmt.NewEncoder(&out, format, expfmt.WithCreatedLines())
	each(func(family *dto.MetricFamily) {
		if err := encoder.Encode(family); err != nil {
			t.Error(err)
		}
	})
	if closer, is := encoder.(expfmt.Closer); is {
		if err := closer.Close(); err != nil {
			t.Error(err)
		}
	}
	return out.Bytes()
}

// all returns what calls a function with each family.
func all(families []*dto.MetricFamily) func(do func(*dto.MetricFamily)) {
	return func(do func(*dto.MetricFamily)) {
		for _, family := range families {
			do(family)
		}
	}
}

// lint runs client_golang's linter. It compares each sample with all others that it gets of the family, for
// duplicates, which a registry finds sooner. So it gets few at once.
func lint(t testing.TB, families []*dto.MetricFamily) {
	t.Helper()
	for _, family := range families {
		for some := range slices.Chunk(family.Metric, 20) {
			part := &dto.MetricFamily{Name: family.Name, Help: family.Help, Type: family.Type, Unit: family.Unit, Metric: some}
			problems, err := promlint.NewWithMetricFamilies([]*dto.MetricFamily{part}).Lint()
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range problems {
				t.Errorf("%s: %s", p.Metric, p.Text)
			}
		}
	}
}

// hostile are texts that a label has to survive.
var hostile = []string{"\xff\xfe", "a\"b\\c\nd", "", "\x00", "ä\xc3", "\u2028", "# HELP", "}", strings.Repeat("x", wire.MaxText)}

// hostileNames returns an installation whose processes have hostile names.
func hostileNames(serviceManager string) *ogg.Installation {
	d := &ogg.Deployment{Name: "no\xffrth", Status: "running"}
	for _, name := range hostile {
		d.Processes = append(d.Processes, &ogg.Process{Name: name, Type: "extract", Status: name, Lag: wire.NumberOf(1)})
	}
	return &ogg.Installation{ServiceManager: serviceManager, Deployments: []*ogg.Deployment{d}}
}

// TestGatherHostile: labels with any bytes are exposed as a registry accepts them, in any order.
func TestGatherHostile(t *testing.T) {
	t.Parallel()
	families := checked(t, collector.RecordOf(collector.Options{Enabled: []string{"process"}}, hostileNames("b"), hostileNames("a\xff"), hostileNames("c")))
	for _, family := range families {
		if family.GetName() == "ogg_process_lag_seconds" && len(family.GetMetric()) != 3*len(hostile) {
			t.Errorf("%d lags, want %d", len(family.GetMetric()), 3*len(hostile))
		}
	}
}

// TestGatherDuplicates: of samples that occur twice, in one Service Manager or in two, the first
// counts, which is an error as in a registry; everything else is served.
func TestGatherDuplicates(t *testing.T) {
	t.Parallel()
	of := func(lags ...float64) *ogg.Installation {
		d := &ogg.Deployment{Name: "north", Status: "running"}
		for _, lag := range lags {
			d.Processes = append(d.Processes, &ogg.Process{Name: "EXT1", Type: "extract", Lag: wire.NumberOf(lag)}, &ogg.Process{Name: "EXT0", Type: "extract", Lag: wire.NumberOf(lag)})
		}
		return &ogg.Installation{ServiceManager: "gg", Deployments: []*ogg.Deployment{d}}
	}
	for name, installations := range map[string][]*ogg.Installation{
		"in one": {of(1, 2, 3)}, "in two": {of(1), of(2)}, "in one and in two": {of(1, 2), of(3)},
	} {
		scrape := collector.RecordOf(collector.Options{Enabled: []string{"process"}}, installations...)
		gatherer := scrape.Gatherer(nil)
		registry := prometheus.NewRegistry()
		registry.MustRegister(scrape)
		want, err := registry.Gather()
		if err == nil {
			t.Fatalf("%s: no error from the registry", name)
		}
		got, err := gatherer.Gather()
		if err == nil || !strings.Contains(err.Error(), `"ogg_process_lag_seconds"`) || !strings.Contains(err.Error(), "duplicates, of which the first is served") {
			t.Errorf("%s: error %v", name, err)
		}
		for _, format := range formats {
			if of, at := encoded(t, format, all(want)), encoded(t, format, all(got)); !bytes.Equal(of, at) {
				t.Errorf("%s: %s (- wanted, + got):\n%s", name, format, diffLines(string(of), string(at)))
			}
		}
	}
}

// TestGatherNames: a metric of others that has the name of one of ours is an error, and ours
// counts. No two of ours share a name, nor do they collide with the suffixes of a histogram.
func TestGatherNames(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	for _, name := range []string{"aaa", "ogg_process_lag_seconds", "zzz"} {
		registry.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: "Of others."}))
	}
	scrape := collector.RecordOf(collector.Options{Enabled: []string{"process"}}, hostileNames("gg"))
	var names []string
	err := scrape.Gatherer(registry).Each(func(family *dto.MetricFamily) {
		names = append(names, family.GetName())
		if family.GetName() == "ogg_process_lag_seconds" && len(family.GetMetric()) != len(hostile) {
			t.Errorf("ours is not served, but %v", family)
		}
	})
	if err == nil || strings.Count(err.Error(), `two sources have metrics named "ogg_process_lag_seconds"`) != 1 {
		t.Errorf("error %v", err)
	}
	if want := "aaa ogg_process_lag_seconds ogg_process_status ogg_process_up ogg_scrape_series_dropped ogg_up zzz"; strings.Join(names, " ") != want {
		t.Errorf("families %s, want %s", names, want)
	}
	met := map[string]bool{}
	for _, name := range collector.Names() {
		for _, suffix := range []string{"", "_sum", "_count", "_bucket"} {
			if suffix == "" && met[name] || suffix != "" && met[strings.TrimSuffix(name, suffix)] && strings.HasSuffix(name, suffix) {
				t.Errorf("%s collides with another metric", name)
			}
		}
		met[name] = true
	}
}

// TestGatherPanic: a poll that panics is an error, and everything else is served.
func TestGatherPanic(t *testing.T) {
	t.Parallel()
	scrape := collector.RecordOf(collector.Options{Enabled: []string{"process"}}, hostileNames("gg"), nil)
	families, err := scrape.Gatherer(nil).Gather()
	if err == nil || !strings.Contains(err.Error(), "metric left out") {
		t.Errorf("error %v", err)
	}
	if len(families) == 0 {
		t.Error("nothing is served")
	}
}

// TestGatherAllocations: a sample costs few allocations, from the snapshot until it can be encoded.
func TestGatherAllocations(t *testing.T) {
	const most = 0.05
	inst, o := fleetSnapshot(t), collector.Options{Enabled: allCollectors(), MaxSeries: 50_000}
	samples := 0
	allocations := testing.AllocsPerRun(5, func() {
		samples = 0
		if err := collector.GathererOf(inst, o).Each(func(family *dto.MetricFamily) { samples += len(family.GetMetric()) }); err != nil {
			t.Error(err)
		}
	})
	if each := allocations / float64(samples); each > most {
		t.Errorf("%.3f allocations for each of %d samples, want at most %v", each, samples, most)
	} else {
		t.Logf("%.3f allocations for each of %d samples", each, samples)
	}
}

// fleetSnapshot returns a snapshot of some 34,000 samples.
func fleetSnapshot(t testing.TB) *ogg.Installation {
	t.Helper()
	installation := oggtest.Fleet(oggtest.FleetSize{ServiceManagers: 1, Deployments: 4, Processes: 100, Release: oggtest.Release26ai})[0]
	s, err := oggtest.Start(installation)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return clientFor(t, s, installation).Poll(context.Background(), allCollectors()...)
}
