package ocitest

import "time"

// Demo returns a compartment to look at: deployments in several states, with backups, connections
// and a pipeline. No deployment has a URL; set one to put a simulated GoldenGate behind it.
func Demo(now time.Time) ControlPlane {
	const day = 24 * time.Hour
	return ControlPlane{
		PageSize: 2,
		Deployments: []Deployment{
			{
				DisplayName: "sales", Version: "23.9.0.25.07", Healthy: new(true), CPUCores: 2, AutoScaling: true,
				Storage: 40 << 30, SupportedUntil: now.Add(500 * day), NextBackup: now.Add(6 * time.Hour),
				Backups: []Backup{
					{Begin: now.Add(-42*time.Hour - 20*time.Minute), End: now.Add(-42 * time.Hour)},
					{Begin: now.Add(-18*time.Hour - 20*time.Minute), End: now.Add(-18 * time.Hour)},
				},
			},
			{
				DisplayName: "billing", Version: "21.15.0.0.1", Outdated: true, Healthy: new(false), Status: "NEEDS_ATTENTION",
				License: "BRING_YOUR_OWN_LICENSE", CPUCores: 4, Storage: 900 << 30, StorageExceeded: true,
				SupportedUntil: now.Add(20 * day), NextMaintenance: now.Add(12 * day),
				Backups: []Backup{
					{Begin: now.Add(-9 * day), End: now.Add(-9*day + time.Hour)},
					{Begin: now.Add(-18 * time.Hour), Status: "FAILED"},
				},
			},
			{
				DisplayName: "analytics", Category: "STREAM_ANALYTICS", Type: "GGSA", Version: "19.1.0.0.9", Status: "UPDATING",
				SubStatus: "UPGRADING", Environment: "DEVELOPMENT_OR_TESTING", Storage: 3 << 30,
			},
			{
				DisplayName: "archive", Version: "23.9.0.25.07", Status: "INACTIVE", Environment: "DEVELOPMENT_OR_TESTING",
				Storage: 12 << 30, SupportedUntil: now.Add(500 * day),
			},
			{DisplayName: "retired", Status: "DELETED"},
		},
		Connections: []Connection{
			{Name: "orders_db"},
			{Name: "billing_db"},
			{Name: "warehouse", Type: "SNOWFLAKE"},
			{Name: "events", Type: "KAFKA", Status: "FAILED"},
		},
		Pipelines: []Pipeline{{
			Name: "orders_to_lake", SubStatus: "RUNNING", Processes: []Process{
				{Name: "EXTORD", Type: "EXTRACT", Lag: 1500 * time.Millisecond, LastProcessed: now.Add(-2 * time.Second)},
				{Name: "REPORD", Type: "REPLICAT", Lag: 4 * time.Second, LastProcessed: now.Add(-5 * time.Second)},
			},
		}},
	}
}
