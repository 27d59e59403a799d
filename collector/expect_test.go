package collector_test

import (
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// TestUnexpectedStates checks each state that something can have: it is as expected or not. Of any
// other nothing is said.
func TestUnexpectedStates(t *testing.T) {
	t.Parallel()
	s, client := simulate(t, oggtest.Installation{Deployments: []oggtest.Deployment{
		{
			Name: "north", Processes: []oggtest.Process{{Name: "EXT1"}},
			DistributionPaths: []oggtest.DistributionPath{{Name: "out"}}, ReceiverPaths: []oggtest.ReceiverPath{{Name: "in"}},
		},
		{Name: "south"},
	}})
	client.Expect(expecting(t, `
service_managers:
  - url: http://gg
    expect: [{process: '.*', state: running}, {path: '.*', state: stopped}, {deployment: '.*', state: running}]
`))
	for _, of := range []struct {
		family, object string
		set            func(state string)
		running        string // the verdict
	}{
		{"ogg_process", `{deployment="north",process="EXT1",process_type="extract",service_manager="gg"}`, func(state string) { s.SetProcessStatus("north", "EXT1", state) }, "0"},
		{"ogg_distribution_path", `{deployment="north",path="out",service_manager="gg"}`, func(state string) { s.SetPathStatus("north", "out", state) }, "1"},
		{"ogg_receiver_path", `{deployment="north",path="in",service_manager="gg"}`, func(state string) { s.SetPathStatus("north", "in", state) }, "1"},
		{"ogg_deployment", `{deployment="south",service_manager="gg"}`, func(state string) { s.SetDeploymentStatus("south", state) }, "0"},
	} {
		states := collector.States(of.family + "_status")
		if len(states) < 5 {
			t.Fatalf("%s has the states %v", of.family, states)
		}
		for _, state := range states {
			of.set(state)
			want := of.family + "_unexpected_state" + of.object + " "
			if state == "running" {
				want += of.running
			} else {
				want += map[string]string{"0": "1", "1": "0"}[of.running]
			}
			text := expose(t, client)
			if is := strings.Contains(text, want+"\n"); is != (state != "unknown") {
				t.Errorf("%s is %s: %s: %t", of.family, state, want, is)
			}
			if has := strings.Contains(text, of.family+"_unexpected_state"+of.object); has != (state != "unknown") {
				t.Errorf("%s is %s: a sample: %t", of.family, state, has)
			}
		}
	}
}
