package oggtest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// told returns the messages of an answer, each as "id process severity code".
func told(t *testing.T, r reply) []string {
	t.Helper()
	var doc struct {
		Response struct {
			Message []struct {
				Identifier              int
				Process, Severity, Code string
			}
		}
	}
	if err := json.Unmarshal(r.body, &doc); err != nil {
		t.Fatal(err)
	}
	all := []string{}
	for _, m := range doc.Response.Message {
		all = append(all, fmt.Sprintf("%d %s %s %s", m.Identifier, m.Process, m.Severity, m.Code))
	}
	return all
}

// TestMessages follows starts, stops and abends, and asks for parts of them.
func TestMessages(t *testing.T) {
	t.Parallel()
	clock := NewManualClock(noon)
	s := start(t, Installation{Clock: clock, Deployments: []Deployment{{Name: "west", Processes: []Process{
		{Name: "E", Started: time.Hour},
		{Name: "R", Type: Replicat, Status: "abended", Started: 2 * time.Hour, Stopped: 30 * time.Minute},
		{Name: "ENEW", NeverStarted: true},
	}}}})
	url := s.ServiceURL("west", "pmsrvr") + "/monitoring/"
	before := []string{
		"1 R GGInfo OGG-00995", "2 R GGInfo OGG-00996", "3 E GGInfo OGG-00992", "4 E GGInfo OGG-00993",
		"5 R GGWarning OGG-01154", "6 R GGError OGG-01296", "7 R GGError OGG-01668",
	}
	r := get(t, s, url+"messages", 200)
	if got := told(t, r); !slices.Equal(got, before) {
		t.Errorf("%q", got)
	}
	if r.at("response.message.5.issued") != `"2026-03-01T11:30:00.000Z"` || !strings.Contains(r.at("response.message.5.text"), Secret) {
		t.Errorf("%s", r.body)
	}
	if got := get(t, s, url+"lastMessageId", 200).at("response.lastId"); got != "7" {
		t.Error(got)
	}
	clock.Advance(time.Minute)
	s.SetProcessStatus("west", "E", "stopped")
	s.SetProcessStatus("west", "E", "running")
	s.SetProcessStatus("west", "E", "killed")
	s.RestartProcess("west", "R")
	for query, want := range map[string][]string{
		"messages?fromID=8":                    {"8 E GGInfo OGG-00991", "9 E GGInfo OGG-00992", "10 E GGInfo OGG-00993", "11 R GGInfo OGG-00995", "12 R GGInfo OGG-00996"},
		"messages?fromID=6&toID=7":             before[5:],
		"messages?fromID=2&offset=1&limit=2":   before[2:4],
		"messages?limit=0":                     {},
		"messages?fromID=13":                   {},
		"E/messages?toID=8":                    {before[2], before[3], "8 E GGInfo OGG-00991"},
		"DISTSRVR/messages":                    {},
		"ENEW/messages":                        {},
		"messages?fromID=12&toID=12&unknown=1": {"12 R GGInfo OGG-00996"},
	} {
		if got := told(t, get(t, s, url+query, 200)); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	get(t, s, url+"NOBODY/messages", 404)
	processes := mpoint(t, s, "processes", 200)
	for at, want := range map[string]string{"0.firstMessage": "9", "0.lastMessage": "10", "1.firstMessage": "11", "1.lastMessage": "12", "2.lastMessage": "0"} {
		if got := processes.at("response.processes." + at); got != want {
			t.Errorf("%s is %s, want %s", at, got, want)
		}
	}
}

// TestMessagesOfOwnEnds: an initial load that ends and a process that abends say so at that time, and
// what they said keeps its number when they start again, or are deleted.
func TestMessagesOfOwnEnds(t *testing.T) {
	t.Parallel()
	clock := NewManualClock(noon)
	s := start(t, Installation{Clock: clock, Deployments: []Deployment{{Name: "west", Processes: []Process{
		{Name: "EINIT", ExtractType: ExtractInitialLoad, Started: time.Minute, RunsFor: 2 * time.Minute},
		{Name: "E", Started: time.Hour, AbendsAfter: 3 * time.Minute, ErrorCode: "OGG-02912", ErrorText: "Patch is missing."},
	}}}})
	url := s.ServiceURL("west", "pmsrvr") + "/monitoring/messages?fromID=5"
	want := []string{}
	for n, step := range []struct {
		do  func()
		say []string
	}{
		{func() {}, nil},
		{func() { clock.Advance(time.Minute) }, []string{"5 EINIT GGInfo OGG-00991"}},
		{func() { clock.Advance(2 * time.Minute) }, []string{"6 E GGError OGG-02912", "7 E GGError OGG-01668"}},
		{func() { s.SetProcessStatus("west", "E", "running") }, []string{"8 E GGInfo OGG-00992", "9 E GGInfo OGG-00993"}},
		{func() {
			if err := s.AddProcess("west", Process{Name: "ELATE", Started: time.Hour}); err != nil {
				t.Error(err)
			}
		}, []string{"10 ELATE GGInfo OGG-00992", "11 ELATE GGInfo OGG-00993"}},
		{func() { s.RemoveProcess("west", "EINIT") }, nil},
		{func() { s.RestartProcess("west", "E") }, []string{"12 E GGInfo OGG-00992", "13 E GGInfo OGG-00993"}},
	} {
		step.do()
		want = append(want, step.say...)
		if got := told(t, get(t, s, url, 200)); !slices.Equal(got, want) {
			t.Errorf("step %d: %q, want %q", n, got, want)
		}
	}
	report := s.ServiceURL("west", "adminsrvr") + "/extracts/E/info/reports/E.rpt"
	if lines := strings.Join(linesOf(t, get(t, s, report, 200)), "\n"); strings.Contains(lines, "OGG-02912") {
		t.Error(lines)
	}
}

// TestMessagesAreBounded: the oldest are dropped, and the numbers continue.
func TestMessagesAreBounded(t *testing.T) {
	t.Parallel()
	var j journal
	pr := &process{spec: Process{Name: "E", Type: Extract}}
	for n := range mostEvents {
		j.add(pr.began(noon.Add(time.Duration(n)))...)
	}
	if len(j.kept) != mostEvents || j.last() != 2*mostEvents || j.spans()["E"] != (span{2*mostEvents - 1, 2 * mostEvents}) {
		t.Errorf("%d kept, last %d, %+v", len(j.kept), j.last(), j.spans())
	}
}

// TestReports reads the report of a process that abended, of earlier runs, and of one that never
// ran. They contain the parameters and the reason.
func TestReports(t *testing.T) {
	t.Parallel()
	for _, release := range Releases {
		s := start(t, Installation{Release: release, Clock: NewManualClock(noon), Deployments: []Deployment{{Name: "west", Processes: []Process{
			{Name: "E", Status: "abended"}, {Name: "R", Type: Replicat, DiscardsPerSecond: 1}, {Name: "ENEW", NeverStarted: true},
		}}}})
		admin := s.ServiceURL("west", "adminsrvr")
		s.RestartProcess("west", "R")
		discards := []string{"R.rpt", "R0.rpt", "R.dsc"}
		if release == Release12c {
			discards = discards[:2]
		}
		if got := get(t, s, admin+"/replicats/R/info/reports", 200).names(); !slices.Equal(got, discards) {
			t.Errorf("%s: %v", release, got)
		}
		if got := get(t, s, admin+"/extracts/ENEW/info/reports", 200).names(); got != nil {
			t.Errorf("%s: %v", release, got)
		}
		r := get(t, s, admin+"/extracts/E/info/reports/E.rpt", 200)
		lines := linesOf(t, r)
		want := "2026-03-01 11:00:00  ERROR   OGG-00664  OCI Error"
		if i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, want) }); i < 0 || !strings.Contains(lines[i], Secret) {
			t.Errorf("%s: %q", release, lines)
		}
		if !slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, "PASSWORD "+Secret) }) || r.at("response.$schema") != `"ogg:report"` {
			t.Errorf("%s: %q", release, lines)
		}
		for _, name := range []string{"R.rpt", "R0.rpt"} {
			if lines := linesOf(t, get(t, s, admin+"/replicats/R/info/reports/"+name, 200)); strings.Contains(strings.Join(lines, "\n"), "ERROR") {
				t.Errorf("%s %s: %q", release, name, lines)
			}
		}
		get(t, s, admin+"/replicats/R/info/reports/R1.rpt", 404)
		get(t, s, admin+"/replicats/E/info/reports/E.rpt", 404)

		s.SetProcessStatus("west", "E", "stopped") // still says why it abended
		if got := get(t, s, admin+"/extracts/E/info/reports/E.rpt", 200); !strings.Contains(string(got.body), "OGG-00664") {
			t.Errorf("%s: %s", release, got.body)
		}
	}
}

func linesOf(t *testing.T, r reply) []string {
	t.Helper()
	var doc struct{ Response struct{ Lines []string } }
	if err := json.Unmarshal(r.body, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Response.Lines
}

// TestParameters changes the parameters of a process, and no others.
func TestParameters(t *testing.T) {
	t.Parallel()
	d := west()
	d.Processes[0].Parameters = []string{"EXTRACT EWEST", "TABLE HR.*;"}
	s := start(t, Installation{Deployments: []Deployment{d}})
	admin := s.ServiceURL("west", "adminsrvr")
	if got := get(t, s, admin+"/extracts/EWEST", 200).at("response.config"); got != `["EXTRACT EWEST","TABLE HR.*;"]` {
		t.Error(got)
	}
	before := get(t, s, admin+"/replicats/RWEST", 200).at("response.config")
	s.SetParameters("west", "EWEST", "EXTRACT EWEST", "TABLE PAY.*;")
	if got := get(t, s, admin+"/extracts/EWEST", 200).at("response.config.1"); got != `"TABLE PAY.*;"` {
		t.Error(got)
	}
	if got := get(t, s, admin+"/replicats/RWEST", 200).at("response.config"); got != before || !strings.Contains(got, Secret) {
		t.Error(got)
	}
}
