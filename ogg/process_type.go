package ogg

// ProcessType is the type of a process.
type ProcessType string

// The types of process that the Administration Service runs.
const (
	Extract  ProcessType = "extract"
	Replicat ProcessType = "replicat"
)

// processRoutes are the lists of the Administration Service.
var processRoutes = map[ProcessType]string{Extract: "/extracts", Replicat: "/replicats"}
