package clients

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestVictoriaMetrics: all samples arrive in VictoriaMetrics, whose scraper is that of vmagent.
func TestVictoriaMetrics(t *testing.T) {
	t.Parallel()
	program := installed(t, "victoria-metrics")
	r := record(t)
	p := start(t, program, "-promscrape.config="+configFile(t, "prometheus.yml", r.address()),
		"-storageDataPath=data", "-httpListenAddr=127.0.0.1:"+freePort(t), "-loggerFormat=json")
	api := p.says(t, `starting http server at (http://[^/]+/)`)
	until(t, func() error {
		if r.scrapes() < 2 {
			return fmt.Errorf("it has scraped %d times", r.scrapes())
		}
		return nil
	})
	// What it has stored can be read once it is written to parts of its files.
	var arrived *exposition
	until(t, func() error {
		arrived = fromVictoriaMetrics(t, api)
		if len(arrived.samples) == 0 {
			return errors.New("it has no samples")
		}
		return nil
	})
	exposed := r.exposed(t, text)
	// It keeps 15 to 17 digits of a number, as a decimal.
	same(t, "samples", exposed.samples, arrived.samples, nearly)
	if odd := p.warnings(`"level":"(warn|error|fatal)"`); len(odd) > 0 {
		t.Errorf("it warns:\n%s", strings.Join(odd, "\n"))
	}
}

// fromVictoriaMetrics returns the latest sample of each series.
func fromVictoriaMetrics(t *testing.T, api string) *exposition {
	t.Helper()
	flushed, err := http.Get(api + "internal/force_flush")
	must(t, err)
	must(t, flushed.Body.Close())
	answer, err := http.Get(api + "api/v1/export?match[]=" + url.QueryEscape(`{job="ogg"}`))
	must(t, err)
	defer answer.Body.Close()
	e, lines := newExposition(), bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var s struct {
			Metric map[string]string
			Values []any // null is no number; infinities are written as texts
		}
		must(t, json.Unmarshal(lines.Bytes(), &s))
		name := s.Metric["__name__"]
		if name == "up" || strings.HasPrefix(name, "scrape_") {
			continue
		}
		at := series(name, withoutTarget(s.Metric))
		switch v := s.Values[len(s.Values)-1].(type) {
		case float64:
			e.samples[at] = v
		case string:
			e.samples[at] = number(v)
		case nil:
			e.samples[at] = math.NaN()
		}
	}
	must(t, lines.Err())
	return e
}
