package page

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/status"
)

// now is the time of all pages.
var now = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// written returns a page.
func written(t testing.TB, s *status.Status, e Exporter) string {
	t.Helper()
	var text bytes.Buffer
	if err := Write(&text, s, e); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// sized returns a status of that many processes, a tenth of them with a problem, and pipelines.
func sized(processes, pipelines int) *status.Status {
	read, took := now.Add(-12*time.Second), 0.2
	s := &status.Status{
		At: now, Version: "1.2.3", Summary: status.Summary{Problems: processes / 10, OK: processes - processes/10},
		ServiceManagers: []status.ServiceManager{{Name: "emea", URL: "https://emea.example.com:9011", ReadAt: &read, TookSeconds: &took, State: status.OK}},
	}
	for i := range processes {
		r := status.Row{
			ServiceManager: "emea", Deployment: fmt.Sprintf("frankfurt%02d", i%20), Program: "replicat", Name: fmt.Sprintf("REP%05d", i), Status: "running",
			State: status.OK, LagSeconds: new(3.0), LagAgeSeconds: new(4.0), CheckpointAgeSeconds: new(5.0), ReadAt: read,
		}
		if i < processes/10 {
			r.State, r.Status, r.Why, r.LastError = status.Problem, "abended", "abended, and expected to run", "OGG-01296"
			r.LastErrorLine = "ERROR OGG-01296 Error mapping from BILL.INVOICE to BILL.INVOICE: ORA-00001: unique constraint violated."
		}
		s.Rows = append(s.Rows, r)
	}
	for i := range pipelines {
		s.Pipelines = append(s.Pipelines, chain(i, i < pipelines/10))
	}
	return s
}

// chain returns a pipeline of four hops, whose Replicat may have abended.
func chain(n int, down bool) status.Pipeline {
	hops := []status.Hop{
		{Kind: "extract", Name: fmt.Sprintf("EXT%05d", n), Deployment: "london"},
		{Kind: "distribution_path", Name: fmt.Sprintf("PATH%05d", n), Deployment: "london", Trail: "ea", BacklogBytes: new(float64(1 << 20))},
		{Kind: "receiver_path", Name: fmt.Sprintf("PATH%05d", n), Deployment: "frankfurt"},
		{Kind: "replicat", Name: fmt.Sprintf("REP%05d", n), Deployment: "frankfurt", Trail: "ra", BacklogBytes: new(0.0)},
	}
	for i := range hops {
		hops[i].ServiceManager, hops[i].Status, hops[i].State, hops[i].LagSeconds = "emea", "running", status.OK, new(float64(i))
	}
	p := status.Pipeline{
		Pipeline: fmt.Sprintf("emea/london/EXT%05d>emea/frankfurt/REP%05d", n, n), State: status.OK, Complete: true, LagSeconds: new(3.0), Hops: hops,
	}
	if down {
		p.State, p.Why = status.Problem, "REP has abended"
		hops[3].State, hops[3].Status, hops[3].Weakest = status.Problem, "abended", "down"
	}
	return p
}

// tags are what is between two texts of a page.
var tags = regexp.MustCompile(`(?s)<(style|script)>.*?</(style|script)>|<[^>]*>`)

// textOf returns the texts of a page without tags, style and script.
func textOf(page string) string {
	return html.UnescapeString(strings.Join(strings.Fields(tags.ReplaceAllString(page, " ")), " "))
}

// bodyOf returns what is in the body of a page, except for its script.
func bodyOf(page string) string {
	_, body, _ := strings.Cut(page, "<body>")
	body, _, _ = strings.Cut(body, "<script>")
	return body
}

// TestPage: the page has what the status says, in words and in hours:minutes:seconds, with its age.
func TestPage(t *testing.T) {
	t.Parallel()
	s := sized(20, 2)
	s.Pipelines[0].Hops[3].Status, s.Pipelines[0].Hops[3].State, s.Pipelines[0].Hops[3].Weakest = "abended", status.Problem, "down"
	s.Pipelines[1].Hops = append(s.Pipelines[1].Hops, status.Hop{Kind: "external", Name: "203.0.113.9:9015", State: status.Unknown})
	s.Rows[0].LagSeconds, s.Rows[0].LagAgeSeconds, s.Rows[0].CheckpointAgeSeconds = new(90061.0), nil, new(59.6)
	s.Rows[1].ReadAt = now.Add(-5 * time.Minute)
	s.ServiceManagers[0].Errors = []string{"madrid, adminsrvr: 401"}
	text := textOf(written(t, s, Exporter{}))
	for _, want := range []string{
		"As of 2026-03-01 12:00:00 UTC , last read 12 s ago",
		"2 problems , 18 fine",
		"Something could not be read of 1 Service Manager: emea",
		"2 pipelines: all 2 fine",
		"EXT00000 → REP00000",
		"trail ea lag 00:00:01 backlog 1.0 MiB distribution path PATH00000 emea / london running",
		"no backlog replicat REP00000 emea / frankfurt abended, problem weakest hop: down",
		"not read by this exporter 203.0.113.9:9015",
		"Problem emea frankfurt00 replicat REP00000 abended 25:01:01 00:01:00 abended, and expected to run ERROR OGG-01296 Error mapping",
		"5 min ago",
		"Fine emea frankfurt02 replicat REP00002 running 00:00:03 00:00:04 00:00:05 12 s ago",
		"madrid, adminsrvr: 401",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// TestNothing: the page says why it shows nothing.
func TestNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		managers []status.ServiceManager
		want     string
	}{
		"none":     {nil, "No Service Manager is configured, and none was found."},
		"not read": {[]status.ServiceManager{{Name: "emea", State: status.Unknown}}, "Nothing has been read yet: the exporter reads GoldenGate when Prometheus scrapes it."},
	} {
		if text := textOf(written(t, &status.Status{At: now, ServiceManagers: c.managers}, Exporter{})); !strings.Contains(text, c.want) {
			t.Errorf("%s:\n%s", name, text)
		}
	}
}

// TestBounds: the page is small enough for 500 processes and 300 pipelines, is bounded for any number of
// them, and says what it leaves out and where that is.
func TestBounds(t *testing.T) {
	t.Parallel()
	page := written(t, sized(500, 300), Exporter{JSON: "/api/status.json"})
	t.Logf("500 processes and 300 pipelines: %d bytes", len(page))
	if len(page) > 1_000_000 || strings.Contains(textOf(page), " are shown, ") {
		t.Errorf("%d bytes", len(page))
	}
	s := sized(10_000, 1000)
	for range 2000 {
		s.ServiceManagers = append(s.ServiceManagers, s.ServiceManagers[0])
	}
	page = written(t, s, Exporter{JSON: "/api/status.json"})
	t.Logf("10,000 processes, 1,000 pipelines and 2,001 Service Managers: %d bytes", len(page))
	if len(page) > 2_000_000 {
		t.Errorf("%d bytes", len(page))
	}
	text := textOf(page)
	for _, want := range []string{
		"1,000 of 10,000 rows are shown, problems first. All of them as JSON",
		"300 of 1,000 pipelines are shown, problems first. All of them as JSON",
		"500 of 2,001 Service Managers are shown, problems first. All of them as JSON",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
	if n := strings.Count(text, "REP00999"); n < 1 || strings.Contains(text, "REP01000") {
		t.Errorf("the rows are not the first: %d", n)
	}
}

// TestEscaped: no text from outside is more than a text, whatever is in it.
func TestEscaped(t *testing.T) {
	t.Parallel()
	name := "<script>alert(1)</script>\"'`&{{.}}\u202e\x1b[31m\n" // which is in links as it is, if it is that of a target
	odd := name + strings.Repeat("é", 10_000)
	clean := written(t, sized(0, 0), Exporter{})
	s := &status.Status{At: now, Version: odd, Pipelines: []status.Pipeline{{
		Pipeline: odd, Why: odd, State: status.State(odd),
		Hops: []status.Hop{
			{Kind: odd, ServiceManager: odd, Deployment: odd, Name: odd, Status: odd, State: status.State(odd), Trail: odd, Weakest: odd, LagSeconds: new(math.NaN()), BacklogBytes: new(math.Inf(1))},
			{Name: odd},
		},
	}}, Rows: []status.Row{{
		ServiceManager: odd, Deployment: odd, Program: odd, Name: odd, Status: odd, State: status.State(odd), Why: odd, LastError: odd, LastErrorLine: odd, LagSeconds: new(math.Inf(-1)),
	}}, ServiceManagers: []status.ServiceManager{{Name: name, URL: odd, State: status.State(odd), Errors: []string{odd}, ReadAt: &now}}}
	page := written(t, s, Exporter{Clouds: []Cloud{{Name: name, ReadAt: &now, Errors: []string{odd}}}, Failed: &Failure{Lines: []string{odd}}, Debug: true, Probe: "/probe"})
	if n, want := strings.Count(page, "<script"), strings.Count(clean, "<script"); n != want {
		t.Errorf("%d scripts, want %d", n, want)
	}
	shown := bodyOf(page)
	if i := strings.IndexAny(shown, "\u202e\x1b"); i >= 0 {
		t.Errorf("shows %q", shown[max(0, i-100):i+10])
	}
	for line := range strings.Lines(page) {
		if len(line) > 40_000 {
			t.Errorf("a line of %d bytes: %.200s", len(line), line)
		}
	}
	for _, quoted := range regexp.MustCompile(`="[^"]*"`).FindAllString(shown, -1) {
		if strings.ContainsAny(quoted, "<>") {
			t.Errorf("an attribute has %.200s", quoted)
		}
	}
}

// TestPolicy: the policy allows the style and the script of the page, and neither what is inline
// elsewhere, nor any other file.
func TestPolicy(t *testing.T) {
	t.Parallel()
	page, policy := written(t, sized(1, 1), Exporter{Debug: true, Profiles: "/debug/pprof/"}), Policy()
	for _, tag := range []string{"style", "script"} {
		found := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(page, -1)
		if len(found) != 1 || !strings.Contains(policy, tag+"-src "+hashOf(found[0][1])+";") {
			t.Errorf("the policy does not allow the %s: %s", tag, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") || !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Error(policy)
	}
	if found := regexp.MustCompile(`\s(style|on[a-z]+|src|srcset)=`).FindString(bodyOf(page)); found != "" {
		t.Errorf("the page has %s", found)
	}
}

// TestTexts: figures as people read them.
func TestTexts(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[float64]string{0: "00:00:00", 59.5: "00:01:00", 90061: "25:01:01", math.Inf(1): "", math.NaN(): ""} {
		if got := clock(&seconds); got != want {
			t.Errorf("%v s: %q", seconds, got)
		}
	}
	if got := clock(nil); got != "" {
		t.Errorf("nothing: %q", got)
	}
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s ago", 0: "0 s ago", 12900 * time.Millisecond: "12 s ago", 119 * time.Second: "119 s ago", 2 * time.Minute: "2 min ago",
		119 * time.Minute: "119 min ago", 47 * time.Hour: "47 h ago", 50 * time.Hour: "2 days ago",
	} {
		if got := ago(now, now.Add(-d)); got != want {
			t.Errorf("%s: %q", d, got)
		}
	}
	if got := ago(now, time.Time{}); got != "never" {
		t.Errorf("never: %q", got)
	}
}

// BenchmarkPage makes pages.
func BenchmarkPage(b *testing.B) {
	for _, n := range []struct{ processes, pipelines int }{{500, 0}, {500, 300}, {10_000, 1000}} {
		s := sized(n.processes, n.pipelines)
		b.Run(fmt.Sprintf("%dprocesses_%dpipelines", n.processes, n.pipelines), func(b *testing.B) {
			b.ReportAllocs()
			size := 0
			for b.Loop() {
				var text bytes.Buffer
				if err := Write(&text, s, Exporter{}); err != nil {
					b.Fatal(err)
				}
				size = text.Len()
			}
			b.ReportMetric(float64(size), "page-bytes")
		})
	}
}
