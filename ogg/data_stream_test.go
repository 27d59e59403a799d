package ogg_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// streaming is sending with two data streams, one of which has the name of a path.
func streaming(release oggtest.Release) oggtest.Installation {
	i := sending(release)
	i.Deployments[0].DataStreams = []oggtest.DataStream{
		{Name: "orders", Extract: "EXT1", Lag: 9 * time.Second, Started: 30 * time.Second},
		{Name: "halted", Status: "stopped", NeverStarted: true, UnknownLag: true},
	}
	return i
}

// streams returns the data streams of north as lines.
func streams(t testing.TB, inst *ogg.Installation) []string {
	t.Helper()
	var lines []string
	for _, s := range deployment(t, inst, "north").DataStreams {
		lines = append(lines, fmt.Sprintf("%s %s lag=%s lcrs=%s bytes=%s started=%v counting=%v", s.Name, s.Status,
			figure(s.Lag), figure(s.LCRsReceived), figure(s.BytesSent), !s.Started.IsZero(), !s.CountersSince.IsZero()))
	}
	return lines
}

// TestDataStreams checks what each release reports about data streams, and that none is opened.
func TestDataStreams(t *testing.T) {
	t.Parallel()
	status := []string{
		"orders running lag=- lcrs=- bytes=- started=false counting=false",
		"halted stopped lag=- lcrs=- bytes=- started=false counting=false",
	}
	for release, want := range map[oggtest.Release][]string{
		oggtest.Release12c: nil, oggtest.Release19c: nil, oggtest.Release21c: nil, oggtest.Release23ai: status,
		oggtest.Release26ai: {
			"orders running lag=9 lcrs=3360 bytes=30000 started=true counting=true",
			"halted stopped lag=- lcrs=0 bytes=0 started=false counting=true",
		},
	} {
		s, sm := simulate(t, streaming(release))
		c := newClient(t, sm, "data_stream", "distribution_path")
		for n := range 2 {
			s.ResetRequests()
			inst := poll(t, c)
			if got := streams(t, inst); !slices.Equal(got, want) {
				t.Errorf("%s: got %q, want %q", release, got, want)
			}
			if p := distributionPath(t, inst, "orders"); !is(p.LCRsReceived, 4704) || !is(p.BytesSent, 42000) {
				t.Errorf("%s: the path of the same name has %s LCRs, %s bytes", release, figure(p.LCRsReceived), figure(p.BytesSent))
			}
			if got := count(s, "/distsrvrPathStats") + count(s, "/distsrvrNetworkStats"); got != 2 {
				t.Errorf("%s: the figures were asked for %d times", release, got)
			}
			asked := slices.DeleteFunc(asked(s, "north", "distsrvr"), func(r string) bool { return !strings.Contains(r, "/stream") })
			if once := n == 0 || want != nil; once != slices.Equal(asked, []string{"GET /services/v2/stream"}) {
				t.Errorf("%s, poll %d: asked %q", release, n, asked)
			}
		}
	}
}

// TestDataStreamAnswers checks answers of other forms.
func TestDataStreamAnswers(t *testing.T) {
	t.Parallel()
	const stats = `{"response":{"statistics":[
		{"name":"orders","dataStreaming":false,"lcrsReceived":1,"status":"killed"},
		{"name":"orders","dataStreaming":true,"lcrsReceived":2,"status":"Stopping","lag":"5"}]}}`
	for name, c := range map[string]struct {
		list, stats oggtest.Fault
		want        []string
		fails       bool
	}{
		"status from Performance Metrics": {
			oggtest.Fault{Body: `{"response":{"items":[{"name":"orders"}]}}`},
			oggtest.Fault{Body: stats},
			[]string{"orders stopping lag=5 lcrs=2 bytes=30000 started=false counting=true"},
			false,
		},
		"without one of the points": {
			oggtest.Fault{Body: `{"response":{"items":[{"name":"orders","status":"Running"},{"name":"new"}]}}`},
			oggtest.Fault{Status: http.StatusNotFound},
			[]string{"orders running lag=- lcrs=- bytes=30000 started=false counting=true", "new  lag=- lcrs=- bytes=- started=false counting=false"},
			false,
		},
		"none":         {list: oggtest.Fault{Body: `{"response":{"items":[]}}`}},
		"list missing": {list: oggtest.Fault{Body: `{"response":{}}`}, fails: true},
		"list null":    {list: oggtest.Fault{Body: `{"response":{"items":null}}`}, fails: true},
		"error":        {list: oggtest.Fault{Status: http.StatusForbidden}, fails: true},
		"figures missing": {
			oggtest.Fault{Body: `{"response":{"items":[{"name":"orders","status":"running"}]}}`},
			oggtest.Fault{Body: `{"response":{}}`},
			[]string{"orders running lag=- lcrs=- bytes=30000 started=false counting=true"},
			true,
		},
	} {
		s, sm := simulate(t, streaming(oggtest.Release26ai))
		s.Fault(oggtest.Target{Path: "/services/v2/stream"}, c.list)
		if c.stats.Body != "" || c.stats.Status != 0 {
			s.Fault(oggtest.Target{Path: "/services/v2/mpoints/DISTSRVR/distsrvrPathStats"}, c.stats)
		}
		inst := newClient(t, sm, "data_stream").Poll(context.Background())
		if got := streams(t, inst); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if err := read(t, inst, "north", "data_stream").Err; (err != nil) != c.fails {
			t.Errorf("%s: got the error %v", name, err)
		}
	}
}
