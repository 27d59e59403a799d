package collector

import (
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// collecting is a prometheus.Collector of a snapshot, with collectors of its own.
type collecting struct {
	inst    *ogg.Installation
	enabled []Collector
}

// Describe implements prometheus.Collector, as an unchecked one.
func (collecting) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c collecting) Collect(samples chan<- prometheus.Metric) {
	to := newSink(c.inst.ServiceManager, oggFamilies, 1)
	_, _ = export(to, c.inst, c.enabled, Options{MaxSeries: 1})
	to.kept.send(samples)
}

// TestUnlisted: a metric that is sampled but in no list is reported once, by name, and
// costs the rest of the scrape nothing. The same goes for a wrong number of labels.
func TestUnlisted(t *testing.T) {
	unlisted := gauge("ogg_unlisted", "In no list.", "process")
	histogram := newMetric("histogram", prometheus.UntypedValue, "ogg_unlisted_seconds", "In no list.", []string{"service_manager"})
	inst := &ogg.Installation{ServiceManager: "gg", Deployments: []*ogg.Deployment{{Name: "north", Status: "running"}, {Name: "south", Status: "running"}}}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(collecting{inst, []Collector{deploymentCollector, {Name: "unlisted", collect: func(to sink, d *ogg.Deployment) {
		to.sample(unlisted, 1, d.Name, "EXT1")
		to.histogram(histogram, prometheus.MustNewConstHistogram(histogram.desc, 1, 1, nil, "gg"))
		to.sample(processUp, 1, d.Name)
	}}}})
	served, err := registry.Gather()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"ogg_unlisted: " + errUnlisted.Error(), "ogg_unlisted_seconds: " + errUnlisted.Error(), "ogg_process_up: " + errLabels.Error()} {
		if strings.Count(err.Error(), want) != 1 {
			t.Errorf("%q is not in the error once:\n%v", want, err)
		}
	}
	got := map[string]int{}
	for _, family := range served {
		got[family.GetName()] = len(family.GetMetric())
	}
	if len(got) != 4 || got["ogg_up"] != 1 || got["ogg_deployment_up"] != 2 || got["ogg_deployment_status"] != 12 || got["ogg_scrape_series_dropped"] != 2 {
		t.Errorf("served: %v", got)
	}
}

// TestPanic: a Collector that panics costs its own samples, and its success is 0.
func TestPanic(t *testing.T) {
	inst := &ogg.Installation{ServiceManager: "gg", Deployments: []*ogg.Deployment{{
		Name: "north", Status: "running", Reads: []ogg.Read{{Collector: "deployment"}, {Collector: "broken"}},
	}}}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(collecting{inst, []Collector{{Name: "broken", collect: func(sink, *ogg.Deployment) { panic("a bug") }}, deploymentCollector}})
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			key := f.GetName()
			if i := slices.IndexFunc(m.GetLabel(), func(l *dto.LabelPair) bool { return l.GetName() == "collector" }); i >= 0 {
				key += " " + m.GetLabel()[i].GetValue()
			}
			got[key] += m.GetGauge().GetValue()
		}
	}
	if got["ogg_deployment_up"] != 1 || got["ogg_scrape_collector_success deployment"] != 1 {
		t.Errorf("the rest is not served: %v", got)
	}
	if success, is := got["ogg_scrape_collector_success broken"]; !is || success != 0 {
		t.Errorf("the success of what panicked is %v, %t", success, is)
	}
}

// TestBadHistogram: a histogram that contradicts itself is reported and left out, and the others are served.
func TestBadHistogram(t *testing.T) {
	t.Parallel()
	bad := &duration{ogg.RequestStats{Microservice: "adminsrvr", Count: 2, SparseZeros: 1}, "gg"}
	good := &duration{ogg.RequestStats{Microservice: "distsrvr", Count: 1, SparseZeros: 1}, "gg"}
	var errs prometheus.MultiError
	f := family{of: apiDuration, lists: []list{{histograms: []prometheus.Metric{bad, good}}}, n: 2}
	if got := f.in(&messages{}, &errs).GetMetric(); len(got) != 1 || got[0].GetHistogram().GetSampleCount() != 1 || len(errs) != 1 {
		t.Errorf("got %v, %v", got, errs)
	}
}
