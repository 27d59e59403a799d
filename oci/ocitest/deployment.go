package ocitest

import (
	"cmp"
	"time"
)

// Deployment is a deployment of GoldenGate in Oracle Cloud.
type Deployment struct {
	// ID is its OCID, generated from DisplayName if empty, and CompartmentID that of its
	// compartment; Compartment if empty.
	ID, CompartmentID string
	// DisplayName is the name in Oracle Cloud, and OGGName the name in GoldenGate; DisplayName if
	// empty.
	DisplayName, OGGName string
	// URL is GoldenGate's address; none if empty.
	URL string
	// Status is the lifecycle state, ACTIVE if empty, and SubStatus the sub-state.
	Status, SubStatus string
	// Category is DATA_REPLICATION, Type DATABASE_ORACLE, License LICENSE_INCLUDED and Environment
	// PRODUCTION if empty. Role is the role in a disaster recovery pair; none if empty.
	Category, Type, License, Environment, Role string
	// Version is GoldenGate's, and Outdated says that there is a newer one.
	Version  string
	Outdated bool
	// Healthy is left out of the answer if nil.
	Healthy *bool
	// CPUCores is the number of OCPUs; 1 if 0.
	CPUCores    int
	AutoScaling bool
	// Storage is the storage in use, in bytes.
	Storage         int64
	StorageExceeded bool
	// SupportedUntil, NextMaintenance and NextBackup are left out of the answer if zero. The next
	// maintenance is an UPGRADE.
	SupportedUntil, NextMaintenance, NextBackup time.Time
	// Backups are its backups, in any order.
	Backups []Backup
}

func (d *Deployment) complete() {
	d.CompartmentID = cmp.Or(d.CompartmentID, Compartment)
	d.ID = cmp.Or(d.ID, ocid("goldengatedeployment", d.CompartmentID, d.DisplayName))
	d.OGGName = cmp.Or(d.OGGName, d.DisplayName)
	d.Status, d.Category = cmp.Or(d.Status, "ACTIVE"), cmp.Or(d.Category, "DATA_REPLICATION")
	d.Type, d.License = cmp.Or(d.Type, "DATABASE_ORACLE"), cmp.Or(d.License, "LICENSE_INCLUDED")
	d.Environment, d.CPUCores = cmp.Or(d.Environment, "PRODUCTION"), cmp.Or(d.CPUCores, 1)
	for i := range d.Backups {
		d.Backups[i].complete(d, i)
	}
}

// summary is an item of GET /deployments.
func (d *Deployment) summary() object {
	o := object{
		"id": d.ID, "compartmentId": d.CompartmentID, "displayName": d.DisplayName,
		"subnetId":       ocid("subnet", d.CompartmentID),
		"lifecycleState": d.Status, "licenseModel": d.License, "category": d.Category,
		"deploymentType": d.Type, "environmentType": d.Environment, "cpuCoreCount": d.CPUCores,
		"isAutoScalingEnabled": d.AutoScaling, "isLatestVersion": !d.Outdated, "isPublic": true,
		"storageUtilizationInBytes": d.Storage, "isStorageUtilizationLimitExceeded": d.StorageExceeded,
		"freeformTags": object{}, "definedTags": object{},
	}
	o.put("lifecycleSubState", d.SubStatus)
	o.put("deploymentUrl", d.URL)
	o.put("deploymentRole", d.Role)
	return o
}

// detail is GET /deployments/{deploymentId}.
func (d *Deployment) detail() object {
	o := d.summary()
	inside := object{"deploymentName": d.OGGName, "adminUsername": "oggadmin", "credentialStore": "GOLDENGATE"}
	inside.put("oggVersion", d.Version)
	o["oggData"] = inside
	o.put("isHealthy", d.Healthy)
	o.put("timeOggVersionSupportedUntil", d.SupportedUntil)
	o.put("timeNextBackupScheduled", d.NextBackup)
	if o.put("timeOfNextMaintenance", d.NextMaintenance); !d.NextMaintenance.IsZero() {
		o["nextMaintenanceActionType"] = "UPGRADE"
	}
	return o
}

func listDeployments(p *ControlPlane, compartment string, _ map[string]string) []object {
	var items []object
	for i := range p.Deployments {
		if d := &p.Deployments[i]; d.CompartmentID == compartment {
			items = append(items, d.summary())
		}
	}
	return items
}

func getDeployment(p *ControlPlane, id string) (object, string) {
	for i := range p.Deployments {
		if d := &p.Deployments[i]; d.ID == id {
			return d.detail(), d.CompartmentID
		}
	}
	return nil, ""
}
