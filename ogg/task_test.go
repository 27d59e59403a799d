package ogg_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// scheduled is an installation with tasks, and a clock.
func scheduled(release oggtest.Release) (oggtest.Installation, *oggtest.ManualClock) {
	clock := oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC))
	i := north(release)
	i.Clock = clock
	i.Deployments[0].Tasks = []oggtest.Task{
		{Name: "purge", Description: oggtest.Secret, Purges: []string{"ea"}, Critical: true},
		{Name: "lag", Every: 10 * time.Minute, ExitCode: 3},
		{Name: "fresh", NeverRan: true, Disabled: true},
	}
	return i, clock
}

// tasksOf returns the tasks of north in words.
func tasksOf(t *testing.T, inst *ogg.Installation) string {
	t.Helper()
	var all []string
	for _, task := range deployment(t, inst, "north").Tasks {
		schedule, _ := task.Schedule.Value()
		words := fmt.Sprintf("%s %s %vs %s", task.Name, task.Command, schedule, task.Status)
		if task.Enabled != nil && *task.Enabled {
			words += " enabled"
		}
		if task.Critical != nil && *task.Critical {
			words += " critical"
		}
		if code, known := task.ExitCode.Value(); known {
			words += fmt.Sprintf(" %s-%s=%v", task.Started.Format("15:04:05"), task.Finished.Format("15:04:05"), code)
		}
		all = append(all, words)
	}
	return strings.Join(all, ", ")
}

// TestTasks checks what each release says of tasks, and that it is read every 5 minutes.
func TestTasks(t *testing.T) {
	t.Parallel()
	const first = "purge purge trails 3600s stopped enabled critical 12:00:00-12:00:01=0, lag report lag 600s abended enabled 12:30:00-12:30:01=3, fresh report lag 3600s stopped"
	for _, release := range oggtest.Releases {
		i, clock := scheduled(release)
		s, sm := simulate(t, i)
		clock.Advance(time.Minute)
		client := clockClient(t, sm, clock, "task")
		for _, step := range []struct {
			after    time.Duration
			want     string
			requests int
		}{
			{0, first, 7},
			{4 * time.Minute, first, 0},
			{time.Minute, "purge purge trails 3600s stopped critical 12:00:00-12:00:01=0, lag report lag 600s abended enabled 12:30:00-12:30:01=3, fresh report lag 3600s stopped", 7},
		} {
			clock.Advance(step.after)
			s.ResetRequests()
			got := tasksOf(t, client.Poll(t.Context()))
			requests := 0
			for _, line := range asked(s, "north", "adminsrvr") {
				if strings.Contains(line, "/tasks") {
					requests++
				}
			}
			if got != step.want || requests != step.requests {
				t.Errorf("%s: got %s after %d requests, want %s after %d", release, got, requests, step.want, step.requests)
			}
			s.SetTaskEnabled("north", "purge", false)
		}
	}
}

// TestTaskOf checks the forms of a task, of which the status has the same answer.
func TestTaskOf(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"enabled":true,"schedule":{"every":{"units":"Days","value":"2"}},"command":{"name":"PURGE","purgeType":"trails"}}`: "purge purge trails 172800s  enabled",
		`{"schedule":{"every":{"units":"moons","value":2}},"command":{"name":"purge","purgeType":"` + oggtest.Secret + `"}}`: "purge purge 0s ",
		`{"schedule":{"every":{"units":"weeks","value":0}},"command":{"name":"` + oggtest.Secret + `"}}`:                     "purge other 0s ",
		`{}`: "purge  0s ",
		`{"enabled":"` + oggtest.Secret + `","critical":true,"command":{"name":"archive"}}`: "purge archive 0s  critical failed",
		`{"enabled":true,"command":5}`: "purge  0s  enabled failed",
	} {
		i, clock := scheduled(oggtest.Release26ai)
		i.Deployments[0].Tasks = i.Deployments[0].Tasks[:1]
		s, sm := simulate(t, i)
		s.Fault(oggtest.Target{Path: "/services/v2/tasks/purge"}, oggtest.Fault{Body: `{"response":` + body + `}`})
		inst := clockClient(t, sm, clock, "task").Poll(t.Context())
		got := tasksOf(t, inst)
		if err := read(t, inst, "north", "task").Err; err != nil {
			if strings.Contains(err.Error(), oggtest.Secret) {
				t.Error(err)
			}
			got += " failed"
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}

// TestTasksUnavailable checks what is known without the route and without the role, and that what was
// known stays when it cannot be read.
func TestTasksUnavailable(t *testing.T) {
	t.Parallel()
	i, clock := scheduled(oggtest.Release26ai)
	s, sm := simulate(t, i)
	client := clockClient(t, sm, clock, "task")
	before := tasksOf(t, client.Poll(t.Context()))
	for path, status := range map[string]int{
		"/services/v2/tasks": http.StatusInternalServerError, "/services/v2/tasks/lag": http.StatusForbidden,
		"/services/v2/tasks/purge/info/status": http.StatusBadGateway,
	} {
		mend := s.Fault(oggtest.Target{Path: path}, oggtest.Fault{Status: status})
		clock.Advance(20 * time.Minute)
		s.SetTaskExitCode("north", "lag", 3)
		inst := client.Poll(t.Context())
		mend()
		if got := len(strings.Split(tasksOf(t, inst), ", ")); got != 3 || read(t, inst, "north", "task").Err == nil || !strings.HasPrefix(before, "purge") {
			t.Errorf("%s: got %d tasks, before %s", path, got, before)
		}
		clock.Advance(20 * time.Minute)
		client.Poll(t.Context())
	}
	s.Fault(oggtest.Target{Path: "/services/v2/tasks"}, oggtest.Fault{Status: http.StatusNotFound})
	inst := newClient(t, sm, "task").Poll(t.Context())
	for _, r := range deployment(t, inst, "north").Reads {
		if r.Collector == "task" {
			t.Errorf("without the route: %v", r.Err)
		}
	}
}
