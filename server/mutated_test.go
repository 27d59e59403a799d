package server_test

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/server"
)

var (
	mutatedScrapes = flag.Int("mutated.scrapes", 200, "how many scrapes TestMutatedAnswers does")
	mutatedSeed    = flag.Uint64("mutated.seed", 1, "seed of what TestMutatedAnswers does; 0 is a random one")
)

// TestMutatedAnswers: whatever becomes of the answers of a Service Manager on their way, each
// scrape is valid, in time and without secrets, another Service Manager is complete, and the
// exporter recovers.
func TestMutatedAnswers(t *testing.T) {
	seed := *mutatedSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	scrapes := *mutatedScrapes / 2
	if bubble.UnderRace {
		t.Log("a fifth of the scrapes, because of the race detector")
		scrapes /= 5
	}
	for name, proxy := range map[string]bool{"direct": false, "behind NGINX": true} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) { newHostileFleet(t, proxy, seed).run(scrapes) })
		})
	}
}

// hostileFleet is an exporter that reads a Service Manager whose answers are mutated, and a
// healthy one.
type hostileFleet struct {
	*bubble.T
	*exporter

	log      *locked
	mutators []*mutator
	healthy  []string // its samples
	seed     uint64
}

// newHostileFleet starts it.
func newHostileFleet(t *bubble.T, proxy bool, seed uint64) *hostileFleet {
	t.Helper()
	f := &hostileFleet{T: t, log: &locked{}, seed: seed}
	i := everySort(proxy)
	i.Network = oggtest.NewNetwork()
	for range 100 { // ports of its own, because the mutators listen on the exporter's network
		l, err := i.Network.Listen("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
	}
	gg, err := oggtest.Start(i)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(gg.Close)
	f.obstruct(i, gg, proxy)
	_, healthy := simulate(t, "healthy", everySort(true))
	sm := gg.Config("gg")
	f.exporter = newExporterWith(t, f.log, server.Options{EnableDebug: true}, sm, healthy)
	f.begin(0, 0)
	f.healthy = samples(f.scrape(t, "10"), `service_manager="healthy"`)
	if len(f.healthy) < 100 {
		t.Fatalf("only %d samples of the healthy Service Manager", len(f.healthy))
	}
	return f
}

// everySort is an installation with all that the collectors read by default.
func everySort(proxy bool) oggtest.Installation {
	i := twoDeployments(proxy)
	i.Deployments = i.Deployments[:1]
	north := &i.Deployments[0]
	north.Processes = append(north.Processes, oggtest.Process{Name: "FIN", Type: oggtest.Replicat, Mode: oggtest.Coordinated, Threads: 1, Trail: "ea", TrailPath: "/u02", Started: time.Hour})
	north.DistributionPaths = []oggtest.DistributionPath{{Name: "ORDERS", Extract: "EXT1", Lag: time.Second, Started: time.Hour}}
	north.ReceiverPaths = []oggtest.ReceiverPath{{Name: "INBOUND", Trail: "ra", TrailPath: "/u02/in", Started: time.Hour}}
	return i
}

// obstruct puts mutators where the simulation's services are: they listen on the exporter's network
// where the simulation listens on its own.
func (f *hostileFleet) obstruct(i oggtest.Installation, gg *oggtest.Server, proxy bool) {
	f.Helper()
	places := []string{gg.URL()}
	for _, service := range []string{"adminsrvr", "distsrvr", "recvsrvr", "pmsrvr"} {
		if !proxy {
			places = append(places, gg.ServiceURL("north", service))
		}
	}
	for _, place := range places {
		u, err := url.Parse(place)
		if err != nil {
			f.Fatal(err)
		}
		l, err := bubble.Network(f.T).Listen(u.Host)
		if err != nil {
			f.Fatal(err)
		}
		m := &mutator{Transport: &http.Transport{DialContext: i.Network.DialContext, DisableCompression: true, DisableKeepAlives: true}, to: "http://" + u.Host}
		s := &httptest.Server{Listener: l, Config: &http.Server{Handler: m}}
		s.Start()
		f.Cleanup(func() {
			s.CloseClientConnections()
			s.Close()
			m.CloseIdleConnections()
		})
		f.mutators = append(f.mutators, m)
	}
}

func (f *hostileFleet) begin(seed uint64, share float64) {
	for _, m := range f.mutators {
		m.begin(seed, share)
	}
}

// run scrapes that often. After some time in which nothing is changed, all is well again.
func (f *hostileFleet) run(scrapes int) {
	rest, changed, down := 0, 0, 0
	for n := range scrapes {
		rng := rand.New(rand.NewPCG(f.seed, uint64(n)))
		share := pick(rng, 0.02, 0.1, 0.5, 1)
		calm := n%20 == 19
		if calm {
			share = 0
			time.Sleep(25 * time.Hour)
		}
		f.begin(rng.Uint64(), share)
		what := fmt.Sprintf("scrape %d of -mutated.seed=%d", n, f.seed)
		exposition := f.check(what, pick(rng, 5, 10))
		for _, m := range f.mutators {
			changed += m.changes()
		}
		up := strings.Contains(exposition, "\nogg_up{service_manager=\"gg\"} 1\n")
		if !up {
			down++
		}
		if calm && !up {
			f.Errorf("%s: what went wrong before still does:\n%s", what, strings.Join(samples(exposition, `service_manager="gg"`), "\n"))
		}
		if calm {
			// What ends with a connection that has been idle for too long has ended.
			time.Sleep(time.Hour)
			synctest.Wait()
			is := goroutinesOf(f)
			if rest > 0 && is > rest+2 {
				f.Errorf("%s: %d goroutines at rest, which were %d", what, is, rest)
			}
			rest = max(rest, is)
		}
		if f.Failed() {
			for _, m := range f.mutators {
				f.Logf("mutations:\n%s", m.mutations())
			}
			return
		}
		time.Sleep(pick(rng, time.Second, time.Minute, time.Hour))
	}
	if f.Logf("%d answers were changed, and ogg_up was 0 in %d of %d scrapes", changed, down, scrapes); changed < scrapes || down == scrapes {
		f.Error("little was tried")
	}
}

// check scrapes with a timeout in seconds, and checks all that a scrape has to be.
func (f *hostileFleet) check(what string, timeout int) string {
	f.Helper()
	begin := time.Now()
	exposition := f.scrape(f.T, strconv.Itoa(timeout))
	if took := time.Since(begin); took > time.Duration(timeout)*time.Second-500*time.Millisecond {
		f.Errorf("%s: took %s of %d s", what, took, timeout)
	}
	checkValid(f.T, what, exposition)
	if healthy := samples(exposition, `service_manager="healthy"`); !slices.Equal(healthy, f.healthy) {
		f.Errorf("%s: the healthy Service Manager is not as before:\n%s\nbefore:\n%s", what, strings.Join(healthy, "\n"), strings.Join(f.healthy, "\n"))
	}
	_, page := f.get(f.T, "/")
	hidden := []string{oggtest.DefaultPassword, base64.StdEncoding.EncodeToString([]byte(oggtest.DefaultUser + ":" + oggtest.DefaultPassword))}
	f.log.mu.Lock()
	log := f.log.String()
	f.log.Reset()
	f.log.mu.Unlock()
	for where, text := range map[string]string{"the exposition": exposition, "the page": page, "the log": log} {
		for _, secret := range hidden {
			if i := strings.Index(text, secret); i >= 0 {
				f.Errorf("%s: %s shows a secret: %s", what, where, text[max(0, i-300):i])
			}
		}
	}
	for _, bad := range []string{"panic", "error gathering"} {
		if i := strings.Index(log, bad); i >= 0 {
			f.Errorf("%s: the log has %.3000s", what, log[i:])
		}
	}
	return exposition
}

// checkValid checks that an exposition can be parsed, has no sample twice, and tells of no panic.
func checkValid(t testing.TB, what, exposition string) {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	if _, err := parser.TextToMetricFamilies(strings.NewReader(exposition)); err != nil {
		t.Errorf("%s: invalid: %v", what, err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(exposition) {
		series := line[:max(0, strings.LastIndexByte(line, ' '))]
		if seen[series] && line[0] != '#' {
			t.Errorf("%s: twice: %s", what, line)
		}
		seen[series] = true
	}
	if !strings.Contains(exposition, "\nogg_exporter_panics_total 0\n") {
		t.Errorf("%s: the exporter has had panics", what)
	}
}

// goroutinesOf counts the goroutines of the bubble that it is called in.
func goroutinesOf(t testing.TB) int {
	t.Helper()
	stacks := make([]byte, 1<<20)
	for {
		n := runtime.Stack(stacks, true)
		if n < len(stacks) {
			stacks = stacks[:n]
			break
		}
		stacks = make([]byte, 2*len(stacks))
	}
	own := regexp.MustCompile(`synctest bubble \d+`).Find(stacks) // the first is the one that asks
	if own == nil {
		t.Fatal("not in a bubble")
	}
	return bytes.Count(stacks, append(own, ']')) + bytes.Count(stacks, append(slices.Clip(own), ','))
}
