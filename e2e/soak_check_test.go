//go:build soak

package e2e

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// scraper asks the exporter, with chances of its own.
type scraper struct {
	*soak
	rng *rand.Rand
}

// startScrapers starts all that ask the exporter, each once in a second.
func (s *soak) startScrapers(ctx context.Context, all *sync.WaitGroup) {
	n := uint64(0)
	start := func(ask func(scraper)) {
		n++
		c := scraper{s, rand.New(rand.NewPCG(s.seed, n))}
		all.Go(func() {
			every(ctx, time.Second, func() {
				s.scraping.RLock()
				defer s.scraping.RUnlock()
				if s.lives() {
					ask(c)
				}
			})
		})
	}
	start(scraper.scrapeAll)
	start(scraper.scrapeAll)
	for _, m := range s.sims {
		start(func(c scraper) { c.scrapeEach(m.name) })
	}
	start(func(c scraper) { c.scrapeEach(cloudName) })
	start(scraper.discover)
	start(scraper.hangUp)
	start(scraper.hangUp)
	start(scraper.visit)
	start(scraper.oddTimeout)
	for range 4 {
		start(scraper.oddClient)
	}
	all.Go(func() { every(ctx, time.Second, s.countRequests) })
}

// answer is what the exporter answers.
type answer struct {
	status  int
	body    string
	hurried bool // whether the machine was busy with something else
	spent   bool // whether the time of the scrape was used up, nearly
}

// ask sends a request with headers in pairs. No answer is a violation, and so is one with
// a secret.
func (s *soak) ask(method, path string, headers ...string) (answer, bool) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	a, err := s.askUntil(ctx, method, path, headers...)
	if err != nil {
		s.violation("%s %s: %v", method, path, err)
	}
	return a, err == nil
}

// askUntil is ask until ctx ends. The answer is what was received.
func (s *soak) askUntil(ctx context.Context, method, path string, headers ...string) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, s.exporter.url+path, nil)
	if err != nil {
		return answer{}, err
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := s.web.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	s.checkSecrets(method+" "+path, string(body))
	return answer{status: response.StatusCode, body: string(body)}, err
}

// notToBeShown are parts of what must not be shown: the prefix of all secrets, as it is and
// in the headers Authorization and Proxy-Authorization, and the key for the control plane.
var notToBeShown = []string{
	hush,
	base64.StdEncoding.EncodeToString([]byte(oggtest.DefaultUser + ":" + hush))[:15],
	base64.StdEncoding.EncodeToString([]byte(proxyUser + ":" + hush))[:12],
	"PRIVATE KEY",
}

// checkSecrets checks that a text shows no secret.
func (s *soak) checkSecrets(where, text string) {
	for _, secret := range notToBeShown {
		if i := strings.Index(text, secret); i >= 0 {
			s.violation("%s shows a secret: %q", where, text[max(0, i-100):min(len(text), i+20)])
		}
	}
}

// shortestTime is the shortest timeout that a scrape states.
const shortestTime = 3 * time.Second

// scrape scrapes as Prometheus does, with or without its header, and checks how long that
// takes. It also returns the facts that held all the time.
func (c scraper) scrape(path string) (a answer, known map[string]bool, ok bool) {
	stated := []int{0, int(shortestTime / time.Second), 5, 10}[c.rng.IntN(4)]
	headers, within := []string{}, pollTimeout
	if stated > 0 {
		headers = append(headers, "X-Prometheus-Scrape-Timeout-Seconds", strconv.Itoa(stated))
		within = min(within, time.Duration(stated)*time.Second-500*time.Millisecond)
	}
	if c.rng.IntN(2) == 0 {
		headers = append(headers, "Accept", "application/openmetrics-text;version=1.0.0")
	}
	then, begin, lost := c.facts.now(), time.Now(), c.stalls.Lost()
	a, ok = c.ask(http.MethodGet, path, headers...)
	c.scrapes.Add(1)
	late, stalled := time.Since(begin)-within, c.stalls.Lost()-lost
	a.hurried, a.spent = stalled > time.Second, late >= -within/5 // a shared poll may end a little earlier
	if late > slack+stalled {
		c.violation("%s took %s longer than the %s that it had", path, late, within)
	}
	c.mu.Lock()
	c.late = max(c.late, late)
	c.mu.Unlock()
	return a, c.facts.since(then), ok
}

// scrapeAll scrapes /metrics and checks everything about it.
func (c scraper) scrapeAll() {
	path := []string{"/metrics", "/metrics", "/metrics?collect[]=process&collect[]=service"}[c.rng.IntN(3)]
	a, known, ok := c.scrape(path)
	if !ok {
		return
	}
	if a.status != http.StatusOK {
		c.violation("%s: status %d: %.300s", path, a.status, a.body)
		return
	}
	series := c.parse(path, a.body)
	for name, holds := range known {
		_, is := series[upOf(name)]
		switch {
		case name == loaded:
			if got := series["ogg_exporter_config_last_reload_successful"]; (got == 1) != holds {
				c.violation("the latest reload is said to be %v, which is not %t", got, holds)
			}
		case strings.HasPrefix(name, seriesOfCloud):
			c.checkFact(path, name, series, holds)
		case name == cloudName:
			if !holds && strings.Contains(a.body, ociLabel) {
				c.violation("%s has samples of %s, which is not configured", path, name)
			}
		case is != holds || !holds && strings.Contains(a.body, label(name)):
			c.violation("%s has samples: %t, want %t", name, is, holds)
		}
	}
	if !a.hurried {
		c.checkCalm(path, steady, series, a.spent)
	}
	if known[still] && !a.hurried {
		c.checkCalm(path, still, series, a.spent)
	}
	c.checkCloud(path, series)
	c.checkProcess(series)
	c.countDown(series)
	c.mu.Lock()
	c.own = series
	c.mu.Unlock()
}

// scrapeEach scrapes /probe and checks everything about it.
func (c scraper) scrapeEach(name string) {
	path := "/probe?target=" + url.QueryEscape(name)
	a, known, ok := c.scrape(path)
	if !ok {
		return
	}
	holds, isKnown := known[name]
	switch {
	case a.status == http.StatusNotFound && (!isKnown || !holds):
	case a.status == http.StatusOK && (!isKnown || holds):
		series := c.parse(path, a.body)
		for one := range series {
			if !strings.Contains(one, label(name)) && (name != cloudName || !strings.Contains(one, ociLabel)) {
				c.violation("%s has %s", path, one)
			}
		}
		if (name == steady || name == still && holds) && !a.hurried {
			c.checkCalm(path, name, series, a.spent)
		}
		c.checkCloud(path, series)
		c.countDown(series)
	default:
		c.violation("%s: status %d, configured: %t (known: %t): %.300s", path, a.status, holds, isKnown, a.body)
	}
}

// label is how samples say of which Service Manager they are.
func label(name string) string { return `service_manager="` + name + `"` }

// upOf is the series that each scrape has of a Service Manager.
func upOf(name string) string { return "ogg_up{" + label(name) + "}" }

// parse returns the values by series. Anything invalid is a violation.
func (c scraper) parse(path, text string) map[string]float64 {
	// The library does not parse OpenMetrics, which ends like this and has the same samples.
	if !strings.HasSuffix(text, "# EOF\n") {
		parser := expfmt.NewTextParser(model.LegacyValidation)
		if _, err := parser.TextToMetricFamilies(strings.NewReader(text)); err != nil {
			c.violation("%s cannot be parsed: %v", path, err)
		}
	}
	series := map[string]float64{}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		end := max(0, strings.LastIndexByte(line, ' '))
		value, err := strconv.ParseFloat(strings.TrimSpace(line[end:]), 64)
		if _, twice := series[line[:end]]; twice || err != nil {
			c.violation("%s has twice, or cannot be read (%v): %s", path, err, line)
		}
		series[line[:end]] = value
	}
	return series
}

// checkCalm checks that nothing fails where nothing happens. A read may fail for which there was no
// time left, because of the machine or of those that scrape beside it, which is counted: the scrape
// took all its time, or its poll did, which others may have begun earlier.
func (c scraper) checkCalm(path, name string, series map[string]float64, spent bool) {
	var failed []string
	if series[upOf(name)] != 1 {
		failed = append(failed, upOf(name))
	}
	longest := 0.0
	for one, value := range series {
		switch {
		case !strings.Contains(one, label(name)):
		case strings.HasPrefix(one, "ogg_scrape_collector_duration_seconds{"):
			longest = max(longest, value)
		case value == 0 && strings.HasPrefix(one, "ogg_scrape_collector_success{"):
			failed = append(failed, one)
		}
	}
	switch {
	case failed == nil:
	case spent, longest > (shortestTime - time.Second).Seconds():
		c.cut.Add(1)
	default:
		c.violation("%s: reads fail: %q\nthe log:\n%s", path, failed, c.exporter.log.about("service_manager="+name+" ", 4))
	}
}

// checkProcess checks that the exporter has met no bug of its own, and how much memory it
// holds.
func (c scraper) checkProcess(series map[string]float64) {
	if panics, is := series["ogg_exporter_panics_total"]; panics != 0 || !is {
		c.violation("the exporter has had %v panics (there: %t)", panics, is)
	}
	if resident := series["process_resident_memory_bytes"]; resident > mostMemory {
		c.violation("the exporter holds %.0f MiB", resident/(1<<20))
	}
}

// countDown counts the Service Managers and clouds that could not be read: none would mean
// that nothing has happened.
func (c scraper) countDown(series map[string]float64) {
	for one, value := range series {
		if (strings.HasPrefix(one, "ogg_up{") || strings.HasPrefix(one, "ogg_oci_up{")) && value == 0 {
			c.down.Add(1)
		}
	}
}

// discover checks that /sd lists what is configured.
func (c scraper) discover() {
	then := c.facts.now()
	listed, ok := c.discovered()
	for name, holds := range c.facts.since(then) {
		if ok && name != loaded && !strings.HasPrefix(name, seriesOfCloud) && listed[name] != holds {
			c.violation("/sd lists %s: %t, want %t", name, listed[name], holds)
		}
	}
}

// discovered returns what /sd lists.
func (s *soak) discovered() (map[string]bool, bool) {
	a, ok := s.ask(http.MethodGet, "/sd")
	if !ok {
		return nil, false
	}
	var groups []struct{ Labels map[string]string }
	if err := json.Unmarshal([]byte(a.body), &groups); err != nil || a.status != http.StatusOK {
		s.violation("/sd: status %d, %v", a.status, err)
	}
	listed := map[string]bool{}
	for _, g := range groups {
		listed[g.Labels["__param_target"]] = true
	}
	return listed, true
}

// hangUp starts a scrape and does not wait for its end.
func (c scraper) hangUp() {
	path := "/metrics"
	if n := c.rng.IntN(2 * len(c.sims)); n < len(c.sims) {
		path = "/probe?target=" + url.QueryEscape(c.sims[n].name)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(c.rng.IntN(600))*time.Millisecond)
	defer cancel()
	_, _ = c.askUntil(ctx, http.MethodGet, path, "X-Prometheus-Scrape-Timeout-Seconds", "5")
	c.hangUps.Add(1)
}

// visit requests the other pages, and those that must be rejected.
func (c scraper) visit() {
	pages := []struct {
		path   string
		status int
	}{
		{"/", http.StatusOK},
		{"/-/healthy", http.StatusOK},
		{"/-/ready", http.StatusOK},
		{"/probe?debug=1&target=" + steady, http.StatusOK},
		{"/debug/pprof/goroutine?debug=1", http.StatusOK},
		{"/probe", http.StatusBadRequest},
		{"/probe?target=http://u:" + hush + "p@127.0.0.1:1", http.StatusBadRequest},
		{"/probe?target=" + hush + "name", http.StatusNotFound},
		{"/metrics?collect[]=" + hush + "collector", http.StatusBadRequest},
	}
	page := pages[c.rng.IntN(len(pages))]
	if a, ok := c.ask(http.MethodGet, page.path); ok && a.status != page.status {
		c.violation("%s: status %d, want %d", page.path, a.status, page.status)
	}
}

// lingering is for how many seconds a scrape that has begun may go on.
const lingering = int((pollTimeout + slack) / time.Second)

// countRequests counts the requests to the fleet and the control plane, every second. It
// may miss those that arrive at this very moment. What is not read gets none, from when the
// scrapes have ended that may still have been reading it.
func (s *soak) countRequests() {
	var known map[string]bool
	if len(s.past) == lingering {
		known = s.facts.since(s.past[0])
		s.past = s.past[1:]
	}
	s.past = append(s.past, s.facts.now())
	count := func(name string, methods []string) {
		s.requests.Add(int64(len(methods)))
		if holds, is := known[name]; is && !holds && len(methods) > 0 {
			s.violation("%s gets %d requests, and is not to be read any more", name, len(methods))
		}
		for _, method := range methods {
			if method != http.MethodGet {
				s.violation("%s gets a %s", name, method)
			}
		}
	}
	for _, m := range s.sims {
		var methods []string
		for _, r := range m.Requests() {
			methods = append(methods, r.Method)
		}
		m.ResetRequests()
		count(m.name, methods)
	}
	count(cloudName, s.cloud.methods())
}
