package clients

import (
	"strings"
	"testing"

	"github.com/influxdata/telegraf"
	"github.com/influxdata/telegraf/agent"
	"github.com/influxdata/telegraf/config"
	"github.com/influxdata/telegraf/logger"
	_ "github.com/influxdata/telegraf/plugins/inputs/prometheus" // which the configuration names
)

// TestTelegraf: all samples arrive in telegraf as fields that are called like the metrics, with the labels as tags.
func TestTelegraf(t *testing.T) { // not in parallel: telegraf has one log for all
	r, log := record(t), &transcript{}
	logger.RedirectLogging(log)
	c := config.NewConfig()
	must(t, c.LoadConfigData([]byte(configured(t, "telegraf.conf", r.address())), "telegraf.conf"))
	if len(c.Inputs) != 1 {
		t.Fatalf("%d inputs are configured", len(c.Inputs))
	}
	input := c.Inputs[0]
	must(t, input.Init())
	arriving := make(chan telegraf.Metric, 100_000)
	to := agent.NewAccumulator(input, arriving)
	must(t, input.Start(to))
	must(t, input.Gather(to))
	input.Stop()
	close(arriving)
	exposed, arrived := r.exposed(t, protobuf), fromTelegraf(t, arriving, r.URL+"/metrics")
	same(t, "samples", exposed.samples, arrived.samples, identical)
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, " W! ") || strings.Contains(line, " E! ") {
			t.Errorf("it warns: %s", line)
		}
	}
}

// fromTelegraf returns what telegraf has collected. It adds the tag url, and each agent adds host.
func fromTelegraf(t *testing.T, all <-chan telegraf.Metric, url string) *exposition {
	t.Helper()
	e := newExposition()
	for m := range all {
		labels := m.Tags()
		if m.Name() != "prometheus" || labels["url"] != url {
			t.Errorf("what is %q of %q?", m.Name(), labels["url"])
		}
		delete(labels, "url")
		delete(labels, "host")
		for name, value := range m.Fields() {
			number, is := value.(float64)
			if !is {
				t.Errorf("%s is a %T", name, value)
			}
			at := series(name, labels)
			if _, twice := e.samples[at]; twice {
				t.Errorf("%s has arrived twice", at)
			}
			e.samples[at] = number
		}
	}
	return e
}
