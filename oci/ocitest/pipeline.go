package ocitest

import (
	"cmp"
	"time"
)

// Pipeline is a pipeline, in which OCI manages GoldenGate's processes.
type Pipeline struct {
	// ID is its OCID, generated from Name if empty, and CompartmentID that of its compartment;
	// Compartment if empty.
	ID, CompartmentID string
	// Name is the display name.
	Name string
	// Recipe is ZERO_ETL if empty. It need not be one that Oracle documents.
	Recipe string
	// Status is the lifecycle state, ACTIVE if empty, and SubStatus the sub-state.
	Status, SubStatus string
	// Processes are the running processes.
	Processes []Process
}

// Process is an Extract or Replicat of a pipeline.
type Process struct {
	Name string
	// Type is EXTRACT or REPLICAT, and Status RUNNING if empty.
	Type, Status string
	// Lag is the lag of the last record.
	Lag time.Duration
	// LastProcessed is left out of the answer if zero.
	LastProcessed time.Time
}

func (p *Pipeline) complete() {
	p.CompartmentID = cmp.Or(p.CompartmentID, Compartment)
	p.ID = cmp.Or(p.ID, ocid("goldengatepipeline", p.CompartmentID, p.Name))
	p.Recipe, p.Status = cmp.Or(p.Recipe, "ZERO_ETL"), cmp.Or(p.Status, "ACTIVE")
}

func listPipelines(plane *ControlPlane, compartment string, _ map[string]string) []object {
	var items []object
	for _, p := range plane.Pipelines {
		if p.CompartmentID == compartment {
			o := object{
				"id": p.ID, "compartmentId": compartment, "displayName": p.Name, "recipeType": p.Recipe,
				"lifecycleState": p.Status, "licenseModel": "LICENSE_INCLUDED", "cpuCoreCount": 1,
				"isAutoScalingEnabled": false,
			}
			o.put("lifecycleSubState", p.SubStatus)
			items = append(items, o)
		}
	}
	return items
}

// listProcesses returns the processes of a pipeline, and the pipeline's compartment.
func listProcesses(plane *ControlPlane, id string) ([]object, string) {
	for _, p := range plane.Pipelines {
		if p.ID != id {
			continue
		}
		items := []object{}
		for _, process := range p.Processes {
			o := object{
				"name": process.Name, "processType": process.Type, "status": cmp.Or(process.Status, "RUNNING"),
				"lastRecordLagInSeconds": process.Lag.Seconds(),
			}
			o.put("timeLastProcessed", process.LastProcessed)
			items = append(items, o)
		}
		return items, p.CompartmentID
	}
	return nil, ""
}
