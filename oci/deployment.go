package oci

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/goldengate"

	"github.com/ogg-exporter/ogg_exporter/wire"
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
	CPUCores    wire.Number
	AutoScaling *bool
	// StorageBytes is how much storage is in use, and StorageExceeded whether that is too much.
	StorageBytes    wire.Number
	StorageExceeded *bool
	// LatestVersion says whether no later version is to be had.
	LatestVersion *bool
	// SupportedUntil is when the version ceases to be supported.
	SupportedUntil wire.Timestamp
	// NextMaintenance is when OCI next works on it, and Maintenance what it does then.
	NextMaintenance wire.Timestamp
	Maintenance     string
	// LastBackup is when the latest backup ended that succeeded, and NextBackup when the next
	// is scheduled.
	LastBackup, NextBackup wire.Timestamp
}

// stateDeleted is the state of what is no longer there, which OCI lists for a while.
const stateDeleted = "deleted"

// readDeployments lists the deployments of a compartment (GET /deployments), those that are
// deleted or not wanted left out. One that cannot be told from others is an error, but the rest
// is good. inspect goldengate-deployments is enough.
func (s *session) readDeployments(ctx context.Context, compartment string) (found []*Deployment, broken error, err error) {
	items, err := s.list(ctx, "/deployments", func(page *string) common.OCIRequest {
		return goldengate.ListDeploymentsRequest{CompartmentId: &compartment, Page: page, Limit: new(pageLimit)}
	})
	if err != nil {
		return nil, nil, err
	}
	errs := make([]error, len(items))
	for i, item := range items {
		d := &Deployment{CompartmentID: compartment}
		if errs[i] = d.fill(item); d.ID == "" {
			continue
		}
		if d.Status != stateDeleted && s.config.Wants(d.DisplayName) {
			found = append(found, d)
		}
	}
	return found, wire.Summarize(errs, "deployments"), nil
}

// readDetails reads what the list does not tell of a deployment (GET /deployments/{deployment}).
// It needs read goldengate-deployments.
func (s *session) readDetails(ctx context.Context, d *Deployment) error {
	a, err := s.get(ctx, "/deployments/{deploymentId}", goldengate.GetDeploymentRequest{DeploymentId: &d.ID})
	if err == nil {
		err = d.fill(a.body)
	}
	if err != nil {
		return fmt.Errorf("deployment %q: %w", d.DisplayName, err)
	}
	return nil
}

// fill sets what an answer of OCI tells. A field of the wrong type is an error that costs
// nothing else.
func (d *Deployment) fill(body []byte) error {
	f, err := wire.FieldsOf(body)
	if err != nil {
		return err
	}
	if wire.Take(f, "id", &d.ID); d.ID == "" {
		return wire.Join(f.Err(), errors.New("id: missing"))
	}
	wire.Take(f, "displayName", &d.DisplayName)
	wire.TakeWord(f, "category", &d.Category)
	wire.TakeWord(f, "deploymentType", &d.Type)
	wire.TakeWord(f, "licenseModel", &d.LicenseModel)
	wire.TakeWord(f, "environmentType", &d.Environment)
	wire.TakeWord(f, "deploymentRole", &d.Role)
	wire.TakeWord(f, "lifecycleState", &d.Status)
	wire.TakeWord(f, "lifecycleSubState", &d.SubStatus)
	wire.Take(f, "isHealthy", &d.Healthy)
	wire.Take(f, "cpuCoreCount", &d.CPUCores)
	wire.Take(f, "isAutoScalingEnabled", &d.AutoScaling)
	wire.Take(f, "storageUtilizationInBytes", &d.StorageBytes)
	wire.Take(f, "isStorageUtilizationLimitExceeded", &d.StorageExceeded)
	wire.Take(f, "isLatestVersion", &d.LatestVersion)
	wire.Take(f, "timeOggVersionSupportedUntil", &d.SupportedUntil)
	wire.Take(f, "timeOfNextMaintenance", &d.NextMaintenance)
	wire.TakeWord(f, "nextMaintenanceActionType", &d.Maintenance)
	wire.Take(f, "timeNextBackupScheduled", &d.NextBackup)
	d.fillURL(f)
	d.fillOGG(f)
	return f.Err()
}

// fillURL sets where GoldenGate is.
func (d *Deployment) fillURL(f *wire.Fields) {
	var text string
	if wire.Take(f, "deploymentUrl", &text); text == "" {
		return
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		f.Fail(errors.New("deploymentUrl: is no URL"))
		return
	}
	d.URL = &url.URL{Scheme: u.Scheme, Host: u.Host}
}

// fillOGG sets what OCI tells of the GoldenGate inside.
func (d *Deployment) fillOGG(f *wire.Fields) {
	var data jsontext.Value
	if wire.Take(f, "oggData", &data); data == nil {
		return
	}
	inside, err := wire.FieldsOf(data)
	if err != nil {
		f.Fail(fmt.Errorf("oggData: %s", wire.OneLine(err.Error())))
		return
	}
	wire.Take(inside, "deploymentName", &d.OGGName)
	wire.Take(inside, "oggVersion", &d.Version)
	f.Fail(inside.Err())
}
