//go:build soak

package e2e

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

var (
	soakDuration = flag.Duration("soak.duration", 20*time.Minute, "how long TestSoak takes")
	soakSeed     = flag.Uint64("soak.seed", 0, "seed of what happens in TestSoak; 0 is a random one")
)

const (
	// pollTimeout is the timeout in the configuration.
	pollTimeout = 9 * time.Second
	// slack is how late an answer may be on a slow machine that runs everything else as
	// well.
	slack = 3 * time.Second
	// patience is how long to wait for what has to happen by itself.
	patience = time.Minute
	// hush is the prefix of each secret.
	hush = "hush-"
	// mostViolations is how many violations are reported one by one.
	mostViolations = 20
)

// By how much the usage after all troubles may exceed the usage before them: goroutines,
// files, and heap in bytes plus a share of the heap.
const (
	moreGoroutines = 20
	moreFiles      = 12
	moreHeap       = 4 << 20
	moreHeapShare  = 0.25
)

// TestSoak: whatever happens to GoldenGate, the configuration and the secrets, the
// exporter answers in time, reports the truth and no secret, and in the end uses no more
// resources than at the beginning.
//
// It begins and ends with a calm period with nothing but scrapes. At the end of each,
// scrapes pause, all clients except one are replaced, and the usage is measured after one
// scrape and a garbage collection. In between, everything that happens is drawn from a
// seed.
func TestSoak(t *testing.T) {
	s := newSoak(t)
	calm := min(max(*soakDuration/10, 10*time.Second), time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	s.startScrapers(ctx, &all)
	all.Go(func() { every(ctx, s.interval(), s.report) })

	s.pass(calm)
	before := s.measure()
	for end := time.Now().Add(*soakDuration - 2*calm); time.Now().Before(end) && s.lives(); s.pass(s.moment()) {
		s.happen()
	}
	s.heal()
	s.pass(calm)
	s.compare(before)
	cancel()
	all.Wait()
	s.report()
	s.end()
}

// soak is the state of a soak test.
type soak struct {
	t        *testing.T
	begin    time.Time
	exporter *process
	web      *http.Client
	file     string // configuration

	scraping sync.RWMutex // held by each scrape, and for writing while they rest
	facts    facts
	journal  transcript // of what happened

	scrapes, hangUps, down, violations, faults, reloads, requests atomic.Int64

	mu   sync.Mutex
	own  map[string]float64 // the exporter's own figures, of the latest scrape
	late time.Duration      // the latest that an answer came after its time

	reported int // lines of the table; belongs to the reporting goroutine, at the end to the test

	// The following belongs to the one goroutine in which things happen.
	rng        *rand.Rand
	seed       uint64
	sims       []*simulated // the last is the steady one
	troubles   []trouble    // oldest first
	generation int          // of the configuration
	secrets    int
	fresh      bool // whether the timeout distinguishes clients from the previous ones
}

// trouble is something that lasts.
type trouble struct {
	name string
	end  func()
}

// simulated is a Service Manager.
type simulated struct {
	*oggtest.Server
	name        string
	spec        oggtest.Installation
	deployments []string
	secret      string // which it accepts
	secretFile  string // empty where the secret is in the configuration itself
	configured  bool
	concurrency int
}

// steady is the Service Manager to which nothing happens.
const steady = "steady"

// loaded is the fact that the configuration was last loaded without an error.
const loaded = "loaded"

// newSoak starts the fleet, and the exporter with all of it configured.
func newSoak(t *testing.T) *soak {
	t.Helper()
	seed := cmp.Or(*soakSeed, rand.Uint64())
	t.Logf("-soak.duration=%s -soak.seed=%d", *soakDuration, seed)
	s := &soak{
		t: t, begin: time.Now(), web: &http.Client{Transport: http.DefaultTransport},
		file: filepath.Join(t.TempDir(), "ogg_exporter.yml"),
		seed: seed, rng: rand.New(rand.NewPCG(seed, 0)),
	}
	for name, i := range map[string]oggtest.Installation{
		"nginx":  {Release: oggtest.Release26ai, TLS: true, ReverseProxy: true},
		"digest": {Release: oggtest.Release21c, Auth: oggtest.AuthDigest},
		"token":  {Release: oggtest.Release26ai, Auth: oggtest.AuthBearer},
		"inline": {Release: oggtest.Release19c},
		"old":    {Release: oggtest.Release12c, TLS: true},
		steady:   {Release: oggtest.Release23ai},
	} {
		s.simulate(name, i)
	}
	slices.SortFunc(s.sims, func(a, b *simulated) int { return cmp.Compare(rank(a)+a.name, rank(b)+b.name) })
	must(t, os.WriteFile(s.file, []byte(s.configuration()), 0o600))
	s.exporter = startListening(t, buildExporter(t), "--config.file="+s.file,
		"--config.enable-auto-reload", "--config.auto-reload-interval=500ms", "--scrape.max-requests=0",
		"--web.enable-pprof", "--web.enable-debug", "--log.level=debug", "--collector.table", "--collector.certificate",
		"--collector.heartbeat.table", "--collector.heartbeat.table-interval=5s")
	s.settle(true)
	return s
}

// rank sorts the steady one behind all others.
func rank(m *simulated) string {
	if m.name == steady {
		return "1"
	}
	return "0"
}

// simulate starts a Service Manager.
func (s *soak) simulate(name string, i oggtest.Installation) {
	m := &simulated{name: name, configured: true, concurrency: 2, secret: s.newSecret()}
	i.Deployments = oggtest.Fleet(oggtest.FleetSize{ServiceManagers: 1, Deployments: 2, Processes: 4, Paths: 1})[0].Deployments
	for n := range i.Deployments {
		i.Deployments[n].Certificates = []oggtest.Certificate{{Type: "server", Name: "default"}}
		i.Deployments[n].Connections = []oggtest.Connection{{Name: "OracleGoldenGate.ggadmin"}}
		m.deployments = append(m.deployments, i.Deployments[n].Name)
	}
	i.Role, i.Password, i.Token, m.spec = oggtest.RoleAdministrator, m.secret, m.secret, i
	var err error
	m.Server, err = oggtest.Start(i)
	must(s.t, err)
	s.t.Cleanup(m.Close)
	if name != "inline" {
		m.secretFile = filepath.Join(s.t.TempDir(), "secret")
		must(s.t, os.WriteFile(m.secretFile, []byte(m.secret), 0o600))
	}
	s.sims = append(s.sims, m)
}

// newSecret returns one that was never used before.
func (s *soak) newSecret() string {
	s.secrets++
	return fmt.Sprintf("%s%d-%x", hush, s.secrets, s.seed)
}

// configuration returns the text of the file, of a new generation.
func (s *soak) configuration() string {
	s.generation++
	lines := []string{"service_managers:"}
	for _, m := range s.sims {
		if m.configured {
			lines = append(lines, "- "+s.element(m))
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// element is a Service Manager in the configuration.
func (s *soak) element(m *simulated) string {
	keys := map[string]any{
		"name": m.name, "url": m.URL(), "reverse_proxy": m.spec.ReverseProxy, "max_concurrent_requests": m.concurrency, "timeout": pollTimeout.String(),
	}
	if s.fresh {
		keys["timeout"] = (pollTimeout - time.Millisecond).String()
	}
	if m.name == steady {
		keys["timeout"] = pollTimeout.String()
		keys["labels"] = map[string]string{"generation": s.generationLabel()}
	}
	if m.spec.TLS {
		keys["tls_config"] = map[string]string{"ca": string(m.CACertificate())}
	}
	switch {
	case m.spec.Auth == oggtest.AuthBearer:
		keys["authorization"] = map[string]string{"credentials_file": m.secretFile}
	case m.secretFile != "":
		keys["basic_auth"] = map[string]string{"username": oggtest.DefaultUser, "password_file": m.secretFile}
	default:
		keys["basic_auth"] = map[string]string{"username": oggtest.DefaultUser, "password": m.secret}
	}
	return asYAML(s.t, keys)
}

// generationLabel shows in service discovery which configuration is in force.
func (s *soak) generationLabel() string { return fmt.Sprintf("<%d>", s.generation) }

// facts are what is known about the exporter, by name: whether a Service Manager is
// configured, and whether the configuration was loaded.
type facts struct {
	mu sync.Mutex
	of map[string]fact
}

// fact is whether something holds.
type fact struct {
	holds    bool
	changes  int
	changing bool // not known at the moment
}

// now returns the facts, for a scrape that begins.
func (f *facts) now() map[string]fact {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.of)
}

// since returns those that have not changed since then, nor were about to.
func (f *facts) since(then map[string]fact) map[string]bool {
	same := map[string]bool{}
	for name, is := range f.now() {
		if was := then[name]; !was.changing && was.changes == is.changes {
			same[name] = is.holds
		}
	}
	return same
}

// change marks facts that are about to change.
func (f *facts) change(names ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, name := range names {
		f.of[name] = fact{changes: f.of[name].changes + 1, changing: true}
	}
}

// settle sets the facts that were about to change.
func (f *facts) settle(are map[string]bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of == nil {
		f.of = map[string]fact{}
	}
	for name, holds := range are {
		if is, known := f.of[name]; !known || is.changing {
			f.of[name] = fact{holds: holds, changes: is.changes}
		}
	}
}

// settle records whether the configuration was loaded.
func (s *soak) settle(good bool) {
	are := map[string]bool{loaded: good}
	if good {
		for _, m := range s.sims {
			are[m.name] = m.configured
		}
	}
	s.facts.settle(are)
}

// every calls f in intervals until ctx ends.
func every(ctx context.Context, interval time.Duration, f func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			f()
		}
	}
}

// lives reports whether the exporter has not ended.
func (s *soak) lives() bool {
	select {
	case <-s.exporter.ended:
		return false
	default:
		return true
	}
}

// pass lets time pass, as long as the exporter lives.
func (s *soak) pass(d time.Duration) {
	select {
	case <-s.exporter.ended:
		s.t.Fatalf("the exporter has ended: %v", s.exporter.err)
	case <-time.After(d):
	}
}

// moment is the time from one thing that happens to the next.
func (s *soak) moment() time.Duration {
	return time.Duration(100+s.rng.IntN(700)) * time.Millisecond
}

// violation reports something that the exporter must not do.
func (s *soak) violation(format string, args ...any) {
	if s.violations.Add(1) > mostViolations {
		s.t.Fail()
		return
	}
	s.t.Errorf("after %s: %s\nwhat happened before:\n%s", time.Since(s.begin).Round(time.Second), fmt.Sprintf(format, args...), s.journal.tail(12))
}

// Scrapes

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
	start(scraper.discover)
	start(scraper.hangUp)
	start(scraper.hangUp)
	start(scraper.visit)
	all.Go(func() { every(ctx, time.Second, s.countRequests) })
}

// answer is what the exporter answers.
type answer struct {
	status int
	body   string
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
	return answer{response.StatusCode, string(body)}, err
}

// encodedHush is the prefix of the secrets in the header Authorization.
var encodedHush = base64.StdEncoding.EncodeToString([]byte(oggtest.DefaultUser + ":" + hush))[:15]

// checkSecrets checks that a text shows no secret.
func (s *soak) checkSecrets(where, text string) {
	for _, secret := range []string{hush, encodedHush} {
		if i := strings.Index(text, secret); i >= 0 {
			s.violation("%s shows a secret: %q", where, text[max(0, i-100):min(len(text), i+20)])
		}
	}
}

// scrape scrapes as Prometheus does, with or without its header, and checks how long that
// takes. It also returns the facts that held all the time.
func (c scraper) scrape(path string) (a answer, known map[string]bool, ok bool) {
	stated := []int{0, 3, 5, 10}[c.rng.IntN(4)]
	headers, within := []string{}, pollTimeout
	if stated > 0 {
		headers = append(headers, "X-Prometheus-Scrape-Timeout-Seconds", strconv.Itoa(stated))
		within = min(within, time.Duration(stated)*time.Second-500*time.Millisecond)
	}
	if c.rng.IntN(2) == 0 {
		headers = append(headers, "Accept", "application/openmetrics-text;version=1.0.0")
	}
	then, begin := c.facts.now(), time.Now()
	a, ok = c.ask(http.MethodGet, path, headers...)
	c.scrapes.Add(1)
	late := time.Since(begin) - within
	if late > slack {
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
		if name == loaded {
			if got := series["ogg_exporter_config_last_reload_successful"]; (got == 1) != holds {
				c.violation("the latest reload is said to be %v, which is not %t", got, holds)
			}
		} else if _, is := series[upOf(name)]; is != holds || !holds && strings.Contains(a.body, label(name)) {
			c.violation("%s has samples: %t, want %t", name, is, holds)
		}
	}
	c.checkSteady(path, series)
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
			if !strings.Contains(one, label(name)) {
				c.violation("%s has %s", path, one)
			}
		}
		if name == steady {
			c.checkSteady(path, series)
		}
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

// checkSteady checks that nothing fails where nothing happens.
func (c scraper) checkSteady(path string, series map[string]float64) {
	if series[upOf(steady)] != 1 {
		c.violation("%s: %s is not up", path, steady)
	}
	for one, value := range series {
		if value == 0 && strings.HasPrefix(one, "ogg_scrape_collector_success{") && strings.Contains(one, label(steady)) {
			c.violation("%s: a read fails: %s", path, one)
		}
	}
}

// countDown counts the Service Managers that could not be read: none would mean that
// nothing has happened.
func (c scraper) countDown(series map[string]float64) {
	for one, value := range series {
		if strings.HasPrefix(one, "ogg_up{") && value == 0 {
			c.down.Add(1)
		}
	}
}

// discover checks that /sd lists what is configured.
func (c scraper) discover() {
	then := c.facts.now()
	a, ok := c.ask(http.MethodGet, "/sd")
	if !ok {
		return
	}
	var groups []struct{ Labels map[string]string }
	if err := json.Unmarshal([]byte(a.body), &groups); err != nil || a.status != http.StatusOK {
		c.violation("/sd: status %d, %v", a.status, err)
	}
	listed := map[string]bool{}
	for _, g := range groups {
		listed[g.Labels["__param_target"]] = true
	}
	for name, holds := range c.facts.since(then) {
		if name != loaded && listed[name] != holds {
			c.violation("/sd lists %s: %t, want %t", name, listed[name], holds)
		}
	}
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

// countRequests counts the requests to the fleet. It may miss those that arrive at this
// very moment.
func (s *soak) countRequests() {
	for _, m := range s.sims {
		requests := m.Requests()
		m.ResetRequests()
		s.requests.Add(int64(len(requests)))
		for _, r := range requests {
			if r.Method != http.MethodGet {
				s.violation("%s gets a %s", m.name, r.Method)
			}
		}
	}
}

// What happens

// happen makes one thing happen.
func (s *soak) happen() {
	things := []struct {
		weight int
		do     func()
	}{
		{8, s.fault},
		{5, s.mend},
		{2, s.restart},
		{2, s.standstill},
		{2, s.come},
		{2, s.rotate},
		{2, s.spoilSecret},
		{4, s.reconfigure},
		{2, s.misconfigure},
		{1, s.secretComesLate},
	}
	total := 0
	for _, thing := range things {
		total += thing.weight
	}
	if len(s.troubles) > 6 {
		s.mend()
	}
	n := s.rng.IntN(total)
	for _, thing := range things {
		if n -= thing.weight; n < 0 {
			thing.do()
			return
		}
	}
}

// note writes into the journal.
func (s *soak) note(format string, args ...any) {
	_, _ = fmt.Fprintf(&s.journal, "%s %s\n", time.Since(s.begin).Round(100*time.Millisecond), fmt.Sprintf(format, args...))
}

// lasts records a trouble until it is mended.
func (s *soak) lasts(name string, end func()) {
	s.note("%s", name)
	s.troubles = append(s.troubles, trouble{name, end})
}

// mend ends one of the troubles.
func (s *soak) mend() {
	if len(s.troubles) == 0 {
		return
	}
	i := s.rng.IntN(len(s.troubles))
	over := s.troubles[i]
	s.troubles = slices.Delete(s.troubles, i, i+1)
	s.note("over: %s", over.name)
	over.end()
}

// choose picks one of the values.
func choose[T any](s *soak, of ...T) T { return of[s.rng.IntN(len(of))] }

// anyone picks one of the Service Managers to which something may happen.
func (s *soak) anyone() *simulated { return choose(s, s.sims[:len(s.sims)-1]...) }

// services are those that each deployment has.
var services = []string{"adminsrvr", "distsrvr", "recvsrvr", "pmsrvr"}

// fault makes something fail for a number of requests or until it is mended.
func (s *soak) fault() {
	m := s.anyone()
	at := choose(s, oggtest.Target{},
		oggtest.Target{Service: "ServiceManager"},
		oggtest.Target{Deployment: choose(s, m.deployments...)},
		oggtest.Target{Deployment: choose(s, m.deployments...), Service: choose(s, services...)},
		oggtest.Target{Service: choose(s, services...)},
		oggtest.Target{Path: choose(s, "/services/v2/extracts", "/services/v2/replicats/*/info/status", "/services/v2/mpoints", "/services/v2/installation", "/services/v2/deployments", "/services/v2/sources", "/services/v2/trails", "/services/v2/config/health", "/services/v2/connections")},
	)
	names := slices.Sorted(maps.Keys(soakFaults))
	name := choose(s, names...)
	f := soakFaults[name]
	f.Times = choose(s, 0, 0, 1, 3, 20)
	if name == "endless body" || name == "nested deeply" {
		f.Times = choose(s, 1, 3) // which keep the machine busy
	}
	f.Latency = max(f.Latency, choose(s, 0, 0, 0, 200*time.Millisecond))
	s.faults.Add(1)
	s.lasts(fmt.Sprintf("fault of %s at %+v: %s (%d times, %s)", m.name, at, name, f.Times, f.Latency), m.Fault(at, f))
}

// soakFaults are all the ways in which a service can fail.
var soakFaults = map[string]oggtest.Fault{
	"refused":            {Refused: true},
	"reset":              {Reset: true},
	"hangs":              {Hang: true},
	"endless body":       {EndlessBody: true},
	"slow body":          {SlowBody: 300 * time.Millisecond},
	"very slow body":     {SlowBody: 5 * time.Second},
	"truncated":          {Truncated: true},
	"wrong types":        {WrongTypes: true},
	"HTML":               {HTML: true},
	"empty":              {Status: http.StatusNoContent},
	"redirect elsewhere": {Redirect: "http://127.0.0.2:1/services/v2/extracts"},
	"401":                {Unauthorized401: true},
	"403":                {Forbidden403: true},
	"404":                {Status: http.StatusNotFound},
	"429":                {Status: http.StatusTooManyRequests, RetryAfter: "3600"},
	"429, soon again":    {Status: http.StatusTooManyRequests, RetryAfter: "1"},
	"500":                {Status: http.StatusInternalServerError},
	"502":                {Status: http.StatusBadGateway, HTML: true},
	"503":                {Status: http.StatusServiceUnavailable, RetryAfter: "1"},
	"latency":            {Latency: 10 * time.Second},
	"no response":        {Body: `{"messages":[]}`},
	"an array":           {Body: `[1]`},
	"not JSON":           {Body: `status: running`},
	"nested deeply":      {Body: `{"response":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`},
	"a strange header":   {Header: http.Header{"Content-Encoding": {"gzip"}, "X-Long": {strings.Repeat("x", 100_000)}}},
}

// anyProcess returns the name of one of the processes of each deployment.
func (s *soak) anyProcess() string { return choose(s, "EXT00000", "REP00001", "EXT00002", "REP00003") }

// restart restarts something.
func (s *soak) restart() {
	m := s.anyone()
	deployment := choose(s, m.deployments...)
	switch s.rng.IntN(4) {
	case 0:
		s.note("restart of the Service Manager %s", m.name)
		m.RestartService("ServiceManager", "ServiceManager")
	case 1:
		service := choose(s, services...)
		s.note("restart of %s/%s/%s", m.name, deployment, service)
		m.RestartService(deployment, service)
	case 2:
		process := s.anyProcess()
		s.note("restart of %s/%s/%s", m.name, deployment, process)
		m.RestartProcess(deployment, process)
	default:
		s.note("restart of the path of %s/%s", m.name, deployment)
		m.RestartPath(deployment, "PATH00000")
	}
}

// standstill stops something for some time.
func (s *soak) standstill() {
	m := s.anyone()
	deployment := m.deployments[0]
	name, status := m.name+"/"+deployment, choose(s, "stopped", "killed", "abended")
	switch s.rng.IntN(4) {
	case 0:
		m.SetDeploymentStatus(deployment, status)
		s.lasts(name+" is "+status, func() { m.SetDeploymentStatus(deployment, "running") })
	case 1:
		service := choose(s, services...)
		status = choose(s, status, "starting", "restart")
		m.SetServiceStatus(deployment, service, status)
		s.lasts(name+"/"+service+" is "+status, func() { m.SetServiceStatus(deployment, service, "running") })
	case 2:
		process := s.anyProcess()
		status = choose(s, status, "suspended")
		m.SetProcessStatus(deployment, process, status)
		s.lasts(name+"/"+process+" is "+status, func() { m.SetProcessStatus(deployment, process, "running") })
	default:
		service := choose(s, services...)
		m.SetServiceHealth(deployment, service, false)
		s.lasts(name+"/"+service+" is not healthy", func() { m.SetServiceHealth(deployment, service, true) })
	}
}

// come adds something for some time.
func (s *soak) come() {
	m := s.anyone()
	s.secrets++ // also makes a new name
	if s.rng.IntN(2) == 0 {
		process, deployment := fmt.Sprintf("EXT%05d", s.secrets), m.deployments[0]
		must(s.t, m.AddProcess(deployment, oggtest.Process{Name: process}))
		s.lasts(m.name+" has the new process "+process, func() { m.RemoveProcess(deployment, process) })
		return
	}
	name := fmt.Sprintf("new%d", s.secrets)
	must(s.t, m.AddDeployment(oggtest.Deployment{Name: name, Processes: []oggtest.Process{{Name: "EXT00000"}}}))
	m.takes(m.secret, name)
	m.deployments = append(m.deployments, name)
	// Things happen to these in any deployment, so this one needs them as well.
	for _, p := range []string{"REP00001", "EXT00002", "REP00003"} {
		must(s.t, m.AddProcess(name, oggtest.Process{Name: p}))
	}
	must(s.t, m.AddDistributionPath(name, oggtest.DistributionPath{Name: "PATH00000"}))
	s.lasts(m.name+" has the new deployment "+name, func() {
		m.RemoveDeployment(name)
		m.deployments = slices.DeleteFunc(m.deployments, func(d string) bool { return d == name })
	})
}

// Secrets

// takes makes deployments of the simulation accept only this secret.
func (m *simulated) takes(secret string, deployments ...string) {
	m.secret = secret
	for _, d := range deployments {
		m.SetCredentials(d, oggtest.DefaultUser, secret)
		m.SetToken(d, secret)
	}
}

// changeSecret makes the simulation accept only a new secret, which the exporter does not
// know yet.
func (s *soak) changeSecret(m *simulated) {
	m.takes(s.newSecret(), append([]string{"ServiceManager"}, m.deployments...)...)
}

// writeSecret writes the file from which the exporter takes the secret.
func (s *soak) writeSecret(m *simulated, secret string) { s.replace(m.secretFile, secret) }

// replace gives a file another text in one of the usual ways.
func (s *soak) replace(file, text string) {
	switch s.rng.IntN(3) {
	case 0:
		must(s.t, os.WriteFile(file+"~", []byte(text), 0o600))
		must(s.t, os.Rename(file+"~", file))
	case 1:
		must(s.t, os.WriteFile(file, []byte(text), 0o600))
	default:
		if err := os.Remove(file); !errors.Is(err, os.ErrNotExist) {
			must(s.t, err)
		}
		must(s.t, os.WriteFile(file, []byte(text), 0o600))
	}
}

// rotate changes a secret, and informs the exporter a moment later.
func (s *soak) rotate() {
	m := s.anyone()
	s.note("new secret of %s", m.name)
	s.changeSecret(m)
	s.pass(s.moment())
	if m.secretFile != "" {
		s.writeSecret(m, m.secret)
		return
	}
	s.restoreFiles()
	s.load(s.configuration(), true)
}

// spoilSecret gives the exporter a wrong secret, or none, for some time.
func (s *soak) spoilSecret() {
	m := s.anyone()
	if m.secretFile == "" {
		return
	}
	if s.rng.IntN(3) == 0 {
		must(s.t, os.RemoveAll(m.secretFile))
		s.lasts("the secret of "+m.name+" is not there", func() { s.writeSecret(m, m.secret) })
		return
	}
	s.writeSecret(m, s.newSecret())
	s.lasts("the secret of "+m.name+" is wrong", func() { s.writeSecret(m, m.secret) })
}

// Reloads

// reconfigure changes the configuration.
func (s *soak) reconfigure() {
	m := s.anyone()
	names := []string{m.name}
	switch s.rng.IntN(4) {
	case 0:
		m.concurrency = choose(s, 1, 2, 4)
	default:
		m.configured = !m.configured
		if other := s.anyone(); other != m && s.rng.IntN(2) == 0 {
			other.configured = !other.configured
			names = append(names, other.name)
		}
	}
	s.note("new configuration of %q, configured: %t", names, m.configured)
	s.restoreFiles()
	s.load(s.configuration(), true, names...)
}

// restoreFiles writes the missing secret files, without which no configuration is valid.
func (s *soak) restoreFiles() {
	for _, m := range s.sims {
		if m.secretFile == "" {
			continue
		}
		if _, err := os.Stat(m.secretFile); err != nil {
			s.writeSecret(m, m.secret)
		}
	}
}

// misconfigure writes a configuration that cannot be loaded.
func (s *soak) misconfigure() {
	good := s.configuration()
	name := choose(s, slices.Sorted(maps.Keys(mistakes))...)
	s.note("the configuration: %s", name)
	s.load(mistakes[name](good), false)
}

// mistakes turn a configuration into one that cannot be loaded.
var mistakes = map[string]func(good string) string{
	"empty":       func(string) string { return "" },
	"no YAML":     func(good string) string { return good + "\t- {" },
	"unknown key": func(good string) string { return good + "- {url: 'http://127.0.0.1:1', colour: " + hush + "red}\n" },
	"a bad URL":   func(good string) string { return good + "- {url: 'http://u:" + hush + "p@127.0.0.1:1'}\n" },
	"twice":       func(good string) string { return good + strings.TrimPrefix(good, "service_managers:\n") },
	"bad types":   func(good string) string { return good + "- {url: [" + hush + "x], basic_auth: " + hush + "y}\n" },
	"bad CA": func(good string) string {
		return good + "- {url: 'https://127.0.0.1:1', tls_config: {ca: " + hush + "ca}}\n"
	},
	"bad pair": func(good string) string {
		return good + "- {url: 'https://127.0.0.1:1', tls_config: {cert: " + hush + "c, key: " + hush + "k}}\n"
	},
}

// secretComesLate writes a configuration that names a missing file. Once the file exists,
// the watch loads the configuration.
func (s *soak) secretComesLate() {
	s.restoreFiles()
	late := filepath.Join(filepath.Dir(s.file), "late")
	s.note("the configuration names a file that comes late")
	text := s.configuration() + "- {name: late, url: 'http://127.0.0.1:1', basic_auth: {username: u, password_file: late}}\n"
	s.load(text, false)
	s.facts.change(loaded)
	must(s.t, os.WriteFile(late, []byte(s.newSecret()), 0o600))
	s.await(true)
	s.settle(true)
	s.load(s.configuration(), true)
	must(s.t, os.Remove(late))
}

// load writes a configuration and has it loaded in one of the three ways. It returns when
// the exporter has reported the result.
func (s *soak) load(text string, good bool, names ...string) {
	way := choose(s, "POST", "SIGHUP", "watch")
	s.loadBy(way, text, good, names...)
}

// loadBy is load in the given way.
func (s *soak) loadBy(way, text string, good bool, names ...string) {
	wasGood := s.facts.now()[loaded].holds
	s.facts.change(append(names, loaded)...)
	s.replace(s.file, text)
	s.reloads.Add(1)
	switch way {
	case "POST":
		if a, ok := s.ask(http.MethodPost, "/-/reload"); ok && (a.status == http.StatusOK) != good {
			s.violation("a reload is answered with %d, which should be good: %t\n%.1000s", a.status, good, a.body)
		}
	case "SIGHUP":
		must(s.t, s.exporter.cmd.Process.Signal(syscall.SIGHUP))
	}
	// A second failure cannot be distinguished from the first.
	if good || wasGood {
		s.await(good)
	}
	s.settle(good)
}

// await waits until the exporter reports that the configuration was loaded, or was not.
func (s *soak) await(good bool) {
	for deadline := time.Now().Add(patience); ; s.pass(50 * time.Millisecond) {
		if good && s.isInForce() || !good && s.figure("ogg_exporter_config_last_reload_successful") == 0 {
			return
		}
		if time.Now().After(deadline) {
			s.violation("a reload is not noticed in %s, which should be good: %t", patience, good)
			return
		}
	}
}

// isInForce reports whether the latest configuration is in force.
func (s *soak) isInForce() bool {
	a, ok := s.ask(http.MethodGet, "/sd")
	var groups []struct{ Labels map[string]string }
	return ok && json.Unmarshal([]byte(a.body), &groups) == nil && slices.ContainsFunc(groups, func(g struct{ Labels map[string]string }) bool {
		return g.Labels["generation"] == s.generationLabel()
	})
}

// figure scrapes one of the exporter's own metrics; -1 where it is missing.
func (s *soak) figure(name string) float64 {
	a, ok := s.ask(http.MethodGet, "/metrics?collect[]=deployment", "X-Prometheus-Scrape-Timeout-Seconds", "5")
	m := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(a.body)
	if !ok || m == nil {
		return -1
	}
	value, err := strconv.ParseFloat(m[1], 64)
	must(s.t, err)
	return value
}

// The end

// heal ends all troubles and waits until everything can be read again.
func (s *soak) heal() {
	for len(s.troubles) > 0 {
		s.mend()
	}
	var names []string
	for _, m := range s.sims {
		m.configured = true
		names = append(names, m.name)
		if m.name == steady {
			continue
		}
		// Otherwise a rejected user would be held back for minutes more. No service is
		// restarted: that would end connections that should already have been closed.
		s.changeSecret(m)
		if m.secretFile != "" {
			s.writeSecret(m, m.secret)
		}
	}
	s.note("all troubles are over")
	s.loadBy("POST", s.configuration(), true, names...)
	until(s.t, func() error {
		a, _ := s.ask(http.MethodGet, "/metrics", "X-Prometheus-Scrape-Timeout-Seconds", "10")
		if failed := regexp.MustCompile(`(?m)^ogg_(up|scrape_collector_success)\{.* 0$`).FindAllString(a.body, -1); failed != nil {
			return fmt.Errorf("what has failed does not come back by itself: %q", failed)
		}
		return nil
	})
}

// usage is the resources that the exporter uses.
type usage struct{ goroutines, files, heapInUse, heapAllocated float64 }

func (u usage) String() string {
	return fmt.Sprintf("%.0f goroutines, %.0f files, heap %.1f MiB in use, %.1f MiB allocated", u.goroutines, u.files, u.heapInUse/(1<<20), u.heapAllocated/(1<<20))
}

// measure returns the mean of several measurements of the usage while nothing is scraped.
// All clients except that of the steady Service Manager are new, with one connection to
// each service: how many the others had would be chance.
func (s *soak) measure() usage {
	s.scraping.Lock()
	defer s.scraping.Unlock()
	s.fresh = !s.fresh
	for _, m := range s.sims {
		if m.name != steady {
			m.concurrency = 1
		}
	}
	s.loadBy("POST", s.configuration(), true)
	s.figure("go_goroutines") // the scrape that warms up
	const times = 3
	var sum usage
	for range times {
		s.web.CloseIdleConnections()
		for range 2 { // the first leaves what is in pools
			s.ask(http.MethodGet, "/debug/pprof/heap?gc=1")
		}
		a, _ := s.ask(http.MethodGet, "/metrics")
		series := scraper{s, nil}.parse("/metrics", a.body)
		sum.goroutines += series["go_goroutines"] / times
		sum.files += series["process_open_fds"] / times
		sum.heapInUse += series["go_memstats_heap_inuse_bytes"] / times
		sum.heapAllocated += series["go_memstats_heap_alloc_bytes"] / times
	}
	return sum
}

// compare checks that the usage is what it was before. It waits for what ends a moment
// after its scrape.
func (s *soak) compare(before usage) {
	var after usage
	isMore := true
	for deadline := time.Now().Add(patience); isMore && time.Now().Before(deadline); s.pass(time.Second) {
		after = s.measure()
		isMore = after.goroutines > before.goroutines+moreGoroutines || after.files > before.files+moreFiles ||
			after.heapInUse > before.heapInUse*(1+moreHeapShare)+moreHeap || after.heapAllocated > before.heapAllocated*(1+moreHeapShare)+moreHeap
	}
	s.t.Logf("before: %s", before)
	s.t.Logf("after:  %s (at most %d goroutines, %d files, %d MiB and %.0f%% of heap more)", after, moreGoroutines, moreFiles, moreHeap>>20, moreHeapShare*100)
	if isMore {
		a, _ := s.ask(http.MethodGet, "/debug/pprof/goroutine?debug=1")
		s.violation("the exporter holds more than before: %s; before: %s\n%.4000s", after, before, a.body)
	}
}

// end stops the exporter, which has to exit without an error, and checks its log.
func (s *soak) end() {
	must(s.t, s.exporter.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case <-s.exporter.ended:
		if s.exporter.err != nil {
			s.violation("the exporter ends with: %v", s.exporter.err)
		}
	case <-time.After(patience):
		s.violation("the exporter does not end")
	}
	log := s.exporter.log.String()
	s.checkSecrets("the log", log)
	for _, bad := range []string{"panic", "DATA RACE", "superfluous", "error gathering metrics"} {
		if i := strings.Index(log, bad); i >= 0 {
			s.violation("the log has: %s", log[i:min(len(log), i+1000)])
		}
	}
	if s.down.Load() == 0 || s.reloads.Load() == 0 {
		s.t.Error("nothing has happened")
	}
}

// interval is the time from one report to the next.
func (s *soak) interval() time.Duration { return min(time.Minute, *soakDuration/6) }

// report logs a line of the table.
func (s *soak) report() {
	s.mu.Lock()
	own, late := s.own, s.late
	s.mu.Unlock()
	const mib = 1 << 20
	columns := []struct {
		name  string
		value any
	}{
		{"after", time.Since(s.begin).Round(time.Second)},
		{"scrapes", s.scrapes.Load()},
		{"hang-ups", s.hangUps.Load()},
		{"down", s.down.Load()},
		{"failures", s.violations.Load()},
		{"faults", s.faults.Load()},
		{"reloads", s.reloads.Load()},
		{"requests", s.requests.Load()},
		{"latest[s]", fmt.Sprintf("%.2f", late.Seconds())},
		{"goroutines", own["go_goroutines"]},
		{"files", own["process_open_fds"]},
		{"heap[MiB]", fmt.Sprintf("%.1f", own["go_memstats_heap_inuse_bytes"]/mib)},
		{"RSS[MiB]", fmt.Sprintf("%.1f", own["process_resident_memory_bytes"]/mib)},
		{"CPU[s]", own["process_cpu_seconds_total"]},
	}
	var head, line strings.Builder
	for _, c := range columns {
		_, _ = fmt.Fprintf(&head, "%11s", c.name)
		_, _ = fmt.Fprintf(&line, "%11v", c.value)
	}
	if s.reported++; s.reported%10 == 1 {
		s.t.Log(head.String())
	}
	s.t.Log(line.String())
	s.checkSecrets("the log", s.exporter.log.String())
}
