package oci

import (
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
)

// Inventory is what one refresh found in the compartments of an entry of the configuration:
// plain data, complete but for what failed.
type Inventory struct {
	// OCI is the name of the entry.
	OCI string
	// Begin is when the refresh began, and Took how long it was.
	Begin time.Time
	Took  time.Duration
	// Err is why deployments could not be listed; nil when those of all compartments were.
	Err error
	// LastSuccess is when a refresh last began whose Err is nil, this one included; the zero time
	// if none has.
	LastSuccess time.Time
	// ClockSkew is by how much OCI's clock is ahead of this machine's, to a second, as the latest
	// answer shows; nil when there was none.
	ClockSkew *time.Duration
	// Deployments are sorted by label. Those of a compartment that could not be listed are as the
	// refresh before found them.
	Deployments []*Deployment
	// Connections counts the connections by their state, in lower case, "unknown" where one does
	// not tell its own; nil when they could not be listed in all compartments.
	Connections map[string]int
	// Pipelines are sorted by label.
	Pipelines []*Pipeline
	// Reads is how the parts of the refresh went.
	Reads []Read
	// Requests counts what was sent since the client was made by HTTP status of the answer; its
	// key is "error" where none came.
	Requests map[string]uint64

	config config.OCI
}

// The parts of a refresh.
const (
	PartDeployments = "deployments" // their lists
	PartDetails     = "details"     // each deployment alone
	PartBackups     = "backups"
	PartConnections = "connections"
	PartPipelines   = "pipelines" // with their processes
)

// Read is how one part of a refresh went. Where Err is not nil, what could be read of the part is
// there nevertheless.
type Read struct {
	Part string
	Took time.Duration
	Err  error
}

// Target is a deployment to read over GoldenGate's own API.
type Target struct {
	// ServiceManager is what its URL stands for.
	config.ServiceManager
	// Status is the control plane's in GoldenGate's words: running or stopped, "unknown" of a
	// deployment that is on its way in or out or has failed; "" where it is something else, or
	// may have changed since it was told.
	Status string
}

// Targets returns the deployments to read: those that replicate data and have a URL, which is one
// of https unless the control plane itself is read in plain text. There are none where the
// configuration does not say how to log in.
func (i *Inventory) Targets() []Target {
	if i == nil || i.config.Scrape == nil {
		return nil
	}
	var targets []Target
	for _, d := range i.Deployments {
		if d.URL != nil && d.Category == categoryReplication && (d.URL.Scheme == "https" || i.inPlainText()) {
			targets = append(targets, Target{i.config.ServiceManager(d.Label, d.OGGName, d.URL), i.statusOf(d)})
		}
	}
	return targets
}

// inPlainText reports whether the control plane is read without TLS.
func (i *Inventory) inPlainText() bool {
	return i.config.Endpoint != nil && i.config.Endpoint.Scheme == "http"
}

// statusOf returns the status of a deployment in GoldenGate's words.
func (i *Inventory) statusOf(d *Deployment) string {
	if i.Err != nil {
		return "" // it may be that of a refresh before
	}
	switch d.Status {
	case "active":
		return "running"
	case "inactive":
		return "stopped"
	case "creating", "deleting", "failed":
		return "unknown"
	default: // such as updating and needs_attention, in which it may run
		return ""
	}
}
