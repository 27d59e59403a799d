package oci

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/goldengate"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// categoryReplication is the category of deployments that have GoldenGate's REST API.
const categoryReplication = "data_replication"

// Deployment is a deployment as the control plane reports it. Enumerated values are in lower case.
// A string is empty, and a pointer nil, if OCI does not report it.
type Deployment struct {
	// Label is the display name. If several deployments share it, each gets a suffix from the end
	// of its OCID.
	Label string
	// ID is the deployment's OCID, and CompartmentID its compartment's.
	ID, CompartmentID string
	// DisplayName is the name in Oracle Cloud, and OGGName the name in GoldenGate itself.
	DisplayName, OGGName string
	// URL is the address of GoldenGate's console and REST API, without a path; nil if there is
	// none.
	URL *url.URL
	// Category, Type, LicenseModel, Environment and Role classify the deployment in OCI's own
	// words.
	Category, Type, LicenseModel, Environment, Role string
	// Version is GoldenGate's.
	Version string
	// Status is the lifecycle state, and SubStatus the operation in progress.
	Status, SubStatus string
	// Healthy says whether all components of the deployment work.
	Healthy *bool
	// CPUCores is the minimum number of OCPUs; with AutoScaling, OCI may add more.
	CPUCores    wire.Number
	AutoScaling *bool
	// StorageBytes is the storage in use, and StorageExceeded whether that is over the limit.
	StorageBytes    wire.Number
	StorageExceeded *bool
	// LatestVersion says whether no newer version is available.
	LatestVersion *bool
	// SupportedUntil is when support for the version ends.
	SupportedUntil wire.Timestamp
	// NextMaintenance is when OCI next does maintenance, and Maintenance what it will do.
	NextMaintenance wire.Timestamp
	Maintenance     string
	// LastBackup is when the latest successful backup ended, and NextBackup when the next one is
	// scheduled.
	LastBackup, NextBackup wire.Timestamp

	scraped bool // whether the credentials of scrape may go to URL
}

// stateDeleted is the state of a deleted resource, which OCI keeps listing for a while.
const stateDeleted = "deleted"

// readDeployments lists the deployments of a compartment (GET /deployments), without those that are
// deleted or excluded by the configuration. An item that cannot be identified is reported in
// broken, and the others are still returned. It needs inspect goldengate-deployments.
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

// readDetails reads what the list lacks about a deployment (GET /deployments/{deployment}). It
// needs read goldengate-deployments.
func (s *session) readDetails(ctx context.Context, d *Deployment) error {
	a, err := s.get(ctx, "/deployments/{deploymentId}", goldengate.GetDeploymentRequest{DeploymentId: &d.ID})
	if err == nil {
		err = d.fillDetails(a.body)
	}
	if err != nil {
		return fmt.Errorf("deployment %q: %w", d.DisplayName, err)
	}
	return nil
}

// fillDetails is fill for an answer that has to be about the deployment itself.
func (d *Deployment) fillDetails(body []byte) error {
	detailed := *d
	err := detailed.fill(body)
	if detailed.ID != d.ID {
		return errors.New("the answer is about another deployment")
	}
	*d = detailed
	return err
}

// fill sets the fields that an answer has. A field of the wrong type is an error that affects no
// other field.
func (d *Deployment) fill(body []byte) error {
	f, err := wire.FieldsOf(body)
	if err != nil {
		return err
	}
	if !wire.Need(f, "id", &d.ID) {
		return f.Err()
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

func (d *Deployment) fillURL(f *wire.Fields) {
	var text string
	if wire.Take(f, "deploymentUrl", &text); text == "" {
		return
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		f.Fail(errors.New("deploymentUrl: not a URL"))
		return
	}
	d.URL = &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}
}

// checkURL decides whether the credentials of scrape may go to the deployment, and says why not.
// Whoever may create a deployment chooses the host of its URL.
func (d *Deployment) checkURL(hosts config.Pattern, plainText bool) error {
	d.scraped = false
	switch {
	case d.URL == nil || d.Category != categoryReplication:
		return nil
	case d.URL.Scheme != "https" && !plainText:
		return fmt.Errorf("deployment %q is not read: its URL is not https", d.DisplayName)
	case !hosts.MatchString(d.URL.Hostname()):
		return fmt.Errorf("deployment %q is not read: scrape_hosts does not match its host %q", d.DisplayName, wire.OneLine(d.URL.Hostname()))
	}
	d.scraped = true
	return nil
}

// fillOGG sets the fields of the nested oggData.
func (d *Deployment) fillOGG(f *wire.Fields) {
	inside := wire.Within(f, "oggData")
	wire.Take(inside, "deploymentName", &d.OGGName)
	wire.Take(inside, "oggVersion", &d.Version)
	f.Fail(inside.Err())
}
