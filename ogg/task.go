package ogg

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Task is a task of the Administration Service, such as one that purges trails.
type Task struct {
	Name string
	// Enabled is whether it runs by its schedule, and Critical whether it counts in the health of
	// the deployment; nil if not reported.
	Enabled, Critical *bool
	// Command is what it does: purge, report, archive or other, and if known of what, such as in
	// "purge trails".
	Command string
	// Schedule is the time between two runs in seconds.
	Schedule wire.Number
	TaskRun
}

// TaskRun is the latest run of a task.
type TaskRun struct {
	// Status is starting, running, stopped, killed or abended: that of a run that is over is how
	// it ended. It is empty if not reported.
	Status string
	// Started, Finished and ExitCode are missing before the first run, the latter two also while
	// the task runs.
	Started, Finished wire.Timestamp
	ExitCode          wire.Number
}

// tasksEvery is the time between two reads of a task.
const tasksEvery = 5 * time.Minute

// taskMemory keeps the tasks of a deployment between the reads.
type taskMemory struct {
	lists slowFacts[taskList]
	tasks slowFacts[*Task]
}

// taskList are the names of the tasks, and whether there is such a list.
type taskList struct {
	names []string
	asked bool
}

// readTasks reads every 5 minutes GET /tasks, and GET /tasks/{t} and GET /tasks/{t}/info/status of
// each task (all releases; role User): 1 + 2T requests.
func readTasks(ctx context.Context, v *visit) ([]*Task, bool, error) {
	admin := v.asks("adminsrvr")
	if admin == nil {
		return nil, false, nil
	}
	memory := wire.Remembered[taskMemory](v.memory)
	how := slowTerms{what: "task", interval: tasksEvery, service: admin}
	state := v.stateOf("adminsrvr", wire.Timestamp{}, "")
	memory.lists.read(ctx, v, how, only(state), func(ctx context.Context, _ string, before taskList) (taskList, error) {
		return listTasks(ctx, admin, before)
	})
	list, _, listErr := memory.lists.get("")
	names := named(list.names)
	for i := range names {
		names[i].state = state
	}
	memory.tasks.keep(names)
	memory.tasks.read(ctx, v, how, names, func(ctx context.Context, name string, before *Task) (*Task, error) {
		return readTask(ctx, admin, name, before)
	})
	var all []*Task
	errs := make([]error, len(names))
	for i, n := range names {
		var found *Task
		if found, _, errs[i] = memory.tasks.get(n.name); found != nil {
			all = append(all, found)
		}
	}
	return all, list.asked || listErr != nil, wire.Join(listErr, wire.Summarize(errs, "tasks"))
}

// listTasks reads the list of tasks.
func listTasks(ctx context.Context, admin *rest.Endpoint, before taskList) (taskList, error) {
	names, err := listNames(ctx, admin, "/tasks")
	switch {
	case rest.IsNotFound(err):
		return taskList{}, nil
	case err != nil && len(names) == 0:
		return before, err
	default:
		return taskList{names, true}, err
	}
}

// readTask reads one task. If only its latest run cannot be read, that is what it was before.
func readTask(ctx context.Context, admin *rest.Endpoint, name string, before *Task) (*Task, error) {
	route := "/tasks/" + rest.Segment(name)
	answer, err := rest.GetWhole[taskAnswer](ctx, admin, route)
	switch {
	case rest.IsNotFound(err):
		return nil, nil
	case err != nil && !rest.IsOdd(err):
		return before, err
	}
	task := answer.task(name)
	run, runErr := rest.GetWhole[taskStatus](ctx, admin, route+"/info/status")
	switch {
	case rest.IsNotFound(runErr), errors.Is(runErr, rest.ErrNoResponse):
		runErr = nil // it has not run yet
	case runErr == nil || rest.IsOdd(runErr):
		task.TaskRun = TaskRun{strings.ToLower(run.Status), run.Started, run.Finished, run.ExitCode}
	case before != nil:
		task.TaskRun = before.TaskRun
	}
	task.Status = cmp.Or(task.Status, strings.ToLower(answer.Status))
	return task, wire.Join(withoutValues(err), withoutValues(runErr))
}

// taskAnswer is the needed part of GET /tasks/{t}.
type taskAnswer struct {
	Enabled  *bool  `json:"enabled"`
	Critical *bool  `json:"critical"`
	Status   string `json:"status"`
	Schedule struct {
		Every struct {
			Units string      `json:"units"`
			Value wire.Number `json:"value"`
		} `json:"every"`
	} `json:"schedule"`
	Command struct {
		Name   string `json:"name"`
		Purge  string `json:"purgeType"`
		Report string `json:"reportType"`
	} `json:"command"`
}

// taskStatus is the needed part of GET /tasks/{t}/info/status.
type taskStatus struct {
	Status   string         `json:"status"`
	Started  wire.Timestamp `json:"started"`
	Finished wire.Timestamp `json:"finished"`
	ExitCode wire.Number    `json:"exitCode"`
}

// task returns the task, without its latest run.
func (a *taskAnswer) task(name string) *Task {
	return &Task{Name: name, Enabled: a.Enabled, Critical: a.Critical, Command: a.command(), Schedule: a.schedule()}
}

// command returns what the task does, in known words alone: the label is for everybody to see.
func (a *taskAnswer) command() string {
	name := strings.ToLower(a.Command.Name)
	switch {
	case name == "":
		return ""
	case !slices.Contains([]string{"purge", "report", "archive"}, name):
		return "other"
	}
	of := strings.ToLower(cmp.Or(a.Command.Purge, a.Command.Report))
	if !slices.Contains([]string{"trails", "lag"}, of) {
		return name
	}
	return name + " " + of
}

// taskUnits are the units of a schedule, in seconds.
var taskUnits = map[string]float64{"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}

// schedule returns the time between two runs in seconds.
func (a *taskAnswer) schedule() wire.Number {
	value, _ := a.Schedule.Every.Value.Value()
	unit := taskUnits[strings.TrimSuffix(strings.ToLower(a.Schedule.Every.Units), "s")]
	if value <= 0 || unit == 0 {
		return wire.Number{}
	}
	return wire.NumberOf(value * unit)
}
