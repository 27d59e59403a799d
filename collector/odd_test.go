package collector_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// TestOddValues puts each member of each answer through values of other forms. Each costs what
// the absence of that member costs, and nothing else; and if it costs anything, a collector
// reports a failure.
func TestOddValues(t *testing.T) {
	if bubble.UnderRace {
		t.Log("one value of each member only, because of the race detector")
		bubble.Run(t, func(t *bubble.T) { newOddity(t, oggtest.Release26ai).tryTogether("", 1) })
		return
	}
	t.Run("one at a time", func(t *testing.T) {
		bubble.Run(t, func(t *bubble.T) { newOddity(t, oggtest.Release26ai).trySingly() })
	})
	t.Run("one in each answer", func(t *testing.T) {
		bubble.Run(t, func(t *bubble.T) { newOddity(t, oggtest.Release26ai).tryTogether("", mostWays) })
	})
	t.Run("one in each answer of an old Service Manager", func(t *testing.T) {
		bubble.Run(t, func(t *bubble.T) { newOddity(t, oggtest.Release12c).tryTogether(ogg.ServiceManager, mostWays) })
	})
}

// oddity is a simulation of which one answer at a time is odd.
type oddity struct {
	*bubble.T

	installation oggtest.Installation
	server       *oggtest.Server
	whole        exposed // with nothing odd
	names        map[*prometheus.Desc]string
}

func newOddity(t *bubble.T, release oggtest.Release) *oddity {
	t.Helper()
	i := oggtest.Installation{
		Release: release, Role: oggtest.RoleAdministrator, Clock: oggtest.NewManualClock(now), Network: bubble.Network(t),
		Deployments: []oggtest.Deployment{{
			Name: "north",
			Processes: []oggtest.Process{
				{Name: "EXT1", Critical: true, Lag: 3 * time.Second, Started: 2 * time.Hour, Tables: 2, OpenTransactions: 1, OldestTransaction: time.Hour, Heartbeat: true},
				{Name: "REP1", Type: oggtest.Replicat, Trail: "ea", TrailPath: "/u02", Started: time.Hour, Mode: oggtest.Parallel, Appliers: 1},
				{Name: "REPDOWN", Type: oggtest.Replicat, Trail: "ea", TrailPath: "/u02", Status: "abended", Started: 2 * time.Hour, Stopped: time.Hour},
				{Name: "FIN", Type: oggtest.Replicat, Trail: "ea", TrailPath: "/u02", Started: time.Hour, Mode: oggtest.Coordinated, Threads: 1},
			},
			DistributionPaths: []oggtest.DistributionPath{{Name: "ORDERS", Extract: "EXT1", Lag: time.Second, Started: time.Hour}},
			ReceiverPaths:     []oggtest.ReceiverPath{{Name: "INBOUND", Trail: "ra", TrailPath: "/u02/in", Lag: time.Second, Started: time.Hour}},
			Tasks:             []oggtest.Task{{Name: "purge", Purges: []string{"ea"}}},
			Certificates:      []oggtest.Certificate{{Type: "server", Name: "default", NotAfter: now.Add(20 * 24 * time.Hour)}},
		}},
	}
	s, err := oggtest.Start(i)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	o := &oddity{T: t, installation: i, server: s, names: map[*prometheus.Desc]string{}}
	o.whole = o.expose()
	return o
}

// exposed is what a new client exposes, except what counts requests, takes time, or says which
// collectors failed.
type exposed struct {
	samples string
	failed  bool // a collector did
}

func (o *oddity) expose() exposed {
	c := clientFor(o.T, o.server, o.installation)
	defer c.Close()
	samples := make(chan prometheus.Metric, 1000)
	go func() {
		defer close(samples)
		_ = collector.Export(c.Poll(o.Context(), allCollectors()...), collector.Options{Enabled: allCollectors()}, samples)
	}()
	var e exposed
	var lines []string
	for sample := range samples {
		switch name, text, value := o.line(sample); {
		case strings.HasPrefix(name, "ogg_api_"), name == "ogg_scrape_collector_duration_seconds":
		case name == "ogg_scrape_collector_success":
			e.failed = e.failed || value == 0
		default:
			lines = append(lines, text)
		}
	}
	slices.Sort(lines)
	e.samples = strings.Join(lines, "")
	return e
}

// line returns the name of a sample's family, the sample as a line of text, and its value.
func (o *oddity) line(sample prometheus.Metric) (name, text string, value float64) {
	name = o.names[sample.Desc()]
	if name == "" {
		_, name, _ = strings.Cut(sample.Desc().String(), `fqName: "`)
		name, _, _ = strings.Cut(name, `"`)
		o.names[sample.Desc()] = name
	}
	var m dto.Metric
	if err := sample.Write(&m); err != nil {
		o.Fatal(err)
	}
	var line strings.Builder
	line.WriteString(name)
	for _, l := range m.Label {
		line.WriteString(" " + l.GetName() + "=" + l.GetValue())
	}
	value = m.GetGauge().GetValue() + m.GetCounter().GetValue()
	line.WriteString(" " + strconv.FormatFloat(value, 'g', -1, 64) + "\n")
	return name, line.String(), value
}

// exchanges returns an answer of each route.
func (o *oddity) exchanges() []ogg.Exchange {
	c := clientFor(o.T, o.server, o.installation)
	defer c.Close()
	var mu sync.Mutex
	byPath := map[string]ogg.Exchange{}
	c.Poll(ogg.WithTrace(context.Background(), func(x ogg.Exchange) {
		mu.Lock()
		defer mu.Unlock()
		x.Body = bytes.Clone(x.Body)
		x.Path, _, _ = strings.Cut(x.Path, "?")
		if x.Status == 200 {
			byPath[x.Microservice+x.Path] = x
		}
	}), allCollectors()...)
	var all []ogg.Exchange
	for _, path := range slices.Sorted(maps.Keys(byPath)) {
		all = append(all, byPath[path])
	}
	return all
}

// spoiled is an answer with a member that is odd, and without it.
type spoiled struct {
	ogg.Exchange

	what        string
	odd, absent any // responses
}

// spoil returns the answer with each of its members spoiled in each way.
func spoil(x ogg.Exchange, met map[string]bool) [][]spoiled {
	var envelope map[string]any
	decoder := json.NewDecoder(bytes.NewReader(x.Body))
	decoder.UseNumber()
	if err := decoder.Decode(&envelope); err != nil {
		panic(err) // an answer of the simulation
	}
	response := envelope["response"]
	var members [][]spoiled
	each(x, met, response, nil, func(place []string, value any) {
		var ways []spoiled
		for _, odd := range oddFormsOf(value) {
			ways = append(ways, spoiled{
				x, fmt.Sprintf("%s %s: %s is %v", x.Microservice, x.Path, strings.Join(place, "."), odd),
				changed(response, place, odd, false), changed(response, place, nil, true),
			})
		}
		if len(ways) > 0 {
			members = append(members, ways)
		}
	})
	return members
}

var indexes = regexp.MustCompile(`/\d+`)

// each calls try for each member of the value that was not met before at the same place of the
// same route.
func each(x ogg.Exchange, met map[string]bool, value any, place []string, try func(place []string, value any)) {
	key := x.Microservice + oggtest.RouteOf(x.Path) + indexes.ReplaceAllString("/"+strings.Join(place, "/"), "/#")
	if len(place) > 0 && !met[key] {
		met[key] = true
		try(place, value)
	}
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if name != "$schema" {
				each(x, met, v[name], append(slices.Clip(place), name), try)
			}
		}
	case []any:
		for i, element := range v {
			each(x, met, element, append(slices.Clip(place), strconv.Itoa(i)), try)
		}
	}
}

// trySingly spoils one member of one answer at a time, in one of the ways.
func (o *oddity) trySingly() {
	met := map[string]bool{}
	tried, costly := 0, 0
	for _, x := range o.exchanges() {
		for i, ways := range spoil(x, met) {
			s := ways[i%len(ways)]
			got, want := o.with(s.Exchange, s.odd), o.whole
			if tried++; got.failed {
				costly++
				want = o.with(s.Exchange, s.absent)
			}
			o.compare(s.what, want, got)
		}
	}
	if tried < 200 || costly < 100 {
		o.Errorf("only %d values were tried, and %d of them cost anything", tried, costly)
	}
}

// mostWays is in how many ways a member is spoiled at most.
const mostWays = 9

// tryTogether spoils one member of each answer of the service, or of all, at a time, in that
// many ways.
func (o *oddity) tryTogether(service string, ways int) {
	met := map[string]bool{}
	var routes [][][]spoiled
	most := 0
	for _, x := range o.exchanges() {
		if service == "" || x.Microservice == service {
			members := spoil(x, met)
			routes, most = append(routes, members), max(most, len(members))
		}
	}
	for member := range most {
		absent := o.spoilAll(these(routes, member, 0), func(s spoiled) any { return s.absent })
		for way := range min(ways, mostOf(routes, member)) {
			got := o.spoilAll(these(routes, member, way), func(s spoiled) any { return s.odd })
			o.compare(fmt.Sprintf("member %d, way %d", member, way), absent, got)
		}
	}
	if most < 5 {
		o.Errorf("only %d members", most)
	}
}

// mostOf returns in how many ways that member of a route is spoiled at most: after that, they repeat.
func mostOf(routes [][][]spoiled, member int) int {
	most := 0
	for _, members := range routes {
		if member < len(members) {
			most = max(most, len(members[member]))
		}
	}
	return most
}

// these returns that member of each route, spoiled in that way.
func these(routes [][][]spoiled, member, way int) []spoiled {
	var all []spoiled
	for _, members := range routes {
		if member < len(members) {
			ways := members[member]
			all = append(all, ways[way%len(ways)])
		}
	}
	return all
}

// spoilAll returns what is exposed with all these responses.
func (o *oddity) spoilAll(all []spoiled, response func(spoiled) any) exposed {
	for _, s := range all {
		defer o.answer(s.Exchange, response(s))()
	}
	return o.expose()
}

// with returns what is exposed with that response to the request.
func (o *oddity) with(x ogg.Exchange, response any) exposed {
	defer o.answer(x, response)()
	return o.expose()
}

// answer has the simulation give that response to the request, until the function it returns is
// called.
func (o *oddity) answer(x ogg.Exchange, response any) func() {
	body, err := json.Marshal(map[string]any{"response": response})
	if err != nil {
		o.Fatal(err)
	}
	last := len(x.Path) - 1
	exactly := "/services/v2" + x.Path[:last] + "[" + x.Path[last:] + "]" // and nothing below it
	return o.server.Fault(oggtest.Target{Deployment: x.Deployment, Service: x.Microservice, Path: exactly}, oggtest.Fault{Body: string(body)})
}

// compare compares two expositions.
func (o *oddity) compare(what string, want, got exposed) {
	if want.samples != got.samples {
		o.Errorf("%s (a failure is reported: %v; - wanted, + got):\n%s", what, got.failed, diffLines(want.samples, got.samples))
	}
}

// changed returns a copy of the value, in which what is at the place is another, or is gone.
func changed(value any, place []string, to any, gone bool) any {
	switch v := value.(type) {
	case map[string]any:
		c := maps.Clone(v)
		switch {
		case len(place) > 1:
			c[place[0]] = changed(v[place[0]], place[1:], to, gone)
		case gone:
			delete(c, place[0])
		default:
			c[place[0]] = to
		}
		return c
	case []any:
		i, _ := strconv.Atoi(place[0])
		c := slices.Clone(v)
		switch {
		case len(place) > 1:
			c[i] = changed(v[i], place[1:], to, gone)
		case gone:
			c = slices.Delete(c, i, i+1)
		default:
			c[i] = to
		}
		return c
	default:
		panic(fmt.Sprintf("no place %v in %v", place, value))
	}
}

// oddFormsOf returns values of other forms than the value has.
func oddFormsOf(value any) []any {
	number, object, list := json.Number("7"), map[string]any{"a": 1}, []any{json.Number("1")}
	switch v := value.(type) {
	case map[string]any:
		return []any{true, number, "x", list, ""}
	case []any:
		return []any{true, number, "x", object}
	case json.Number:
		return []any{true, object, list, "later", "NaN", "-", "0x10", json.Number("1e999"), "12:00"}
	case bool:
		return []any{"true", "no", number, json.Number("0"), object, list}
	case string:
		if _, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return []any{true, number, object, list, "yesterday", "N/A", "2026-11-20T00:00:00", "2026-11-20"}
		}
		return []any{true, number, object, list}
	default:
		return nil
	}
}
