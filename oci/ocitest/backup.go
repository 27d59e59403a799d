package ocitest

import (
	"cmp"
	"strconv"
	"time"
)

// Backup is a backup of a deployment.
type Backup struct {
	// ID is its OCID, generated if empty, and CompartmentID that of its compartment, by default the
	// deployment's.
	ID, CompartmentID string
	// Status is the lifecycle state; ACTIVE if empty.
	Status string
	// Begin is when it began, and End when it ended; left out of the answer if zero.
	Begin, End time.Time
}

func (b *Backup) complete(d *Deployment, i int) {
	b.CompartmentID = cmp.Or(b.CompartmentID, d.CompartmentID)
	b.ID = cmp.Or(b.ID, ocid("goldengatedeploymentbackup", d.ID, strconv.Itoa(i)))
	b.Status = cmp.Or(b.Status, "ACTIVE")
}

// item is an item of GET /deploymentBackups.
func (b *Backup) item(d *Deployment) object {
	o := object{
		"id": b.ID, "displayName": d.DisplayName + "_backup", "deploymentId": d.ID, "deploymentType": d.Type, "compartmentId": b.CompartmentID,
		"lifecycleState": b.Status, "oggVersion": d.Version, "isAutomatic": true, "backupType": "FULL",
	}
	o.put("timeOfBackup", b.Begin)
	o.put("timeBackupFinished", b.End)
	return o
}

func listBackups(p *ControlPlane, compartment string, query map[string]string) []object {
	var items []object
	for i := range p.Deployments {
		d := &p.Deployments[i]
		for j := range d.Backups {
			b := &d.Backups[j]
			if b.CompartmentID == compartment && (query["lifecycleState"] == "" || query["lifecycleState"] == b.Status) {
				items = append(items, b.item(d))
			}
		}
	}
	return items
}
