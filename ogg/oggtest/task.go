package oggtest

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Task is a task of an Administration Service. It runs at regular times, which began long before
// Start, and each run takes a second.
type Task struct {
	// Name has letters, digits, "_" and "-", up to 64.
	Name string

	Description string

	// Every is how often it runs, in whole minutes; every hour if 0. After is how long after the full hour, or whatever
	// Every is, it does.
	Every, After time.Duration

	// Purges are the trails that it purges down to Keep files. If there are none, it reports the
	// lag of processes.
	Purges []string
	Keep   int64

	Disabled bool // and it has not run for a day
	Critical bool // listed in config/health
	NeverRan bool // it did not run before Start

	// ExitCode is that of its runs; one that is not 0 makes them abend.
	ExitCode int
}

// task is the current state of a Task.
type task struct {
	spec  Task
	since time.Time // the first run is not before it
	until time.Time // no run begins from then on; zero while it is enabled
	exits []exit    // oldest first
}

// exit is the exit code of the runs from a time on.
type exit struct {
	from time.Time
	code int
}

const (
	taskRunTime   = time.Second
	mostTaskRuns  = 10 // maxHistory
	mostRestarts  = 9
	taskMissedFor = 24 * time.Hour // how long a disabled task has not run
)

// taskRoutes are the Administration Service's tasks.
var taskRoutes = []route{
	taskRoute("", "tasks", (*exchange).tasks),
	taskRoute("/{task}", "task", (*exchange).task),
	taskRoute("/{task}/info", "info", (*exchange).taskInfo),
	taskRoute("/{task}/info/status", "taskStatus", (*exchange).taskStatus),
	taskRoute("/{task}/info/history", "taskHistory", (*exchange).taskHistory),
}

func taskRoute(path, describes string, answer func(*exchange) (object, *failure)) route {
	return route{path: "/services/v2/tasks" + path, services: []string{"adminsrvr"}, describes: describes, answer: answer}
}

// tasks answers GET /services/v2/tasks.
func (x *exchange) tasks() (object, *failure) {
	items := list{}
	for _, t := range x.dep.tasks {
		items = append(items, x.item(t.spec.Name))
	}
	return collection(items), nil
}

// task answers GET /services/v2/tasks/{task}: its configuration and current status.
func (x *exchange) task() (object, *failure) {
	t := x.dep.task(x.vars["task"])
	if t == nil {
		return nil, notFound
	}
	return object{
		{"$schema", "ogg:task"},
		{"description", t.spec.Description},
		{"enabled", t.until.IsZero()},
		{"critical", t.spec.Critical},
		{"schedule", object{{"every", t.spec.interval()}}},
		{"command", t.spec.command()},
		{"status", t.status(x.now)},
		{"timeout", number(3600)},
		{"maxHistory", number(mostTaskRuns)},
		{"restart", object{
			{"enabled", true},
			{"onSuccess", true},
			{"delay", number(0)},
			{"retries", number(mostRestarts)},
			{"window", number(60)},
			{"disableOnFailure", false},
			{"failures", number(t.failures(x.now))},
		}},
	}, nil
}

// taskInfo answers GET /services/v2/tasks/{task}/info: the available kinds of information.
func (x *exchange) taskInfo() (object, *failure) {
	if x.dep.task(x.vars["task"]) == nil {
		return nil, notFound
	}
	return collection(list{x.item("status"), x.item("history")}), nil
}

// taskStatus answers GET /services/v2/tasks/{task}/info/status: the latest run. What GoldenGate
// answers before the first is not known; here it is 404.
func (x *exchange) taskStatus() (object, *failure) {
	t := x.dep.task(x.vars["task"])
	if t == nil {
		return nil, notFound
	}
	runs := t.runs(x.now, 1)
	if len(runs) == 0 {
		return nil, notFound
	}
	return t.run(runs[0], x.now), nil
}

// taskHistory answers GET /services/v2/tasks/{task}/info/history: the runs that are over, the latest
// first. The name of the schema is not known.
func (x *exchange) taskHistory() (object, *failure) {
	t := x.dep.task(x.vars["task"])
	if t == nil {
		return nil, notFound
	}
	history := list{}
	for _, began := range t.runs(x.now, mostTaskRuns) {
		if !x.now.Before(began.Add(taskRunTime)) {
			history = append(history, t.run(began, x.now))
		}
	}
	return object{{"history", history}}, nil
}

// command returns what a task does.
func (t Task) command() object {
	if len(t.Purges) == 0 {
		limit := object{{"type", "critical"}, {"units", "seconds"}, {"value", number(5)}}
		return object{{"name", "report"}, {"reportType", "lag"}, {"thresholds", list{limit}}}
	}
	trails := list{}
	for _, name := range t.Purges {
		trails = append(trails, object{{"name", name}})
	}
	return object{
		{"name", "purge"},
		{"purgeType", "trails"},
		{"trails", trails},
		{"useCheckpoints", true},
		{"keep", list{object{{"type", "min"}, {"units", "files"}, {"value", number(t.Keep)}}}},
	}
}

func (t Task) every() time.Duration { return cmp.Or(t.Every, time.Hour) }

// interval returns how often a task runs.
func (t Task) interval() object {
	if t.every()%time.Hour != 0 {
		return object{{"units", "minutes"}, {"value", number(t.every() / time.Minute)}}
	}
	return object{{"units", "hours"}, {"value", number(t.every() / time.Hour)}}
}

// run returns a run that began at a time.
func (t *task) run(began, now time.Time) object {
	status, code := "running", t.exitCode(began)
	over := !now.Before(began.Add(taskRunTime))
	switch {
	case over && code == 0:
		status = "stopped"
	case over:
		status = "abended"
	}
	return join(
		object{{"$schema", "ogg:taskStatus"}, {"started", began}, {"status", status}},
		when(over, member{"finished", began.Add(taskRunTime)}, member{"exitCode", number(code)}),
		object{
			{"processId", number(1000 + began.Unix()/60%30_000)},
			{"killedManually", false},
			{"output", "none"},
		},
	)
}

// runs returns when the latest runs began, the latest first, up to n.
func (t *task) runs(now time.Time, n int) []time.Time {
	if !t.until.IsZero() && t.until.Before(now) {
		now = t.until
	}
	var all []time.Time
	for at := now.Add(-t.spec.After).Truncate(t.spec.every()).Add(t.spec.After); len(all) < n && !at.Before(t.since); at = at.Add(-t.spec.every()) {
		all = append(all, at)
	}
	return all
}

// status returns that of the task: of a run that is not over, or of the latest that is.
func (t *task) status(now time.Time) string {
	for _, began := range t.runs(now, 1) {
		switch {
		case now.Before(began.Add(taskRunTime)):
			return "running"
		case t.exitCode(began) != 0:
			return "abended"
		}
	}
	return "stopped"
}

// failures returns how many of the latest runs failed in a row.
func (t *task) failures(now time.Time) int {
	runs := t.runs(now, mostRestarts)
	if n := slices.IndexFunc(runs, func(began time.Time) bool { return t.exitCode(began) == 0 }); n >= 0 {
		return n
	}
	return len(runs)
}

// exitCode returns that of the run that began at a time.
func (t *task) exitCode(began time.Time) int {
	code := t.spec.ExitCode
	for _, e := range t.exits {
		if !began.Before(e.from) {
			code = e.code
		}
	}
	return code
}

// SetTaskEnabled enables or disables a task. Its history begins anew when it is enabled. It panics
// if there is no such task.
func (s *Server) SetTaskEnabled(deployment, name string, enabled bool) {
	s.change(func() {
		t, now := s.mustTask(deployment, name), s.clock.Now()
		if !enabled {
			t.until = now
		} else if !t.until.IsZero() {
			t.since, t.until = now, time.Time{}
		}
	})
}

// SetTaskExitCode changes the exit code of a task's runs from now on. It panics if there is no such
// task.
func (s *Server) SetTaskExitCode(deployment, name string, code int) {
	s.change(func() {
		t := s.mustTask(deployment, name)
		t.exits = append(t.exits, exit{s.clock.Now(), code})
	})
}

// mustTask returns the named task, or panics.
func (s *Server) mustTask(deployment, name string) *task {
	t := s.mustDeployment(deployment).task(name)
	if t == nil {
		panic(fmt.Sprintf("oggtest: no task %q in deployment %q", name, deployment))
	}
	return t
}

func (d *deployment) task(name string) *task {
	i := slices.IndexFunc(d.tasks, func(t *task) bool { return t.spec.Name == name })
	if i < 0 {
		return nil
	}
	return d.tasks[i]
}

var taskName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

func (s *Server) addTasks(d *deployment) error {
	now := s.clock.Now()
	for _, spec := range d.spec.Tasks {
		if !taskName.MatchString(spec.Name) || d.task(spec.Name) != nil {
			return fmt.Errorf("task name %q is invalid or taken", spec.Name)
		}
		t := &task{spec: spec}
		if spec.Disabled {
			t.until = now.Add(-taskMissedFor)
		}
		if spec.NeverRan {
			t.since = now
		}
		d.tasks = append(d.tasks, t)
	}
	return nil
}
