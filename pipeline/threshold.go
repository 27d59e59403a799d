package pipeline

import "time"

// Thresholds, which are those of dashboards/rules/recording.yml: the lag of processes and paths for a
// warning, the age of a checkpoint for one, the age that is normal, and the backlog for a warning.
// They decide which hop is shown as the weakest, not whether anybody is told.
const (
	lagThreshold     = 300
	stuckAge         = 300
	normalAge        = 60
	backlogThreshold = 2e9
)

// tableKept is how long a heartbeat counts that is not of the latest poll, as in these rules.
const tableKept = 10 * time.Minute
