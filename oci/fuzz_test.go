package oci

import (
	"strings"
	"testing"
)

// FuzzFill checks that no answer makes a decoder panic, and that what is wrong with it is told on
// one line and costs no more than it must.
func FuzzFill(f *testing.F) {
	for _, text := range []string{
		`{"id": "x", "displayName": "a", "deploymentUrl": "https://a:b@c/d", "oggData": {"deploymentName": "A"}, "cpuCoreCount": 1}`,
		`{"id": "x", "oggData": [], "timeOfNextMaintenance": "tomorrow", "storageUtilizationInBytes": "1e9"}`,
		`{"id": "x", "name": "EXT", "lastRecordLagInSeconds": 1.5, "timeLastProcessed": "2026-03-01T12:00:00.000Z"}`,
		`{"id": 1}`, `null`, `[]`, `{"deploymentUrl": "://"}`, `{"id": "x", "deploymentUrl": "\u0000"}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var d Deployment
		var p Pipeline
		var process PipelineProcess
		_, backupErr := newBackup(body)
		for _, err := range []error{d.fill(body), p.fill(body), process.fill(body), backupErr} {
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
		}
		if d.URL != nil && (d.URL.User != nil || d.URL.Path != "" || d.URL.Hostname() == "") {
			t.Errorf("not what a Service Manager's URL is: %s", d.URL)
		}
		if d.Status != strings.ToLower(d.Status) {
			t.Errorf("state %q", d.Status)
		}
	})
}
