package ogg_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// parallel is an installation with a parallel and a coordinated Replicat, and a clock.
func parallel(release oggtest.Release) (oggtest.Installation, *oggtest.ManualClock) {
	clock := oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	return oggtest.Installation{Release: release, Clock: clock, Deployments: []oggtest.Deployment{{
		Name: "north",
		Processes: []oggtest.Process{
			{Name: "PAR", Type: oggtest.Replicat, Mode: oggtest.Parallel, Appliers: 3, Started: time.Hour},
			{Name: "FIN", Type: oggtest.Replicat, Mode: oggtest.Coordinated, Threads: 2, Started: time.Hour},
			{Name: "REP", Type: oggtest.Replicat, Started: time.Hour},
		},
	}}}, clock
}

// workersIn returns the sums over the workers of north, by Replicat and mode.
func workersIn(t testing.TB, inst *ogg.Installation) map[string]*ogg.Workers {
	t.Helper()
	all := map[string]*ogg.Workers{}
	for _, w := range deployment(t, inst, "north").Workers {
		all[w.Replicat+" "+w.Mode] = w
	}
	return all
}

// secondsOf returns the CPU time of the appliers of PAR.
func secondsOf(t testing.TB, inst *ogg.Installation) float64 {
	t.Helper()
	found := workersIn(t, inst)["PAR parallelapplier"]
	if found == nil {
		t.Fatal("no appliers")
	}
	seconds, known := found.CPU.Value()
	if !known {
		t.Fatal("no CPU time of the appliers")
	}
	return seconds
}

// TestWorkerSums reads what workers use each minute, with a request for each.
func TestWorkerSums(t *testing.T) {
	t.Parallel()
	for release, want := range map[oggtest.Release]string{
		oggtest.Release12c:  "FIN coordinated",
		oggtest.Release21c:  "FIN coordinated",
		oggtest.Release23ai: "FIN coordinated, PAR parallelapplier, PAR parallelmapper",
		oggtest.Release26ai: "FIN coordinated, PAR parallelapplier, PAR parallelmapper",
	} {
		i, clock := parallel(release)
		s, sm := simulate(t, i)
		c := clockClient(t, sm, clock, "worker")
		found := workersIn(t, poll(t, c))
		var names []string
		for name, w := range found {
			names = append(names, name)
			cpu, _ := w.CPU.Value()
			if memory, _ := w.ResidentMemory.Value(); cpu <= 0 || memory <= 0 {
				t.Errorf("%s: %s use %v seconds and %v bytes", release, name, cpu, memory)
			}
		}
		slices.Sort(names)
		if got := strings.Join(names, ", "); got != want {
			t.Errorf("%s: %s, want %s", release, got, want)
		}
		each := 2
		if len(names) > 1 {
			each = 2 + 3 + 2
		}
		for n, pass := range []time.Duration{0, time.Second, time.Minute} {
			clock.Advance(pass)
			if n > 0 {
				s.ResetRequests()
				poll(t, c)
			}
			if got, want := count(s, "/processPerformance"), []int{each, 0, each}[n]; got != want {
				t.Errorf("%s: %d requests in poll %d, want %d", release, got, n+1, want)
			}
		}
	}
}

// TestWorkerEnds: the CPU time does not go back when a worker ends, starts anew, or cannot be read, and
// restarts with the Replicat.
func TestWorkerEnds(t *testing.T) {
	t.Parallel()
	i, clock := parallel(oggtest.Release26ai)
	s, sm := simulate(t, i)
	c := clockClient(t, sm, clock, "worker")
	first := secondsOf(t, poll(t, c))
	last := first
	list := func(workers ...string) func() {
		entries := []string{`{"processName": "PAR", "processType": "Replicat", "processMode": "Parallel", "processState": "Running", "startTime": "2026-03-01T11:00:00Z"}`}
		for _, w := range workers {
			name, started, _ := strings.Cut(w, " ")
			entries = append(entries, fmt.Sprintf(`{"processName": %q, "processType": "Replicat", "processMode": "ParallelApplier", "processState": "Running", "parentName": "PAR", "startTime": %q}`, name, started))
		}
		return s.Fault(oggtest.Target{Path: "/services/v2/mpoints/processes"}, oggtest.Fault{Body: `{"response": {"processes": [` + strings.Join(entries, ",") + `]}}`})
	}
	uses := func(worker string, seconds int) func() {
		return s.Fault(oggtest.Target{Path: "/services/v2/mpoints/" + worker + "/processPerformance"},
			oggtest.Fault{Body: fmt.Sprintf(`{"response": {"userTimeUs": %d, "kernelTimeUs": 0, "workingSetSize": 1000}}`, seconds*1_000_000)})
	}
	const early, late = "2026-03-01T11:00:00Z", "2026-03-01T12:03:00Z"
	step := func(what string, workers []string, used map[string]int, grows float64) {
		t.Helper()
		clock.Advance(time.Minute)
		ends := []func(){list(workers...)}
		for worker, seconds := range used {
			ends = append(ends, uses(worker, seconds))
		}
		got := secondsOf(t, poll(t, c))
		for _, end := range ends {
			end()
		}
		if got-last < grows-.001 || got-last > grows+.001 {
			t.Errorf("%s: it grows by %v, want %v", what, got-last, grows)
		}
		last = got
	}
	base := map[string]int{"PARA01": 10_000, "PARA02": 10_000, "PARA03": 10_000}
	all := []string{"PARA01 " + early, "PARA02 " + early, "PARA03 " + early}
	step("all", all, base, 30_000-first)
	step("one has ended", all[:2], base, 0)
	step("another works", all[:2], map[string]int{"PARA01": 10_005, "PARA02": 10_000}, 5)
	step("the one that had ended was only missing", all, map[string]int{"PARA01": 10_005, "PARA02": 10_000, "PARA03": 10_002}, 2)
	clock.Advance(time.Minute)
	end := s.Fault(oggtest.Target{Path: "/services/v2/mpoints/processes"}, oggtest.Fault{Body: `{"response": {"processes": [{"processName": "REP", "processType": "Replicat", "processState": "Running"}]}}`})
	if all := poll(t, c).Deployments; len(all) == 0 {
		t.Error("no deployments")
	}
	end()
	step("its Replicat was only missing", all[:2], map[string]int{"PARA01": 10_005, "PARA02": 10_000}, 0)
	step("one has started anew", []string{all[0], "PARA02 " + late}, map[string]int{"PARA01": 10_005, "PARA02": 7}, 7)
	step("a figure falls", []string{all[0], "PARA02 " + late}, map[string]int{"PARA01": 9_000, "PARA02": 7}, 0)
	step("none is left", nil, nil, 0)
	step("there is another", []string{"PARA09 " + late}, map[string]int{"PARA09": 3}, 3)
	s.RestartProcess("north", "PAR")
	clock.Advance(time.Minute)
	if got := secondsOf(t, poll(t, c)); got >= first {
		t.Errorf("after a restart of the Replicat: %v", got)
	}
}

// TestWorkerSumsStay: the CPU time does not differ by a rounding error, which would be a reset, while no
// worker uses any.
func TestWorkerSumsStay(t *testing.T) {
	t.Parallel()
	i, clock := parallel(oggtest.Release26ai)
	s, sm := simulate(t, i)
	for n, micros := range []int{100_000_100_000, 70_000_200_000, 30_000_300_000} {
		s.Fault(oggtest.Target{Path: fmt.Sprintf("/services/v2/mpoints/PARA0%d/processPerformance", n+1)},
			oggtest.Fault{Body: fmt.Sprintf(`{"response": {"userTimeUs": %d, "kernelTimeUs": 0}}`, micros)})
	}
	c := clockClient(t, sm, clock, "worker")
	for range 50 {
		if got := secondsOf(t, poll(t, c)); got != 200_000.6 {
			t.Fatalf("the sum is %v", got)
		}
		clock.Advance(time.Minute)
	}
}

// TestWorkersUnread: there is no sum while a worker has not been read, and the failure is reported.
func TestWorkersUnread(t *testing.T) {
	t.Parallel()
	i, clock := parallel(oggtest.Release26ai)
	s, sm := simulate(t, i)
	c := clockClient(t, sm, clock, "worker")
	end := s.Fault(oggtest.Target{Path: "/services/v2/mpoints/PARA02/processPerformance"}, oggtest.Fault{Status: http.StatusForbidden})
	inst := c.Poll(t.Context())
	if read(t, inst, "north", "worker").Err == nil {
		t.Error("no failure")
	}
	appliers, mappers := workersIn(t, inst)["PAR parallelapplier"], workersIn(t, inst)["PAR parallelmapper"]
	if appliers == nil || appliers.CPU.Known() || appliers.ResidentMemory.Known() || mappers == nil || !mappers.CPU.Known() {
		t.Errorf("got %+v and %+v", appliers, mappers)
	}
	end()
	clock.Advance(time.Minute)
	if secondsOf(t, poll(t, c)) <= 0 {
		t.Error("they use nothing")
	}
}

// TestWorkersLateStart: the sums restart with the Replicat, too, if it was not reported at first when it
// had started.
func TestWorkersLateStart(t *testing.T) {
	t.Parallel()
	i, clock := parallel(oggtest.Release26ai)
	s, sm := simulate(t, i)
	c := clockClient(t, sm, clock, "worker")
	for n, step := range []struct {
		started string
		used    int
		want    float64
	}{{"", 100, 100}, {"2026-03-01T11:00:00Z", 101, 101}, {"2026-03-01T12:02:00Z", 3, 3}} {
		clock.Advance(time.Minute)
		ends := []func(){
			s.Fault(oggtest.Target{Path: "/services/v2/mpoints/processes"}, oggtest.Fault{Body: fmt.Sprintf(`{"response": {"processes": [`+
				`{"processName": "PAR", "processType": "Replicat", "processMode": "Parallel", "processState": "Running", "startTime": %q},`+
				`{"processName": "PARA01", "processType": "Replicat", "processMode": "ParallelApplier", "processState": "Running", "parentName": "PAR"}]}}`, step.started)}),
			s.Fault(oggtest.Target{Path: "/services/v2/mpoints/PARA01/processPerformance"}, oggtest.Fault{Body: fmt.Sprintf(`{"response": {"userTimeUs": %d, "kernelTimeUs": 0}}`, step.used*1_000_000)}),
		}
		if got := secondsOf(t, poll(t, c)); got != step.want {
			t.Errorf("poll %d: %v seconds, want %v", n+1, got, step.want)
		}
		for _, end := range ends {
			end()
		}
	}
}
