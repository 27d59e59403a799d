package oci

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/goldengate"

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
	return found, summarize(errs, "deployments"), nil
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
	f, err := fieldsOf(body)
	if err != nil {
		return err
	}
	if take(f, "id", &d.ID); d.ID == "" {
		return joined(f.err(), errors.New("id: missing"))
	}
	take(f, "displayName", &d.DisplayName)
	takeWord(f, "category", &d.Category)
	takeWord(f, "deploymentType", &d.Type)
	takeWord(f, "licenseModel", &d.LicenseModel)
	takeWord(f, "environmentType", &d.Environment)
	takeWord(f, "deploymentRole", &d.Role)
	takeWord(f, "lifecycleState", &d.Status)
	takeWord(f, "lifecycleSubState", &d.SubStatus)
	take(f, "isHealthy", &d.Healthy)
	take(f, "cpuCoreCount", &d.CPUCores)
	take(f, "isAutoScalingEnabled", &d.AutoScaling)
	take(f, "storageUtilizationInBytes", &d.StorageBytes)
	take(f, "isStorageUtilizationLimitExceeded", &d.StorageExceeded)
	take(f, "isLatestVersion", &d.LatestVersion)
	take(f, "timeOggVersionSupportedUntil", &d.SupportedUntil)
	take(f, "timeOfNextMaintenance", &d.NextMaintenance)
	takeWord(f, "nextMaintenanceActionType", &d.Maintenance)
	take(f, "timeNextBackupScheduled", &d.NextBackup)
	d.fillURL(f)
	d.fillOGG(f)
	return f.err()
}

// fillURL sets where GoldenGate is.
func (d *Deployment) fillURL(f *fields) {
	var text string
	if take(f, "deploymentUrl", &text); text == "" {
		return
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		f.errs = append(f.errs, errors.New("deploymentUrl: is no URL"))
		return
	}
	d.URL = &url.URL{Scheme: u.Scheme, Host: u.Host}
}

// fillOGG sets what OCI tells of the GoldenGate inside.
func (d *Deployment) fillOGG(f *fields) {
	var data jsontext.Value
	if take(f, "oggData", &data); data == nil {
		return
	}
	inside, err := fieldsOf(data)
	if err != nil {
		f.errs = append(f.errs, fmt.Errorf("oggData: %s", oneLine(err.Error())))
		return
	}
	take(inside, "deploymentName", &d.OGGName)
	take(inside, "oggVersion", &d.Version)
	f.errs = append(f.errs, inside.errs...)
}
