//go:build soak

package e2e

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
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
	// mostMemory is the most that the exporter may hold, in bytes.
	mostMemory = 200 << 20
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
	s.happenForCertain()
	for end := time.Now().Add(*soakDuration - 2*calm); time.Now().Before(end) && s.lives(); s.pass(s.moment()) {
		s.happen()
	}
	s.heal()
	s.pass(calm)
	s.compare(before)
	cancel()
	all.Wait()
	s.report()
	s.stop()
	s.checkLog()
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

	scrapes, hangUps, down, cut, violations, faults, reloads, requests atomic.Int64

	mu   sync.Mutex
	own  map[string]float64 // the exporter's own figures, of the latest scrape
	late time.Duration      // the latest that an answer came after its time
	said []string           // violations

	stalls *bubble.Stalls

	reported int               // lines of the table; belongs to the reporting goroutine, at the end to the test
	past     []map[string]fact // of the latest seconds; belongs to the goroutine that counts requests

	// The following belongs to the one goroutine in which things happen.
	rng        *rand.Rand
	seed       uint64
	sims       []*simulated // all of them
	troubled   []*simulated // those to which something may happen
	cloud      *cloud
	proxy      *forwardProxy
	tokens     *oggtest.TokenServer
	troubles   []trouble // oldest first
	generation int       // of the configuration
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
	cloud       *cloud // that lists it; nil where it is in the configuration
	proxied     bool
	replanned   bool   // whether the cloud lists it in an unusual way
	secret      string // which it accepts
	secretFile  string // empty where the secret is in the configuration itself
	configured  bool
	concurrency int
}

// steady is the configured Service Manager to which nothing happens.
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
		seed: seed, rng: rand.New(rand.NewPCG(seed, 0)), stalls: bubble.WatchStalls(t),
	}
	t.Cleanup(s.repeat)
	s.startProxy()
	for name, i := range map[string]oggtest.Installation{
		"nginx":    {Release: oggtest.Release26ai, TLS: true, ReverseProxy: true},
		"digest":   {Release: oggtest.Release21c, Auth: oggtest.AuthDigest, Gzip: true},
		"token":    {Release: oggtest.Release26ai, Auth: oggtest.AuthBearer},
		"inline":   {Release: oggtest.Release19c},
		"old":      {Release: oggtest.Release12c, TLS: true},
		"http2":    {Release: oggtest.Release26ai, TLS: true, HTTP2: true},
		steady:     {Release: oggtest.Release23ai},
		identified: {Release: oggtest.Release26ai, Auth: oggtest.AuthBearer},
	} {
		s.simulate(name, i, nil)
	}
	s.startCloud()
	slices.SortFunc(s.sims, func(a, b *simulated) int { return cmp.Compare(a.name, b.name) })
	s.troubled = slices.DeleteFunc(slices.Clone(s.sims), func(m *simulated) bool { return m.name == steady || m.name == still || m.name == identified })
	must(t, os.WriteFile(s.file, []byte(s.configuration()), 0o600))
	s.exporter = startListening(t, buildExporter(t), "--config.file="+s.file,
		"--config.enable-auto-reload", "--config.auto-reload-interval=500ms", "--scrape.max-requests=0", "--ogg.max-body-memory=2MiB",
		"--web.enable-pprof", "--web.enable-debug", "--log.level=debug", "--collector.table", "--collector.certificate",
		"--collector.heartbeat.table", "--collector.heartbeat.table-interval=5s")
	s.settle(true)
	s.changing(func() {})
	s.awaitCloud()
	s.learnConstants()
	return s
}

// simulate starts a Service Manager, which is in the configuration, or a managed
// deployment, which the cloud lists.
func (s *soak) simulate(name string, i oggtest.Installation, c *cloud) *simulated {
	m := &simulated{name: name, cloud: c, configured: true, proxied: name == "old" || name == "inline", concurrency: 2}
	deployments := 2
	if c == nil {
		m.secret = s.newSecret()
	} else {
		deployments, m.secret, m.secretFile = 1, c.secret, c.secretFile
	}
	i.Deployments = oggtest.Fleet(oggtest.FleetSize{ServiceManagers: 1, Deployments: deployments, Processes: 4, Paths: 1})[0].Deployments
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
	if name == identified {
		s.startTokens(m.secret)
	}
	if c == nil && name != "inline" {
		m.secretFile = filepath.Join(s.t.TempDir(), "secret")
		must(s.t, os.WriteFile(m.secretFile, []byte(m.secret), 0o600))
	}
	s.sims = append(s.sims, m)
	return m
}

// newSecret returns one that was never used before.
func (s *soak) newSecret() string {
	s.secrets++
	return fmt.Sprintf("%s%d-%x", hush, s.secrets, s.seed)
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
		s.violation("the exporter has ended: %v", s.exporter.err)
		s.t.FailNow()
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
	text := fmt.Sprintf("after %s: %s", time.Since(s.begin).Round(time.Second), fmt.Sprintf(format, args...))
	s.mu.Lock()
	s.said = append(s.said, text)
	s.mu.Unlock()
	s.t.Errorf("%s\nwhat happened before:\n%s", text, s.journal.tail(12))
}

// checkLog checks the log of the exporter, which has ended.
func (s *soak) checkLog() {
	log := s.exporter.log.String()
	s.checkSecrets("the log", log)
	for _, bad := range []string{"panic", "DATA RACE", "superfluous", "error gathering metrics"} {
		if i := strings.Index(log, bad); i >= 0 {
			s.violation("the log has: %s", log[i:min(len(log), i+1000)])
		}
	}
	if s.down.Load() == 0 || s.reloads.Load() == 0 {
		s.violation("nothing has happened")
	}
	if s.cut.Load() > s.scrapes.Load()/20 {
		s.violation("%d of %d scrapes had no time for what is calm", s.cut.Load(), s.scrapes.Load())
	}
}
