package collector_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/oci"
	"github.com/ogg-exporter/ogg_exporter/oci/ocitest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// The types of members; a member of another type is odd.
const (
	ofText = 1 << iota
	ofNumber
	ofBool
	ofTime
	ofURL
	ofObject
)

// oddValue is a value that a member may unexpectedly have, and the types of the members for which
// it may be right, or documented as not available.
type oddValue struct {
	json  string
	right int
}

var oddValues = []oddValue{
	{`null`, ofText | ofNumber | ofBool | ofTime | ofURL | ofObject},
	{`{}`, ofObject},
	{`[]`, 0},
	{`["a"]`, 0},
	{`true`, ofBool},
	{`7`, ofNumber},
	{`-1`, ofNumber},
	{`1.5e3`, ofNumber},
	{`1e400`, 0},
	{`123456789012345678901234567890`, ofNumber},
	{`""`, ofText | ofNumber | ofTime | ofURL},
	{`"yes"`, ofText},
	{`"N/A"`, ofText | ofNumber},
	{`"-"`, ofText | ofNumber},
	{`"NaN"`, ofText},
	{`"00:00:03"`, ofText | ofNumber},
	{`"yesterday"`, ofText},
	{`"2026-03-01T12:00:00"`, ofText},
	{`"2026-02-30T12:00:00Z"`, ofText},
	{`"\ud800\u0000\n"`, ofText},
}

// oddAnswer is an answer of the control plane, of which each member gets each of the values.
type oddAnswer struct {
	path, item string
	part       string
	// needed are the members without which the object is of no use.
	needed  []string
	members []oddMember
}

type oddMember struct {
	name string
	kind int
	// samples matches the samples that may differ.
	samples string
}

// samplesOf matches the samples of metrics for the spoiled object.
func samplesOf(metrics string) string {
	return `ogg_oci_(?:` + metrics + `)\{(?:.*,)?(?:deployment|pipeline)="spoiled"`
}

// processSamples matches the samples of metrics for the spoiled process, whatever its name and type.
func processSamples(metrics string) string {
	return `ogg_oci_pipeline_process_(?:` + metrics + `)\{.*pipeline="spoiled",process="[^W]`
}

// common are the members of both answers about a deployment.
func common() []oddMember {
	info := samplesOf("deployment_info")
	return []oddMember{
		{"id", ofText, samplesOf(`\w+`)},
		{"displayName", ofText, `ogg_oci_deployment_\w+\{.*deployment="(?:spoiled|unnamed|[^w].*)"`},
		{"category", ofText, info},
		{"deploymentType", ofText, info},
		{"licenseModel", ofText, info},
		{"environmentType", ofText, info},
		{"deploymentRole", ofText, info},
		{"lifecycleState", ofText, samplesOf("deployment_status")},
		{"lifecycleSubState", ofText, samplesOf("deployment_sub_status")},
		{"isHealthy", ofBool, samplesOf("deployment_healthy")},
		{"cpuCoreCount", ofNumber, samplesOf("deployment_cpu_cores")},
		{"isAutoScalingEnabled", ofBool, samplesOf("deployment_auto_scaling_enabled")},
		{"storageUtilizationInBytes", ofNumber, samplesOf("deployment_storage_used_bytes")},
		{"isStorageUtilizationLimitExceeded", ofBool, samplesOf("deployment_storage_limit_exceeded")},
		{"isLatestVersion", ofBool, samplesOf("deployment_latest_version")},
		{"timeOggVersionSupportedUntil", ofTime, samplesOf("deployment_version_supported_until_timestamp_seconds")},
		{"timeOfNextMaintenance", ofTime, samplesOf("deployment_(?:next_maintenance|upgrade)_timestamp_seconds")},
		{"nextMaintenanceActionType", ofText, samplesOf("deployment_upgrade_timestamp_seconds")},
		{"timeNextBackupScheduled", ofTime, samplesOf("deployment_next_backup_timestamp_seconds")},
		{"deploymentUrl", ofURL, `none`},
		{"oggData", ofObject, info},
	}
}

func oddAnswers() []oddAnswer {
	info := samplesOf("deployment_info")
	details := append(common(), oddMember{"oggData.deploymentName", ofText, info}, oddMember{"oggData.oggVersion", ofText, info})
	backup := samplesOf("deployment_last_backup_success_timestamp_seconds")
	incomplete := `|ogg_oci_(?:up|last_refresh_success_timestamp_seconds)\{`
	return []oddAnswer{
		{"/compartments", below, oci.PartCompartments, []string{"id", "compartmentId"}, []oddMember{
			{"id", 0, samplesOf(`\w+`) + incomplete},
			{"compartmentId", ofText, samplesOf(`\w+`) + incomplete},
		}},
		{"/deployments", "spoiled", oci.PartDeployments, []string{"id"}, common()},
		{"/deployments/*", "spoiled", oci.PartDetails, nil, details},
		{"/deploymentBackups", "spoiled_backup", oci.PartBackups, []string{"deploymentId", "lifecycleState"}, []oddMember{
			{"deploymentId", ofText, backup},
			{"lifecycleState", ofText, backup},
			{"timeOfBackup", ofTime, backup},
			{"timeBackupFinished", ofTime, backup},
		}},
		{"/connections", "spoiled", oci.PartConnections, nil, []oddMember{
			{"id", ofText, `none`},
			{"lifecycleState", ofText, `ogg_oci_connections\{`},
		}},
		{"/pipelines", "spoiled", oci.PartPipelines, []string{"id"}, []oddMember{
			{"id", ofText, samplesOf(`\w+`)},
			{"displayName", ofText, `ogg_oci_pipeline_\w+\{.*pipeline="(?:spoiled|unnamed|[^w].*)"`},
			{"lifecycleState", ofText, samplesOf(`\w+`)},
			{"lifecycleSubState", ofText, samplesOf("pipeline_sub_status")},
		}},
		{"/pipelines/*/runningProcesses", "SPOILED", oci.PartPipelines, []string{"name"}, []oddMember{
			{"name", ofText, processSamples(`\w+`)},
			{"processType", ofText, processSamples(`\w+`)},
			{"status", ofText, processSamples("status")},
			{"lastRecordLagInSeconds", ofNumber, processSamples("lag_seconds")},
			{"timeLastProcessed", ofTime, processSamples("last_processed_timestamp_seconds")},
		}},
	}
}

// below is the OCID of a compartment below the configured one.
const below = "ocid1.compartment.oc1..below"

// oddPlane has two of everything: what is spoiled, and what has to stay as it is.
func oddPlane() ocitest.ControlPlane {
	plane := ocitest.ControlPlane{Compartments: []string{ocitest.Compartment, below}, Parents: map[string]string{below: ocitest.Compartment}}
	for name, compartment := range map[string]string{"spoiled": below, "whole": ocitest.Compartment} {
		plane.Deployments = append(plane.Deployments, ocitest.Deployment{
			CompartmentID: compartment, DisplayName: name, OGGName: strings.ToUpper(name), URL: "https://" + name + ".example", SubStatus: "UPGRADING", Version: "23.9",
			Healthy: new(true), CPUCores: 2, AutoScaling: true, Storage: 5, Role: "PRIMARY",
			SupportedUntil: now.Add(3), NextMaintenance: now.Add(2), NextBackup: now.Add(1),
			Backups: []ocitest.Backup{{Begin: now.Add(-2), End: now.Add(-1)}},
		})
		plane.Connections = append(plane.Connections, ocitest.Connection{Name: name})
		plane.Pipelines = append(plane.Pipelines, ocitest.Pipeline{Name: name, SubStatus: "RUNNING", Processes: []ocitest.Process{
			{Name: strings.ToUpper(name), Type: "EXTRACT", Lag: 1, LastProcessed: now}, {Name: "WHOLE", Type: "EXTRACT", Lag: 1, LastProcessed: now},
		}})
	}
	return plane
}

// TestOCIOddMembers gives each member that is read each odd value. That costs the samples of the
// member alone, and its part says so.
func TestOCIOddMembers(t *testing.T) {
	t.Parallel()
	for _, a := range oddAnswers() {
		t.Run(a.path, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				s, c := cloud(t, oddPlane())
				whole := exposeOCI(t, collector.Options{}, c.Refresh(t.Context()))
				for i, m := range a.members {
					varying := except(m.samples)
					want := varying.ReplaceAllString(whole, "")
					for _, v := range oddValuesOf(i) {
						mend := s.Fault(ocitest.Target{Path: a.path}, ocitest.Fault{Item: a.item, Set: map[string]any{m.name: json.RawMessage(v.json)}})
						inv := c.Refresh(t.Context())
						mend()
						a.check(t, fmt.Sprintf("%s is %s", m.name, v.json), m, v, inv)
						if got := varying.ReplaceAllString(exposeOCI(t, collector.Options{}, inv), ""); got != want {
							t.Errorf("%s is %s: got\n%s\nwant\n%s", m.name, v.json, got, want)
						}
					}
				}
			})
		})
	}
}

// oddValuesOf returns the odd values of the i-th member: all, or one because of the race detector.
func oddValuesOf(i int) []oddValue {
	if bubble.UnderRace {
		i %= len(oddValues)
		return oddValues[i : i+1]
	}
	return oddValues
}

// check compares which parts failed.
func (a oddAnswer) check(t testing.TB, name string, m oddMember, v oddValue, inv *oci.Inventory) {
	t.Helper()
	missing := slices.Contains(a.needed, m.name) && (v.json == "null" || v.json == `""`)
	for _, r := range inv.Reads {
		switch {
		case r.Part != a.part && r.Err != nil && m.name != "id": // by another, there are no details
			t.Errorf("%s: %s failed: %v", name, r.Part, r.Err)
		case r.Part == a.part && r.Err == nil && (v.right&m.kind == 0 || missing):
			t.Errorf("%s: nobody says so", name)
		case r.Part == a.part && r.Err != nil && v.right&m.kind == 0 && !strings.Contains(r.Err.Error(), m.name[strings.Index(m.name, ".")+1:]):
			t.Errorf("%s: said as %v", name, r.Err)
		}
	}
}

// except matches the lines of an exposition that may differ: the samples that a pattern matches, and what
// differs from one refresh to the next.
func except(samples string) *regexp.Regexp {
	return regexp.MustCompile(`(?m)^(?:` + samples + `|ogg_oci_read_success\{|ogg_oci_api_requests_total\{).*\n`)
}

// TestOCIOddMembersComplete checks that TestOCIOddMembers has all members that are read.
func TestOCIOddMembersComplete(t *testing.T) {
	t.Parallel()
	tested, taken := map[string]bool{}, map[string]bool{}
	for _, a := range oddAnswers() {
		for _, m := range a.members {
			for name := range strings.SplitSeq(m.name, ".") {
				tested[name] = true
			}
		}
	}
	files, err := filepath.Glob("../oci/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`wire\.(?:Take|TakeWord|Need|Within)\(\w+, "(\w+)"`).FindAllSubmatch(text, -1) {
			taken[string(m[1])] = true
		}
	}
	if !maps.Equal(tested, taken) {
		t.Errorf("tested:\n%v\ntaken:\n%v", slices.Sorted(maps.Keys(tested)), slices.Sorted(maps.Keys(taken)))
	}
}
