// Package status is how the installations do, as somebody on call wants to see it: what GoldenGate's
// INFO ALL shows, and the pipelines, worst first. It is pure, snapshots in and rows out; pages, JSON
// and the command line show the same.
package status

import "time"

// Status is how everything did when it was last read. Its JSON is stable: members are only added.
type Status struct {
	// At is when the status was made.
	At time.Time `json:"at"`
	// Version is that of the exporter.
	Version string `json:"version"`
	// Summary counts the rows by state.
	Summary Summary `json:"summary"`
	// Pipelines, Rows and ServiceManagers are sorted: problems first, then by name.
	Pipelines       []Pipeline       `json:"pipelines"`
	Rows            []Row            `json:"rows"`
	ServiceManagers []ServiceManager `json:"service_managers"`
}

// State is how something is: ok; warning and problem, which somebody should look at; unknown, which could
// not be read; or off, which does not run and is not expected to.
type State string

// The states.
const (
	OK      State = "ok"
	Warning State = "warning"
	Problem State = "problem"
	Unknown State = "unknown"
	Off     State = "off"
)

// Summary counts rows.
type Summary struct {
	Problems int `json:"problems"`
	Warnings int `json:"warnings"`
	Unknown  int `json:"unknown"`
	OK       int `json:"ok"`
	Off      int `json:"off"`
}

// Row is one line of INFO ALL: a deployment, a service, a process, a path, or a data stream.
type Row struct {
	ServiceManager string `json:"service_manager"`
	Deployment     string `json:"deployment"`
	// Program is deployment, adminsrvr, distsrvr, recvsrvr, pmsrvr, extract, replicat,
	// distribution_path, receiver_path, data_stream, or another service. Of what is required but does
	// not exist it is deployment, process or path.
	Program string `json:"program"`
	Name    string `json:"name"`
	// Status is as GoldenGate reports it; empty if it could not be read.
	Status string `json:"status"`
	State  State  `json:"state"`
	// Why says in a few words why State is not ok; empty if it is.
	Why string `json:"why,omitempty"`
	// LagSeconds was reported LagAgeSeconds ago; nil if not reported. The lag of what does not run is
	// frozen.
	LagSeconds    *float64 `json:"lag_seconds,omitempty"`
	LagAgeSeconds *float64 `json:"lag_age_seconds,omitempty"`
	// CheckpointAgeSeconds is the time since the last checkpoint, as INFO ALL shows it.
	CheckpointAgeSeconds *float64   `json:"checkpoint_age_seconds,omitempty"`
	Started              *time.Time `json:"started,omitempty"`
	// LastError is why it abended: OGG-nnnnn; LastErrorLine is the line of the report, masked.
	LastError     string `json:"last_error,omitempty"`
	LastErrorLine string `json:"last_error_line,omitempty"`
	// ReadAt is when this was read.
	ReadAt time.Time `json:"read_at"`
}

// Pipeline is a chain from an Extract to a Replicat.
type Pipeline struct {
	Pipeline   string   `json:"pipeline"`
	State      State    `json:"state"`
	Why        string   `json:"why,omitempty"`
	Complete   bool     `json:"complete"`
	LagSeconds *float64 `json:"lag_seconds,omitempty"`
	Hops       []Hop    `json:"hops"`
}

// Hop is an Extract, path or Replicat in a pipeline, or what is not read at its end (kind external).
type Hop struct {
	Kind           string `json:"kind"`
	ServiceManager string `json:"service_manager,omitempty"`
	Deployment     string `json:"deployment,omitempty"`
	Name           string `json:"name"`
	Status         string `json:"status,omitempty"`
	State          State  `json:"state"`
	// Trail is what it reads.
	Trail        string   `json:"trail,omitempty"`
	LagSeconds   *float64 `json:"lag_seconds,omitempty"`
	BacklogBytes *float64 `json:"backlog_bytes,omitempty"`
	// Weakest is the reason if this is the hop to look at first.
	Weakest string `json:"weakest,omitempty"`
}

// ServiceManager is what the exporter itself can say of one: when it was read, and what failed.
type ServiceManager struct {
	Name string `json:"name"`
	URL  string `json:"url"`
	// ReadAt and TookSeconds are of the latest poll; nil before the first.
	ReadAt      *time.Time `json:"read_at,omitempty"`
	TookSeconds *float64   `json:"took_seconds,omitempty"`
	State       State      `json:"state"`
	// Errors are what failed: of the whole, or of a deployment and service, with the user that logged in
	// where the login failed.
	Errors []string `json:"errors,omitempty"`
	// Rules are those of what is expected; without those that match nothing as far as could be read.
	Rules []Rule `json:"rules,omitempty"`
}

// Rule is a rule of the configuration about what is expected.
type Rule struct {
	// Rule is its place in the list of the Service Manager, from 1, or in that for all, from top-1.
	Rule string `json:"rule"`
	// Matches is the number of objects for which it is the first that matches.
	Matches int `json:"matches"`
	// SuchAs are the first few of them: DEPLOYMENT/NAME, of a deployment only its name.
	SuchAs []string `json:"such_as,omitempty"`
}
