package oggtest

import (
	"testing"
	"time"
)

// TestWorkload moves one process through its life and looks at info/status. The lag of a process
// that is down is frozen; what its trail got meanwhile is caught up after the start.
func TestWorkload(t *testing.T) {
	t.Parallel()
	clock := NewManualClock(noon)
	s := start(t, Installation{Release: Release19c, Clock: clock, Deployments: []Deployment{{
		Name: "west",
		Processes: []Process{{
			Name: "R", Type: Replicat, Lag: 100 * time.Second, LagGrowth: 0.5, Started: time.Minute, BytesPerSecond: 100_000_000, Trail: "ea",
		}},
	}}})
	for n, step := range []struct {
		do     func()
		status string
		pid    string
		start  string
		lag    string
		age    string
		file   string
		offset string
	}{
		{func() {}, "running", "21466", "11:59:00", "130", "0", "6", "10500"}, // half of the minute: the lag grew by the rest
		{func() { clock.Advance(7 * time.Second) }, "running", "21466", "11:59:00", "130", "7", "6", "10500"},
		{func() { clock.Advance(5 * time.Second) }, "running", "21466", "11:59:00", "135", "2", "7", "12000"},
		{func() { s.SetProcessStatus("west", "R", "abended") }, "abended", "", "11:59:00", "135", "2", "7", "12000"},
		{func() { clock.Advance(time.Hour) }, "abended", "", "11:59:00", "135", "3602", "7", "12000"},
		{func() { s.SetProcessStatus("west", "R", "stopped") }, "stopped", "", "11:59:00", "135", "3602", "7", "12000"},
		{func() { s.SetProcessStatus("west", "R", "running") }, "running", "29385", "13:00:12", "3736", "0", "7", "100012000"}, // 136 and the hour
		{func() { clock.Advance(22 * time.Second) }, "running", "29385", "13:00:12", "3356", "2", "87", "100132000"},           // 400 in 20
		{func() { s.RestartProcess("west", "R") }, "running", "7304", "13:00:34", "3318", "0", "95", "100144000"},
		{func() { clock.Advance(5 * time.Minute) }, "running", "7304", "13:00:34", "250", "0", "768", "401153500"}, // caught up
		{func() { s.SetProcessLag("west", "R", 5*time.Second) }, "running", "7304", "13:00:34", "155", "0", "787", "401182000"},
	} {
		step.do()
		r := get(t, s, s.ServiceURL("west", "adminsrvr")+"/replicats/R/info/status", 200)
		for at, want := range map[string]string{
			"status": `"` + step.status + `"`, "processId": step.pid, "lastStarted": `"2026-03-01T` + step.start + `.000Z"`,
			"lag": step.lag, "sinceLagReported": step.age, "position.sequence": step.file, "position.offset": step.offset,
		} {
			if got := r.at("response." + at); got != want {
				t.Errorf("step %d: %s is %s, want %s", n, at, got, want)
			}
		}
	}
}

func TestWorkloadIsPure(t *testing.T) {
	t.Parallel()
	of := func(p Process) *process {
		pr := &process{spec: p, seed: 1, run: run{started: noon}, out: &trailFiles{files: files{size: 1_000_000}}}
		pr.own = pr.stream()
		return pr
	}
	pr := of(Process{LagSwing: 5 * time.Minute, LagPeriod: 20 * time.Minute})
	for after, lag := range map[time.Duration]time.Duration{
		0: 0, 5 * time.Minute: 150 * time.Second, 10 * time.Minute: 5 * time.Minute,
		15 * time.Minute: 150 * time.Second, 20 * time.Minute: 0, 25 * time.Minute: 150 * time.Second,
	} {
		got := pr.at(noon.Add(after))
		if got.lag.Round(time.Second) != lag || got != pr.at(noon.Add(after)) {
			t.Errorf("after %v: %+v", after, got)
		}
	}
	if got := pr.at(noon.Add(-time.Hour)); got.checkpoint != noon || got.bytes != 0 {
		t.Errorf("a clock before the start: %+v", got)
	}
	shrinking := of(Process{Lag: time.Minute, LagGrowth: -1})
	if got := shrinking.at(noon.Add(time.Hour)); got.lag != 0 {
		t.Errorf("lag %v", got.lag)
	}
}

func TestStuck(t *testing.T) {
	t.Parallel()
	clock := NewManualClock(noon)
	s := start(t, Installation{Clock: clock, Deployments: []Deployment{{
		Name: "west", Processes: []Process{{Name: "E", Stuck: true, Started: time.Minute}},
	}}})
	url := s.ServiceURL("west", "adminsrvr") + "/extracts/E/info/status"
	before := get(t, s, url, 200)
	clock.Advance(time.Hour)
	after := get(t, s, url, 200)
	if before.at("response.position") != after.at("response.position") || after.at("response.sinceLagReported") != "3600" {
		t.Errorf("%s\n%s", before.body, after.body)
	}
}
