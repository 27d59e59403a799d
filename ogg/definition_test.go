package ogg_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

const profiles = "/services/v2/config/types/ogg:managedProcessSettings/values/ogg:managedProcessSettings:"

// defined is an installation with processes of several kinds, and a clock.
func defined(release oggtest.Release) (oggtest.Installation, *oggtest.ManualClock) {
	clock := oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	return oggtest.Installation{Release: release, Clock: clock, Deployments: []oggtest.Deployment{{
		Name: "north",
		Processes: []oggtest.Process{
			{Name: "EXT1", Critical: true, Managed: &oggtest.ManagedSettings{AutoStart: true}},
			{Name: "INI1", ExtractType: oggtest.ExtractInitialLoad, Status: "stopped"},
			{Name: "REP1", Type: oggtest.Replicat, Mode: oggtest.Parallel, ManagedProfile: "ogg:managedProcessSettings:restarts"},
			{Name: "REP2", Type: oggtest.Replicat, Mode: oggtest.Classic, Parameters: []string{"REPLICAT REP2", "SpecialRun", "MAP A.*, TARGET B.*;"}},
		},
		ManagedProfiles: []oggtest.ManagedProfile{{Name: "ogg:managedProcessSettings:restarts", ManagedSettings: oggtest.ManagedSettings{AutoRestart: true}}},
	}}}, clock
}

// definitionOf returns what a process of north is.
func definitionOf(t testing.TB, inst *ogg.Installation, process string) *ogg.Definition {
	t.Helper()
	for _, d := range deployment(t, inst, "north").Definitions {
		if d.Process == process {
			return d
		}
	}
	return &ogg.Definition{}
}

// described returns a definition in words.
func described(d *ogg.Definition) string {
	word := func(fact *bool) string {
		if fact == nil {
			return "-"
		}
		return strconv.FormatBool(*fact)
	}
	return strings.Join([]string{d.Kind, d.Mode, word(d.Critical), word(d.AutoStart), word(d.AutoRestart)}, " ")
}

// definitionRequests returns the requests for definitions and profiles, sorted.
func definitionRequests(s *oggtest.Server) []string {
	var got []string
	for _, line := range asked(s, "north", "adminsrvr") {
		path := strings.TrimPrefix(line, "GET /services/v2/")
		if parts := strings.Split(path, "/"); len(parts) == 2 && parts[0] != "config" || parts[0] == "config" && len(parts) > 2 {
			got = append(got, path)
		}
	}
	return got
}

// TestDefinitions checks what each release says, and the requests for it: in the first poll, and after
// 15 minutes.
func TestDefinitions(t *testing.T) {
	t.Parallel()
	for _, release := range oggtest.Releases {
		i, clock := defined(release)
		s, sm := simulate(t, i)
		c := clockClient(t, sm, clock, "process", "definition")
		want := map[string]string{
			"EXT1": "change_data integrated true true false", "INI1": "initial_load initial load false false false",
			"REP1": "change_data parallel false false true", "REP2": "initial_load classic false false false",
		}
		requests := []string{
			strings.TrimPrefix(profiles, "/services/v2/") + "Default", strings.TrimPrefix(profiles, "/services/v2/") + "restarts",
			"extracts/EXT1", "extracts/INI1", "replicats/REP1", "replicats/REP2",
		}
		switch release {
		case oggtest.Release12c:
			want = map[string]string{"EXT1": "change_data  - - -", "INI1": "initial_load  - - -", "REP1": "change_data parallel - - -", "REP2": "initial_load classic - - -"}
			requests = requests[2:]
		case oggtest.Release19c:
			want["EXT1"], want["INI1"] = "change_data  true true false", "initial_load  false false false"
		}
		for _, step := range []struct {
			after time.Duration
			reads bool
		}{{0, true}, {time.Minute, false}, {14*time.Minute - time.Second, false}, {time.Second, true}, {time.Minute, false}} {
			clock.Advance(step.after)
			s.ResetRequests()
			inst := poll(t, c)
			if got := definitionRequests(s); step.reads && !slices.Equal(got, requests) || !step.reads && got != nil {
				t.Errorf("%s, %+v: asked %q, want %q", release, step, got, requests)
			}
			for process, want := range want {
				if got := described(definitionOf(t, inst, process)); got != want {
					t.Errorf("%s: %s is %q, want %q", release, process, got, want)
				}
			}
			if d := definitionOf(t, inst, "EXT1"); len(d.ConfigHash) != 8 || !d.ConfigChanged.IsZero() {
				t.Errorf("%s: %+v", release, d)
			}
		}
	}
}

// TestDefinitionAgain checks that a process is read again when it has started anew or changed its
// status, and all when the service has.
func TestDefinitionAgain(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		i, clock := defined(oggtest.Release26ai)
		s, sm := simulate(t, i)
		c := clockClient(t, sm, clock, "service", "process", "definition")
		poll(t, c)
		poll(t, c)
		read := func(what string, want ...string) {
			t.Helper()
			clock.Advance(time.Second)
			s.ResetRequests()
			poll(t, c)
			if got := definitionRequests(s); !slices.Equal(got, want) {
				t.Errorf("%s: asked %q, want %q", what, got, want)
			}
		}
		read("nothing happened")
		s.RestartProcess("north", "EXT1")
		read("EXT1 has started anew", "extracts/EXT1")
		s.SetProcessStatus("north", "REP1", "abended")
		read("REP1 has abended", "replicats/REP1")
		read("nothing happened")
		s.RemoveProcess("north", "REP2")
		read("REP2 is gone")
		mend := s.Fault(oggtest.Target{Deployment: "north", Service: "adminsrvr"}, oggtest.Fault{Refused: true})
		c.Poll(context.Background())
		mend()
		read("a connection broke")
		s.RestartService("north", "adminsrvr")
		poll(t, c) // may notice the restart too late
		poll(t, c)
		if got := len(definitionRequests(s)); got != 5 {
			t.Errorf("the service has started anew: %d requests: %q", got, definitionRequests(s))
		}
	})
}

// TestDefinitionChange checks when parameters count as changed: if a line does, and not for white
// space, a restart, or an answer without them.
func TestDefinitionChange(t *testing.T) {
	t.Parallel()
	i, clock := defined(oggtest.Release26ai)
	s, sm := simulate(t, i)
	c := clockClient(t, sm, clock, "process", "definition")
	lines := []string{"REPLICAT REP2", "MAP A.*, TARGET B.*;"}
	s.SetParameters("north", "REP2", lines...)
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(lines, "\n")+"\n")))[:8]
	if got := definitionOf(t, poll(t, c), "REP2").ConfigHash; got != hash {
		t.Errorf("got the hash %s, want %s", got, hash)
	}
	begin := clock.Now()
	for n, step := range []struct {
		change  func() func()
		changed time.Duration // since the beginning; 0 is never
	}{
		{func() func() { s.SetParameters("north", "REP2", " "+lines[0]+"\t", "", lines[1]); return nil }, 0},
		{func() func() {
			return s.Fault(oggtest.Target{Path: "/services/v2/replicats/REP2"}, oggtest.Fault{Body: `{"response":{}}`})
		}, 0},
		{func() func() { s.RestartProcess("north", "REP2"); return nil }, 0},
		{func() func() {
			s.SetParameters("north", "REP2", lines[0], lines[1], "MAP C.*, TARGET D.*;")
			return nil
		}, time.Hour},
		{func() func() { return nil }, time.Hour},
		{func() func() { s.SetParameters("north", "REP2", lines...); return nil }, 90 * time.Minute},
	} {
		mend := step.change()
		clock.Advance(15 * time.Minute)
		got := definitionOf(t, c.Poll(context.Background()), "REP2").ConfigChanged
		if want := begin.Add(step.changed); step.changed == 0 && !got.IsZero() || step.changed != 0 && !got.Equal(want) {
			t.Errorf("step %d: changed at %s", n, got)
		}
		if mend != nil {
			mend()
		}
	}
}

// TestDefinitionForms checks what is made of each form that an answer may have, and which is a failure.
func TestDefinitionForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		body, process, want string
		fails               bool
	}{
		{`{"type":"Integrated","source":"tranlogs"}`, "EXT1", "change_data integrated - - -", false},
		{`{"type":"Initial Load"}`, "EXT1", "initial_load initial load - - -", false},
		{`{"type":"Remote Task"}`, "EXT1", "initial_load remote task - - -", false},
		{`{"type":"Source Extract"}`, "EXT1", "unknown source extract - - -", false},
		{`{"type":"Source Extract","source":"tables"}`, "EXT1", "initial_load source extract - - -", false},
		{`{"type":"New Kind","source":{"tranlogs":"integrated"}}`, "EXT1", "change_data new kind - - -", false},
		{`{"source":{"tables":true}}`, "EXT1", "initial_load  - - -", false},
		{`{"config":["EXTRACT EXT1","  sourceistable"]}`, "EXT1", "initial_load  - - -", false},
		{`{"source":7}`, "EXT1", "unknown  - - -", true},
		{`{}`, "EXT1", "unknown  - - -", false},
		{`{"critical":null,"managedProcessSettings":null,"config":null}`, "EXT1", "unknown  - - -", false},
		{`{"critical":{},"managedProcessSettings":7}`, "EXT1", "unknown  - - -", true},
		{`{"managedProcessSettings":{"autoStart":{"enabled":true}}}`, "EXT1", "unknown  - true -", false},
		{`{"managedProcessSettings":{"autoStart":{"enabled":"x"},"autoRestart":{"enabled":false}}}`, "EXT1", "unknown  - - false", true},
		{`{"managedProcessSettings":{"autoStart":true,"autoRestart":{"enabled":false}}}`, "EXT1", "unknown  - - false", true},
		{`{"managedProcessSettings":"ogg:managedProcessSettings:restarts"}`, "EXT1", "unknown  - false true", false},
		{`{"managedProcessSettings":"restarts"}`, "EXT1", "unknown  - false true", false},
		{`{"managedProcessSettings":"ogg:managedProcessSettings:gone"}`, "EXT1", "unknown  - - -", false},
		{`{"mode":{"type":"nonintegrated","parallel":true}}`, "REP1", "change_data parallel - - -", false},
		{`{"mode":{"type":"Integrated","parallel":"bidirectional"}}`, "REP1", "change_data parallel - - -", false},
		{`{"mode":{"type":"integrated","parallel":false}}`, "REP1", "change_data integrated - - -", false},
		{`{"mode":{"type":"nonintegrated"}}`, "REP1", "change_data classic - - -", false},
		{`{"mode":{"type":"nonintegrated","parallel":7}}`, "REP1", "change_data classic - - -", true},
		{`{"mode":"integrated"}`, "REP1", "unknown  - - -", true},
		{`{"mode":{"type":"new"},"source":{"name":"ea"}}`, "REP1", "change_data new - - -", false},
	} {
		i, clock := defined(oggtest.Release26ai)
		s, sm := simulate(t, i)
		for _, list := range []string{"extracts", "replicats"} {
			s.Fault(oggtest.Target{Path: "/services/v2/" + list + "/" + c.process[:3] + "[1]"}, oggtest.Fault{Body: `{"response":` + c.body + `}`})
		}
		inst := clockClient(t, sm, clock, "definition").Poll(context.Background())
		if got := described(definitionOf(t, inst, c.process)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.body, got, c.want)
		}
		if err := read(t, inst, "north", "definition").Err; (err != nil) != c.fails {
			t.Errorf("%s: %v", c.body, err)
		}
	}
}

// TestDefinitionFails checks that a failure costs only its process, which stays as it was before, that
// it is reported until the next read, and when that is; and the same of a profile.
func TestDefinitionFails(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/services/v2/replicats/REP1": "1 of 4 definitions: GET ",
		profiles + "restarts":         "1 of 2 profiles of managed processes: GET ",
	} {
		i, clock := defined(oggtest.Release26ai)
		s, sm := simulate(t, i)
		c := clockClient(t, sm, clock, "definition")
		before := described(definitionOf(t, poll(t, c), "REP1"))
		mend := s.Fault(oggtest.Target{Path: path}, oggtest.Fault{Status: http.StatusInternalServerError})
		clock.Advance(15 * time.Minute)
		var reads []int
		for m := range 8 {
			s.ResetRequests()
			inst := c.Poll(context.Background())
			if err := read(t, inst, "north", "definition").Err; err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("after %d minutes: %v", m, err)
			}
			if got := described(definitionOf(t, inst, "REP1")); got != before {
				t.Errorf("after %d minutes: REP1 is %s, was %s", m, got, before)
			}
			if count(s, strings.TrimPrefix(path, "/services/v2")) > 0 {
				reads = append(reads, m)
			}
			clock.Advance(time.Minute)
		}
		if want := []int{0, 1, 3, 7}; !slices.Equal(reads, want) {
			t.Errorf("%s was read after %v minutes, want %v", path, reads, want)
		}
		mend()
		clock.Advance(8 * time.Minute)
		poll(t, c)
	}
}

// TestDefinitionSecrets checks that nothing of the parameters gets into an error, the log or the
// snapshot, whatever is in their place.
func TestDefinitionSecrets(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{
		"lines":      `["USERID a, PASSWORD ` + oggtest.Secret + `"]`,
		"a text":     `"USERID a, PASSWORD ` + oggtest.Secret + `"`,
		"an object":  `{"` + oggtest.Secret + `":"` + oggtest.Secret + `"}`,
		"of numbers": `["` + oggtest.Secret + `",7]`,
		"too long":   `["` + strings.Repeat(oggtest.Secret, 1000) + `"]`,
		"cut off":    `["` + oggtest.Secret,
	} {
		i, _ := defined(oggtest.Release26ai)
		s, sm := simulate(t, i)
		s.Fault(oggtest.Target{Path: "/services/v2/extracts/EXT[1]"}, oggtest.Fault{Body: `{"response":{"critical":7,"config":` + config + `}}`})
		var log bytes.Buffer
		c, err := ogg.NewClient(sm, ogg.Options{
			Collectors: []string{"definition"}, Dial: bubble.Dialer(t),
			Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		})
		if err != nil {
			t.Fatal(err)
		}
		inst := c.Poll(context.Background())
		c.Close()
		err = read(t, inst, "north", "definition").Err
		if err == nil {
			t.Errorf("%s: no failure", name)
		}
		for where, text := range map[string]string{"error": fmt.Sprint(err), "log": log.String(), "snapshot": fmt.Sprintf("%+v", definitionOf(t, inst, "EXT1"))} {
			if strings.Contains(text, "Welcome") {
				t.Errorf("%s: the %s has the parameters: %s", name, where, text)
			}
		}
	}
}

// TestDefinitionOrder checks that the first poll reads those that do not run before the others, and
// that all are known after a few.
func TestDefinitionOrder(t *testing.T) {
	t.Parallel()
	i, clock := defined(oggtest.Release26ai)
	i.Deployments[0].Processes = nil
	for n := range 60 {
		p := oggtest.Process{Name: fmt.Sprintf("E%02d", n)}
		if n%6 == 5 {
			p.Status = "abended"
		}
		i.Deployments[0].Processes = append(i.Deployments[0].Processes, p)
	}
	s, sm := simulate(t, i)
	c := clockClient(t, sm, clock, "process", "definition")
	for n, want := range []int{20, 40, 60, 60} {
		clock.Advance(15 * time.Second)
		s.ResetRequests()
		inst := poll(t, c)
		if got := len(deployment(t, inst, "north").Definitions); got != want {
			t.Errorf("poll %d: %d are known, want %d", n, got, want)
		}
		if got := len(definitionRequests(s)); got > 21 {
			t.Errorf("poll %d: %d requests", n, got)
		}
		if definitionOf(t, inst, "E59").Process == "" {
			t.Errorf("poll %d: what has abended is not known", n)
		}
	}
	_, attempts := traced(c, "north", "adminsrvr")
	if want := 2 + 60 + 60 + 1; attempts != want {
		t.Errorf("a traced poll sent %d requests, want %d", attempts, want)
	}
}

// TestLeavesOutThreads checks that a Replicat with the name of a thread is read where the service
// leaves out the threads itself, and that this costs a request every 15 minutes.
func TestLeavesOutThreads(t *testing.T) {
	t.Parallel()
	for release, want := range map[oggtest.Release]string{oggtest.Release19c: "FIN", oggtest.Release26ai: "FIN FIN007"} {
		i, clock := replicats(release, oggtest.Process{Name: "FIN", Mode: oggtest.Coordinated, Threads: 2}, oggtest.Process{Name: "FIN007", Mode: oggtest.Classic})
		s, sm := simulate(t, i)
		c := clockClient(t, sm, clock, "process")
		for n, step := range []struct {
			after time.Duration
			asked int
		}{{0, 1}, {time.Minute, 0}, {14 * time.Minute, 1}} {
			clock.Advance(step.after)
			s.ResetRequests()
			var got []string
			for _, p := range deployment(t, poll(t, c), "north").Processes {
				got = append(got, p.Name)
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%s, step %d: got %v, want %s", release, n, got, want)
			}
			all := 0
			for _, line := range asked(s, "north", "adminsrvr") {
				if line == "GET /services/v2/replicats" {
					all++
				}
			}
			if all != step.asked {
				t.Errorf("%s, step %d: asked %d times for all, want %d", release, n, all, step.asked)
			}
		}
	}
}

// TestCertificatesSpread checks that the first polls ask for the certificates of a few deployments
// each, in the order of their names.
func TestCertificatesSpread(t *testing.T) {
	t.Parallel()
	i, clock := certified(oggtest.Release26ai), oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	for n := range 24 {
		i.Deployments = append(i.Deployments, oggtest.Deployment{Name: fmt.Sprintf("d%02d", n)})
	}
	s, sm := simulate(t, i)
	var err error
	if sm.ExcludeDeployments, err = config.NewPattern(ogg.ServiceManager); err != nil {
		t.Fatal(err)
	}
	c := clockClient(t, sm, clock, "certificate")
	for n, want := range []int{10, 10, 5, 0} {
		s.ResetRequests()
		poll(t, c)
		lists := 0
		for _, line := range asked(s, "ServiceManager", "ServiceManager") {
			if strings.HasSuffix(line, "/certificates") {
				lists++
			}
		}
		if lists != want {
			t.Errorf("poll %d: %d deployments, want %d", n, lists, want)
		}
	}
}

// TestOddConfig checks that parameters of which not all are known, or none, are no change.
func TestOddConfig(t *testing.T) {
	t.Parallel()
	i, clock := defined(oggtest.Release26ai)
	s, sm := simulate(t, i)
	c := clockClient(t, sm, clock, "definition")
	whole := definitionOf(t, poll(t, c), "EXT1").ConfigHash
	for config, want := range map[string]string{`["EXTRACT EXT1", 7]`: whole, `["EXTRACT EXT1", null]`: whole, `"EXTRACT EXT1"`: whole, `{"a":1}`: whole, `[]`: "", `[" "]`: "", `null`: ""} {
		clock.Advance(15 * time.Minute)
		mend := s.Fault(oggtest.Target{Path: "/services/v2/extracts/EXT1"}, oggtest.Fault{Body: `{"response":{"type":"Integrated","config":` + config + `}}`})
		got := definitionOf(t, c.Poll(t.Context()), "EXT1")
		mend()
		if got.ConfigHash != want || !got.ConfigChanged.IsZero() {
			t.Errorf("%s: hash %q for %q, changed %s", config, got.ConfigHash, want, got.ConfigChanged)
		}
	}
	clock.Advance(15 * time.Minute)
	if got := definitionOf(t, poll(t, c), "EXT1"); got.ConfigHash != whole || !got.ConfigChanged.IsZero() {
		t.Errorf("then: hash %q for %q, changed %s", got.ConfigHash, whole, got.ConfigChanged)
	}
	c = clockClient(t, sm, clock, "definition")
	mend := s.Fault(oggtest.Target{Path: "/services/v2/extracts/EXT1"}, oggtest.Fault{Body: `{"response":{"type":"Integrated","config":["EXTRACT EXT1", 7]}}`})
	c.Poll(t.Context())
	mend()
	clock.Advance(15 * time.Minute)
	if got := definitionOf(t, poll(t, c), "EXT1"); got.ConfigHash != whole || !got.ConfigChanged.IsZero() {
		t.Errorf("first odd, then: hash %q for %q, changed %s", got.ConfigHash, whole, got.ConfigChanged)
	}
}

// TestDefinitionNotFound: that GoldenGate does not say what a listed process is, is no failure. The
// kind of the process is unknown, and it is asked again.
func TestDefinitionNotFound(t *testing.T) {
	t.Parallel()
	i, clock := defined(oggtest.Release26ai)
	s, sm := simulate(t, i)
	mend := s.Fault(oggtest.Target{Path: "/services/v2/extracts/EXT1"}, oggtest.Fault{Status: http.StatusNotFound})
	c := clockClient(t, sm, clock, "process", "definition")
	if got, want := described(definitionOf(t, pollFor(t, c, "definition"), "EXT1")), "unknown  - - -"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	mend()
	clock.Advance(time.Minute)
	if got := definitionOf(t, pollFor(t, c, "definition"), "EXT1").Kind; got != "change_data" {
		t.Errorf("once it is found, its kind is %q", got)
	}
}
