package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// silenceable are alerts of which a silence may mute some.
var silenceable = []map[string]string{
	{"alertname": "OggExporterDown", "job": "ogg", "severity": "critical"},
	{"alertname": "OggServiceManagerUnreachable", "service_manager": "emea", "severity": "critical"},
	{"alertname": "OggTrailSpace", "service_manager": "apac", "deployment": "london", "severity": "warning"},
	{"alertname": "OggServiceUnhealthy", "service_manager": "emea", "deployment": "london", "microservice": "pmsrvr", "severity": "warning"},
	{"alertname": "OggProcessAbended", "service_manager": "emea", "deployment": "london", "process": "EXTORD", "severity": "critical"},
	{"alertname": "OggPipelineDown", "service_manager": "emea", "deployment": "london", "process": "EXTORD", "kind": "extract", "severity": "critical"},
	{"alertname": "OggProcessLag", "service_manager": "emea", "deployment": "frankfurt", "process": "REPORD", "severity": "warning"},
	{"alertname": "OggPipelineSLOBurn", "pipeline": "emea/london/EXTORD>emea/frankfurt/REPORD", "severity": "warning"},
	{"alertname": "OggOCIDeploymentUnhealthy", "oci": "cloud", "deployment": "london", "severity": "warning"},
	{"alertname": "NodeDown", "severity": "critical"},
}

// silenced are the names of those that each silence of the runbook mutes.
var silenced = map[string][]string{
	"a deployment": {"OggPipelineDown", "OggProcessAbended", "OggServiceUnhealthy"},
	"a process":    {"OggPipelineDown", "OggProcessAbended"},
	"a host: all that its Service Manager manages": {"OggPipelineDown", "OggProcessAbended", "OggProcessLag", "OggServiceManagerUnreachable", "OggServiceUnhealthy"},
	"the exporter": {"OggExporterDown"},
	"everything": {
		"OggExporterDown", "OggOCIDeploymentUnhealthy", "OggPipelineDown", "OggPipelineSLOBurn", "OggProcessAbended", "OggProcessLag",
		"OggServiceManagerUnreachable", "OggServiceUnhealthy", "OggTrailSpace",
	},
	"a pipeline": {"OggPipelineSLOBurn"},
}

// silences returns the commands of the runbook by what is said of them.
func silences(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../dashboards/runbooks.md")
	must(t, err)
	found := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^# (.+)\n(amtool silence add .+)$`).FindAllStringSubmatch(string(text), -1) {
		found[m[1]] = m[2]
	}
	if m := regexp.MustCompile("label `pipeline`: `(amtool silence add [^`]+)`").FindStringSubmatch(string(text)); m != nil {
		found["a pipeline"] = m[1]
	}
	return found
}

// TestSilences: the commands of the runbook for planned maintenance mute what it says, and
// nothing else.
func TestSilences(t *testing.T) {
	neededProgram(t, "amtool", "package prometheus-alertmanager")
	alertmanager := startAlertmanager(t, "http://127.0.0.1:1", time.Second) // nobody is to be notified
	run := func(command string) string {
		t.Helper()
		alias := `amtool() { command amtool --alertmanager.url=` + alertmanager.url + ` "$@"; }; `
		out, err := exec.CommandContext(t.Context(), "sh", "-euc", alias+command).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
		return string(out)
	}
	postAlerts(t, alertmanager.url)
	commands := silences(t)
	for name, command := range commands {
		if silenced[name] == nil {
			t.Errorf("nothing is known of %q: %s", name, command)
		}
	}
	for name, want := range silenced {
		id := run(commands[name])
		if got := silencedBy(t, alertmanager.url); !slices.Equal(got, want) {
			t.Errorf("%s: %s\nmutes %q, want %q", name, commands[name], got, want)
		}
		run("amtool silence expire " + id)
	}
	all := run("amtool alert query --active --silenced --inhibited")
	for _, alert := range silenceable {
		if !strings.Contains(all, alert["alertname"]) {
			t.Errorf("the query does not list %s:\n%s", alert["alertname"], all)
		}
	}
	run("amtool silence add --duration=1h --comment=test alertname=OggServiceManagerUnreachable")
	if muted := run("amtool alert query --inhibited"); !strings.Contains(muted, "OggServiceUnhealthy") {
		t.Errorf("what is silenced mutes nothing:\n%s", muted)
	}
}

// postAlerts lets the alerts fire.
func postAlerts(t *testing.T, url string) {
	t.Helper()
	var alerts []map[string]any
	for _, labels := range silenceable {
		alerts = append(alerts, map[string]any{"labels": labels, "startsAt": time.Now()})
	}
	body, err := json.Marshal(alerts)
	must(t, err)
	response, err := http.Post(url+"/api/v2/alerts", "application/json", strings.NewReader(string(body)))
	must(t, err)
	must(t, response.Body.Close())
	if response.StatusCode != http.StatusOK {
		t.Fatal(response.Status)
	}
}

// silencedBy returns the names of the alerts that a silence mutes.
func silencedBy(t *testing.T, url string) []string {
	t.Helper()
	text, err := fetch(url + "/api/v2/alerts?active=true&silenced=true&inhibited=true")
	must(t, err)
	var alerts []struct {
		Labels map[string]string
		Status struct{ SilencedBy []string }
	}
	must(t, json.Unmarshal([]byte(text), &alerts))
	if len(alerts) != len(silenceable) {
		t.Fatalf("there are %d alerts", len(alerts))
	}
	var names []string
	for _, a := range alerts {
		if len(a.Status.SilencedBy) > 0 {
			names = append(names, a.Labels["alertname"])
		}
	}
	slices.Sort(names)
	return names
}
