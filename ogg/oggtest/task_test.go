package oggtest

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestTasks follows two tasks through runs, failures and being disabled.
func TestTasks(t *testing.T) {
	t.Parallel()
	clock := NewManualClock(noon.Add(time.Minute))
	s := start(t, Installation{Clock: clock, Deployments: []Deployment{{Name: "west", Tasks: []Task{
		{Name: "purge", Purges: []string{"ea", "eb"}, Keep: 3, Critical: true},
		{Name: "lag", Every: 10 * time.Minute, Disabled: true},
		{Name: "fresh", NeverRan: true},
	}}}})
	tasks := s.ServiceURL("west", "adminsrvr") + "/tasks"
	if got := get(t, s, tasks, 200).names(); len(got) != 3 || got[0] != "purge" {
		t.Error(got)
	}
	get(t, s, tasks+"/fresh/info/status", 404)
	if got := get(t, s, tasks+"/fresh/info/history", 200).at("response.history"); got != "[]" {
		t.Error(got)
	}
	for n, step := range []struct {
		do   func()
		at   string // relative to /tasks
		want map[string]string
	}{
		{func() {}, "/purge", map[string]string{
			"enabled": "true", "critical": "true", "status": `"stopped"`, "restart.failures": "0", "maxHistory": "10",
			"schedule":     `{"every":{"units":"hours","value":1}}`,
			"command.name": `"purge"`, "command.trails.1.name": `"eb"`, "command.keep.0.value": "3", "command.useCheckpoints": "true",
		}},
		{func() {}, "/lag", map[string]string{
			"enabled": "false", "command.name": `"report"`, "command.reportType": `"lag"`, "schedule.every": `{"units":"minutes","value":10}`,
		}},
		{func() {}, "/lag/info/status", map[string]string{"started": `"2026-02-28T12:00:00.000Z"`, "status": `"stopped"`, "exitCode": "0"}},
		{func() {}, "/purge/info/status", map[string]string{
			"$schema": `"ogg:taskStatus"`, "started": `"2026-03-01T12:00:00.000Z"`, "finished": `"2026-03-01T12:00:01.000Z"`, "status": `"stopped"`,
			"exitCode": "0", "output": `"none"`, "killedManually": "false",
		}},
		{func() { clock.Advance(59 * time.Minute) }, "/purge/info/status", map[string]string{"status": `"running"`, "finished": "", "exitCode": ""}},
		{func() { s.SetTaskExitCode("west", "purge", 8) }, "/purge", map[string]string{"status": `"running"`}},
		{func() { clock.Advance(time.Hour + time.Second) }, "/purge/info/status", map[string]string{"status": `"abended"`, "exitCode": "8"}},
		{func() {}, "/purge", map[string]string{"status": `"abended"`, "restart.failures": "2"}},
		{func() {}, "/purge/info/history", map[string]string{
			"history.0.started": `"2026-03-01T14:00:00.000Z"`, "history.0.exitCode": "8", "history.2.exitCode": "0", "history.9.status": `"stopped"`,
		}},
		{func() { s.SetTaskEnabled("west", "purge", false); clock.Advance(3 * time.Hour) }, "/purge/info/status", map[string]string{"started": `"2026-03-01T14:00:00.000Z"`}},
		{func() {}, "/purge", map[string]string{"enabled": "false"}},
		{func() {
			s.SetTaskEnabled("west", "purge", true)
			s.SetTaskExitCode("west", "purge", 0)
			clock.Advance(time.Hour)
		}, "/purge/info/status", map[string]string{
			"started": `"2026-03-01T18:00:00.000Z"`, "exitCode": "0",
		}},
		{func() {}, "/fresh/info/status", map[string]string{"started": `"2026-03-01T18:00:00.000Z"`}},
	} {
		step.do()
		r := get(t, s, tasks+step.at, 200)
		for at, want := range step.want {
			if got := r.at("response." + at); got != want {
				t.Errorf("step %d: %s of %s is %s, want %s", n, at, step.at, got, want)
			}
		}
	}
}

// TestCriticalTask is in the service's health, and makes it unhealthy when it fails.
func TestCriticalTask(t *testing.T) {
	t.Parallel()
	for code, healthy := range map[int]string{0: "true", 1: "false"} {
		s := start(t, Installation{Clock: NewManualClock(noon.Add(time.Minute)), Deployments: []Deployment{{Name: "west", Tasks: []Task{
			{Name: "purge", Critical: true, ExitCode: code}, {Name: "other", ExitCode: 1},
		}}}})
		r := get(t, s, s.ServiceURL("west", "adminsrvr")+"/config/health", 200)
		if r.at("response.healthy") != healthy || r.at("response.criticalResources.0.type") != `"task"` ||
			r.at("response.criticalResources.0.healthy") != healthy || r.at("response.criticalResources.1") != "" {
			t.Errorf("exit code %d: %s", code, r.body)
		}
	}
	for _, tasks := range [][]Task{{{Name: "a"}, {Name: "a"}}, {{Name: "no spaces"}}} {
		if s, err := Start(Installation{Deployments: []Deployment{{Name: "west", Tasks: tasks}}}); err == nil {
			s.Close()
			t.Errorf("%v: no error", tasks)
		}
	}
}

// TestDemoTask: the task of the demo has ended when that begins, also at a full hour, as it is in a bubble.
func TestDemoTask(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		for after, want := range map[time.Duration]string{0: "stopped", 30 * time.Minute: "running", 31 * time.Minute: "stopped"} {
			purge := &task{spec: Demo()[0].Deployments[0].Tasks[0], since: now.Add(-time.Hour)}
			if got := purge.status(now.Add(after)); got != want {
				t.Errorf("after %s it is %s, want %s", after, got, want)
			}
			if began := purge.runs(now, 1); len(began) != 1 || !began[0].Equal(now.Add(-30*time.Minute)) {
				t.Errorf("it has run at %v", began)
			}
		}
	})
}
