package oggtest

import (
	"strings"
	"testing"
	"time"
)

// TestHeartbeats follows one heartbeat while its Replicat runs, and after it stopped.
func TestHeartbeats(t *testing.T) {
	t.Parallel()
	clock := NewManualClock(noon)
	s := start(t, Installation{Clock: clock, Deployments: []Deployment{{
		Name:      "east",
		Processes: []Process{{Name: "REAST", Type: Replicat}, {Name: "ROTHER", Type: Replicat}, {Name: "RDOWN", Type: Replicat, Status: "abended"}, {Name: "RNEVER", Type: Replicat, NeverStarted: true}},
		Connections: []Connection{{Name: "OracleGoldenGate.east", Frequency: 30 * time.Second, Heartbeats: []Heartbeat{
			{Path: "EWEST ==> PUMP ==> REAST", SourceDatabase: "WEST", TargetDatabase: "EAST", Lag: 2500 * time.Millisecond, LagSwing: time.Minute, LagPeriod: 4 * time.Minute},
			{Path: "EWEST ==> RDOWN"},
			{Path: "EWEST ==> RNEVER"},
			{Path: "EXTRA ==> REAST", Age: 5 * time.Second},
		}}},
	}}})
	table := s.ServiceURL("east", "adminsrvr") + "/connections/OracleGoldenGate.east/tables/heartbeat/"
	for n, step := range []struct {
		do       func()
		lag, age string
		other    string
	}{
		{func() {}, "2.5", "0", "5"},
		{func() { clock.Advance(12340 * time.Millisecond) }, "2.5", "12.34", "17.34"},
		{func() { clock.Advance(30 * time.Second) }, "17.5", "12.34", "17.34"},
		{func() { s.SetProcessStatus("east", "REAST", "stopped") }, "17.5", "12.34", "17.34"},
		{func() { clock.Advance(time.Hour) }, "17.5", "3612.34", "3617.34"},
		{func() { s.SetProcessStatus("east", "REAST", "running") }, "17.5", "12.34", "17.34"},
	} {
		step.do()
		r := get(t, s, table+"REAST", 200)
		for at, want := range map[string]string{
			"0.lagSeconds": step.lag, "0.ageSeconds": step.age, "1.ageSeconds": step.other,
			"0.source": `"WEST"`, "0.target": `"EAST"`,
		} {
			if got := r.at("response.heartbeats." + at); got != want {
				t.Errorf("step %d: %s is %s, want %s", n, at, got, want)
			}
		}
	}
	if got := get(t, s, strings.TrimSuffix(table, "/")+"Data", 200).at("response.heartbeats.3.path"); got != `"EXTRA ==> REAST"` {
		t.Error(got)
	}
	if got := get(t, s, table+"ROTHER", 200).at("response.heartbeats"); got != "[]" {
		t.Error(got)
	}
	// Both were down for an hour at the start. The latest that RDOWN let through was committed before.
	for name, age := range map[string]string{"RDOWN": "7268.73", "RNEVER": "7242.34"} {
		if got := get(t, s, table+name, 200).at("response.heartbeats.0.ageSeconds"); got != age {
			t.Error(name, got)
		}
	}
	get(t, s, table+"NOBODY", 404)
}

func TestDatabaseSessions(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{Deployments: []Deployment{paths(), {Name: "east"}}})
	admin := s.ServiceURL("west", "adminsrvr")
	for _, c := range []struct {
		path             string
		status, sessions int
	}{
		{"/connections", 200, 0},
		{"/connections/OracleGoldenGate.west/tables/heartbeat", 200, 1},
		{"/connections/OracleGoldenGate.west/tables/heartbeat/EWEST", 200, 2},
		{"/connections/OracleGoldenGate.west/tables/heartbeat/NONE", 404, 3},
		{"/connections/OracleGoldenGate.bare/tables/heartbeat", 404, 4},
		{"/connections/OracleGoldenGate.none/tables/heartbeat", 404, 4},
		{"/connections/OracleGoldenGate.west/tables/heartbeatData", 200, 5},
		{"/connections/OracleGoldenGate.bare/tables/heartbeatData", 404, 6},
	} {
		get(t, s, admin+c.path, c.status)
		if got := s.DatabaseSessions("west"); got != c.sessions {
			t.Errorf("%s: %d sessions, want %d", c.path, got, c.sessions)
		}
	}
	if got := s.DatabaseSessions("east"); got != 0 {
		t.Error(got)
	}
}
