package ogg_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// backlogOf polls with those answers about where the Extract of north writes its trail and REP1 reads
// it, and returns REP1's backlog.
func backlogOf(t *testing.T, writer, reader string) wire.Number {
	t.Helper()
	s, sm := simulate(t, trailing(oggtest.Release26ai))
	body := func(path, response string) {
		s.Fault(oggtest.Target{Path: "/services/v2/" + path}, oggtest.Fault{Body: `{"response":` + response + `}`})
	}
	body("exttrails", `{"extracts":[{"name":"EXT1","trails":[`+writer+`]}]}`)
	body("trails", `{"items":[]}`)
	body("replicats/REP1/info/status", `{"status":"running","position":`+reader+`}`)
	for _, p := range deployment(t, newClient(t, sm, "process", "trail").Poll(context.Background()), "north").Processes {
		if p.Name == "REP1" {
			return p.Position.Backlog
		}
	}
	t.Fatal("no REP1")
	return wire.Number{}
}

// TestBacklog checks how far a reader is behind, and when that is unknown.
func TestBacklog(t *testing.T) {
	t.Parallel()
	const end = `{"name":"ea","path":"/u02","sequence":7,"offset":5000,"sizeMB":50}`
	none := wire.Number{}
	for _, c := range []struct {
		writer, reader string
		want           wire.Number
	}{
		{end, `{"name":"ea","path":"/u02","sequence":7,"offset":4000}`, wire.NumberOf(1000)},
		{end, `{"name":"ea","path":"/u02/","sequence":4,"offset":4000}`, wire.NumberOf(150_001_000)},
		{end, `{"name":"ea","sequence":7,"offset":"4000"}`, wire.NumberOf(1000)},
		// A file that has become longer than it should.
		{end, `{"name":"ea","path":"/u02","sequence":6,"offset":50000010}`, wire.NumberOf(5000)},
		// Ahead of what is known of the writer, by less than a file, and by more.
		{end, `{"name":"ea","path":"/u02","sequence":7,"offset":5001}`, wire.NumberOf(0)},
		{end, `{"name":"ea","path":"/u02","sequence":8,"offset":0}`, wire.NumberOf(0)},
		{end, `{"name":"ea","path":"/u02","sequence":8,"offset":5000}`, none},
		{end, `{"name":"ea","path":"/u02","sequence":90,"offset":0}`, none},
		// Figures that are no trail's.
		{`{"name":"ea","path":"/u02","sequence":7,"offset":5000,"sizeMB":1e303}`, `{"name":"ea","path":"/u02","sequence":6,"offset":4000}`, none},
		{`{"name":"ea","path":"/u02","sequence":1e306,"offset":5000,"sizeMB":50}`, `{"name":"ea","path":"/u02","sequence":6,"offset":4000}`, none},
		// Another trail.
		{end, `{"name":"ea","path":"/u03","sequence":7,"offset":4000}`, none},
		{end, `{"name":"eb","path":"/u02","sequence":7,"offset":4000}`, none},
		{end + `,` + strings.Replace(end, "/u02", "/u03", 1), `{"name":"ea","sequence":7,"offset":4000}`, none},
		// Something is unknown.
		{end, `{"name":"ea","path":"/u02","sequence":7,"offset":-2}`, none},
		{end, `{"name":"ea","path":"/u02","offset":4000}`, none},
		{`{"name":"ea","path":"/u02","sequence":7,"sizeMB":50}`, `{"name":"ea","path":"/u02","sequence":7,"offset":4000}`, none},
		{`{"name":"ea","path":"/u02","sequence":7,"offset":5000}`, `{"name":"ea","path":"/u02","sequence":7,"offset":4000}`, none},
		{`{"name":"ea","path":"/u02","sequence":7,"offset":5000,"sizeMB":0}`, `{"name":"ea","path":"/u02","sequence":7,"offset":4000}`, none},
		{``, `{"name":"ea","path":"/u02","sequence":7,"offset":4000}`, none},
		// Of two who write it, the one who has come further counts.
		{end + `,{"name":"ea","path":"/u02","sequence":3,"offset":1}`, `{"name":"ea","path":"/u02","sequence":7,"offset":4000}`, wire.NumberOf(1000)},
		{`{"name":"ea","path":"/u02","sequence":3,"offset":1},` + end, `{"name":"ea","path":"/u02","sequence":7,"offset":4000}`, wire.NumberOf(1000)},
	} {
		if got := backlogOf(t, c.writer, c.reader); got != c.want {
			t.Errorf("%s, read at %s: %v, want %v", c.writer, c.reader, got, c.want)
		}
	}
}

// TestExtractTrails checks that what the Distribution Service reports about the trails of Extracts is
// known in all releases, of an Extract that is down, too; and without it what Performance Metrics has.
func TestExtractTrails(t *testing.T) {
	t.Parallel()
	for _, release := range oggtest.Releases {
		for _, alone := range []bool{false, true} {
			i := trailing(release)
			i.Deployments[0].Processes[0].TrailSizeMB = 70
			if !alone {
				i.Deployments[0].Processes[0].Status = "stopped"
			}
			s, sm := simulate(t, i)
			if alone {
				s.Fault(oggtest.Target{Path: "/services/v2/exttrails"}, oggtest.Fault{Status: http.StatusNotFound})
				s.Fault(oggtest.Target{Path: "/services/v2/trails*"}, oggtest.Fault{Status: http.StatusNotFound})
			}
			inst := poll(t, newClient(t, sm, "trail", "performance"))
			ea := trailNamed(t, inst, "ea")
			full := alone || release == oggtest.Release12c || release == oggtest.Release19c
			if ea.FileMax != wire.NumberOf(70e6) || ea.Size.Known() == full || ea.SequenceMinInUse.Known() == full {
				t.Errorf("%s, alone %v: %+v", release, alone, ea)
			}
		}
	}
}

// TestOddExtractTrails checks that odd answers about the trails of Extracts cost only what is odd.
func TestOddExtractTrails(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{}`:                  "",
		`{"extracts":null}`:   "",
		`{"extracts":"none"}`: "odd",
		`{"extracts":[{"name":"EXT1"},{"name":7,"trails":[{"name":"ea","sizeMB":{}}]}]}`:         "odd ea",
		`{"extracts":[{"trails":[{"path":"/u02"},{"name":"eb","sequence":"x","sizeMB":"12"}]}]}`: "odd eb 1.2e+07",
		`{"extracts":[{"trails":[{"name":"` + strings.Repeat("e", 600) + `"}]}]}`:                "odd",
	} {
		s, sm := simulate(t, trailing(oggtest.Release26ai))
		s.Fault(oggtest.Target{Path: "/services/v2/exttrails"}, oggtest.Fault{Body: `{"response":` + body + `}`})
		s.Fault(oggtest.Target{Path: "/services/v2/trails"}, oggtest.Fault{Status: http.StatusNotFound})
		inst := newClient(t, sm, "trail").Poll(context.Background())
		var got []string
		if read(t, inst, "north", "trail").Err != nil {
			got = append(got, "odd")
		}
		for _, trail := range deployment(t, inst, "north").Trails {
			got = append(got, trail.Trail)
			if size, known := trail.FileMax.Value(); known {
				got = append(got, fmt.Sprint(size))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%.80s: got %q, want %q", body, got, want)
		}
	}
}

// TestTrailDetailsRejected checks that a release that rejects the parameter is asked without it, and
// not with it in the next poll.
func TestTrailDetailsRejected(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusBadRequest, http.StatusNotFound} {
		s, sm := simulate(t, trailing(oggtest.Release21c))
		s.Fault(oggtest.Target{Service: "adminsrvr", Path: "/services/v2/trails"}, oggtest.Fault{Status: status, Times: 1})
		c := newClient(t, sm, "trail")
		for range 2 {
			if got := labels(t, poll(t, c)); !slices.Equal(got, []string{"ea", "eb", "ec"}) {
				t.Errorf("%d: got %q", status, got)
			}
		}
		lists := 0
		for _, line := range asked(s, "north", "adminsrvr") {
			if line == "GET /services/v2/trails?details=true" {
				lists++
			}
		}
		if lists != 1 {
			t.Errorf("%d: asked %d times with the parameter", status, lists)
		}
	}
}

// TestBigPathStatistics checks that the tables of a path, however many, cost none of its counters.
func TestBigPathStatistics(t *testing.T) {
	t.Parallel()
	i := sending(oggtest.Release26ai)
	i.Deployments[0].Services = []oggtest.Service{{Name: "distsrvr"}}
	s, sm := simulate(t, i)
	tables := strings.Repeat(`{"tableName":"A.B","inserts":1},`, 50_000)
	s.Fault(oggtest.Target{Path: "/services/v2/sources/orders/stats"}, oggtest.Fault{
		Body: `{"response":{"lcrReceived":12,"lcrSent":"11","tableStatsDaily":[` + strings.TrimSuffix(tables, ",") + `]}}`,
	})
	p := distributionPath(t, poll(t, newClient(t, sm, "distribution_path")), "orders")
	if p.LCRsReceived != wire.NumberOf(12) || p.LCRsSent != wire.NumberOf(11) || p.Inserts.Known() {
		t.Errorf("got %+v", p.DistributionCounters)
	}
}
