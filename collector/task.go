package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

var (
	taskStatus = stateSet("ogg_task_status",
		"Status of the task of the Administration Service, or if it is not running how its latest run ended. Read every 5 minutes (tasks/{t}/info/status, tasks/{t}: status).",
		[]string{"starting", "running", "stopped", "killed", "abended"}, "task")
	taskEnabled = gauge("ogg_task_enabled",
		"Whether the task runs on its schedule. Read every 5 minutes (tasks/{t}: enabled).",
		"task")
	taskCritical = gauge("ogg_task_critical",
		"Whether the task counts in the health of its deployment. Read every 5 minutes (tasks/{t}: critical).",
		"task")
	taskLastStart = gauge("ogg_task_last_start_timestamp_seconds",
		"When the latest run of the task started, in Unix time; no sample before the first run. Read every 5 minutes (tasks/{t}/info/status: started).",
		"task")
	taskLastFinish = gauge("ogg_task_last_finish_timestamp_seconds",
		"When the latest run of the task finished, in Unix time; no sample before the first run, and while the task is running. Read every 5 minutes (tasks/{t}/info/status: finished).",
		"task")
	taskLastExitCode = gauge("ogg_task_last_exit_code",
		"Exit code of the latest run of the task, if it has finished. Read every 5 minutes (tasks/{t}/info/status: exitCode).",
		"task")
	taskSchedule = gauge("ogg_task_schedule_seconds",
		"Time between two runs of the task. Read every 5 minutes (tasks/{t}: schedule.every).",
		"task")
	taskInfo = info("ogg_task_info",
		"What the task does: purge, report, archive or other, and if known of what, as in purge trails. Read every 5 minutes (tasks/{t}: command.name, command.purgeType, command.reportType).",
		"task", "command")
)

var taskCollector = Collector{
	Name: "task", Help: "status, schedule and latest run of the tasks of Administration Services", Default: true, Role: "User",
	metrics: []*metric{
		taskStatus, taskEnabled, taskInfo, taskLastStart, taskSchedule, taskLastExitCode, taskLastFinish, taskCritical,
	},
	collect: collectTasks,
}

func collectTasks(to sink, d *ogg.Deployment) {
	for _, t := range d.Tasks {
		to.states(taskStatus, t.Status, d.Name, t.Name)
		to.boolean(taskEnabled, t.Enabled, d.Name, t.Name)
		to.boolean(taskCritical, t.Critical, d.Name, t.Name)
		to.timestamp(taskLastStart, t.Started, d.Name, t.Name)
		to.timestamp(taskLastFinish, t.Finished, d.Name, t.Name)
		to.number(taskLastExitCode, t.ExitCode, d.Name, t.Name)
		to.number(taskSchedule, t.Schedule, d.Name, t.Name)
		if t.Command != "" {
			to.sample(taskInfo, 1, d.Name, t.Name, t.Command)
		}
	}
}
