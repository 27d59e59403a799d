package oci

import (
	"net/url"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// categoryReplication is the category of the deployments that have GoldenGate's REST API.
const categoryReplication = "data_replication"

// Deployment is a deployment as the control plane has it. All that is one of a few words is in
// lower case. Text is empty, and a pointer nil, where OCI does not tell.
type Deployment struct {
	// Label is the display name; where several deployments have the same, each with the end of
	// its OCID.
	Label string
	// ID is the OCID, and CompartmentID that of the compartment.
	ID, CompartmentID string
	// DisplayName is what the user calls it, and OGGName what GoldenGate itself does.
	DisplayName, OGGName string
	// URL is where GoldenGate's console and REST API are; nil where there is none.
	URL *url.URL
	// Category, Type, LicenseModel, Environment and Role are OCI's words for what it is.
	Category, Type, LicenseModel, Environment, Role string
	// Version is that of GoldenGate.
	Version string
	// Status is the lifecycle state, and SubStatus what is being done.
	Status, SubStatus string
	// Healthy says whether all that belongs to it works.
	Healthy *bool
	// CPUCores is the least number of OCPUs, which AutoScaling lets OCI raise.
	CPUCores    ogg.Number
	AutoScaling *bool
	// StorageBytes is how much storage is in use, and StorageExceeded whether that is too much.
	StorageBytes    ogg.Number
	StorageExceeded *bool
	// LatestVersion says whether no later version is to be had.
	LatestVersion *bool
	// SupportedUntil is when the version ceases to be supported.
	SupportedUntil ogg.Timestamp
	// NextMaintenance is when OCI next works on it, and Maintenance what it does then.
	NextMaintenance ogg.Timestamp
	Maintenance     string
	// LastBackup is when the latest backup ended that succeeded, and NextBackup when the next
	// is scheduled.
	LastBackup, NextBackup ogg.Timestamp
}
