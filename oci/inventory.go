package oci

import (
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
)

// Inventory is what one refresh found in the compartments of an entry of the configuration. It is
// plain data, and complete except for what failed.
type Inventory struct {
	OCI string
	// Begin is when the refresh began, and Took how long it took.
	Begin time.Time
	Took  time.Duration
	// Err is why deployments or the compartments could not be listed; nil if all were listed.
	Err error
	// LastSuccess is when the latest refresh with a nil Err began, which may be this one; the zero
	// time if there was none.
	LastSuccess time.Time
	// ClockSkew is how far OCI's clock is ahead of this machine's, to the second, by the latest
	// answer; nil if there was no answer.
	ClockSkew *time.Duration
	// Deployments are sorted by label. For a compartment that could not be listed, they are those
	// of the previous refresh.
	Deployments []*Deployment
	// Connections counts the connections by state, in lower case, or "unknown" if a connection does
	// not report one; nil unless they were listed in all compartments.
	Connections map[string]int
	// Pipelines are sorted by label.
	Pipelines []*Pipeline
	// Reads are the outcomes of the parts of the refresh.
	Reads []Read
	// Requests counts the requests since the client was created, by HTTP status of the answer, or
	// "error" if there was none.
	Requests map[string]uint64

	config       config.OCI
	compartments []string // that were read
}

// The parts of a refresh.
const (
	PartCompartments = "compartments" // those below the configured ones; only with include_subcompartments
	PartDeployments  = "deployments"  // the lists of all compartments
	PartDetails      = "details"      // one request per deployment
	PartBackups      = "backups"
	PartConnections  = "connections"
	PartPipelines    = "pipelines" // with their processes
	PartScrape       = "scrape"    // whether the credentials of scrape may go to each URL; only with scrape
)

// Read is the outcome of one part of a refresh. If Err is not nil, whatever could be read is still
// in the Inventory.
type Read struct {
	Part string
	Took time.Duration
	Err  error
}

// Target is a deployment to read through GoldenGate's own API.
type Target struct {
	// ServiceManager is the configuration of the target that its URL stands for.
	config.ServiceManager
	// Status is the control plane's status in GoldenGate's words: running or stopped, or "unknown"
	// for a deployment that is being created or deleted or has failed. It is "" for any other
	// state, and if the deployments could not be listed, as it may have changed since.
	Status string
}

// Targets returns the deployments to read: those that replicate data and have a URL to which the
// credentials of scrape may go. That is one that scrape_hosts matches, and with https, unless the
// control plane itself is read without TLS. Without scrape in the configuration there are none.
func (i *Inventory) Targets() []Target {
	if i == nil || i.config.Scrape == nil {
		return nil
	}
	var targets []Target
	for _, d := range i.Deployments {
		if d.scraped {
			targets = append(targets, Target{i.config.ServiceManager(d.Label, d.OGGName, d.URL), i.statusOf(d)})
		}
	}
	return targets
}

// inPlainText reports whether the control plane is read without TLS.
func (i *Inventory) inPlainText() bool {
	return i.config.Endpoint != nil && i.config.Endpoint.Scheme == "http"
}

// statusOf translates the status of a deployment into GoldenGate's words.
func (i *Inventory) statusOf(d *Deployment) string {
	if i.Err != nil {
		return "" // it may come from an earlier refresh
	}
	switch d.Status {
	case "active":
		return "running"
	case "inactive":
		return "stopped"
	case "creating", "deleting", "failed":
		return "unknown"
	default: // such as updating and needs_attention, in which it may be running
		return ""
	}
}
