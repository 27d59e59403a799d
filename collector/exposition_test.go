package collector_test

import (
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// everything is an installation in which each metric, and each way in which it
// can be missing, occurs.
func everything(release oggtest.Release, proxy bool) oggtest.Installation {
	north := oggtest.Deployment{Name: "north", Processes: []oggtest.Process{
		{Name: "EXTRUN", Critical: true, Lag: 3 * time.Second, Started: 2 * time.Hour},
		{Name: "EXTLAG", Lag: 40 * time.Minute, Started: 3 * time.Hour},
		{Name: "EXTUNK", UnknownLag: true, Started: time.Hour},
		{Name: "EXTNEW", NeverStarted: true},
		{Name: "EXTSTOP", Status: "stopped", Lag: time.Second, Stopped: 20 * time.Minute, Started: 5 * time.Hour},
		{Name: "EXTODD", Status: "suspended", Started: time.Hour},
		{Name: "REPRUN", Type: oggtest.Replicat, Trail: "ea", TrailPath: "/u02/data/orders", Critical: true, Started: time.Hour},
		{Name: "REPSAME", Type: oggtest.Replicat, Trail: "ea", TrailPath: "/u02/data/billing/", Started: time.Hour},
		{Name: "REPDOWN", Type: oggtest.Replicat, Trail: "eb", TrailPath: "/u02/data/orders", Critical: true, Status: "abended", Lag: 7 * time.Second, Stopped: time.Hour, Started: 2 * time.Hour},
		{Name: "REPKILL", Type: oggtest.Replicat, Trail: "eb", TrailPath: "/u02/data/orders", Status: "killed", Stopped: time.Hour, Started: 2 * time.Hour},
		{Name: "REPFILE", Type: oggtest.Replicat, Position: oggtest.PositionFile, Trail: "load.dat", TrailPath: "/u02/load", Started: time.Hour},
		{Name: "FIN", Type: oggtest.Replicat, Mode: oggtest.Coordinated, Threads: 3, Trail: "ec", TrailPath: "/u02/data/orders", Started: time.Hour},
	}}
	south := oggtest.Deployment{
		Name: "south", User: "southmon", Password: "south-Pw1",
		Services: []oggtest.Service{
			{Name: "adminsrvr"},
			{Name: "distsrvr", Unhealthy: true},
			{Name: "recvsrvr", Status: "killed", NonCritical: true},
			{Name: "pmsrvr", Locked: true, Disabled: true},
		},
	}
	return oggtest.Installation{
		Release: release, ReverseProxy: proxy, TLS: true,
		CertificateNotAfter: time.Date(2040, time.January, 1, 0, 0, 0, 0, time.UTC),
		Clock:               oggtest.NewManualClock(now),
		Deployments: []oggtest.Deployment{
			north, south,
			{Name: "east", Status: "stopped", Processes: []oggtest.Process{{Name: "EXTEAST"}}},
			{Name: "west", Status: "abended", Disabled: true},
		},
	}
}

// TestExposition compares all that a scrape exposes with a golden file a
// release. Behind NGINX everything is as it is without.
func TestExposition(t *testing.T) {
	for _, release := range oggtest.Releases {
		for _, proxy := range []bool{false, true} {
			name := string(release) + map[bool]string{false: " direct", true: " behind NGINX"}[proxy]
			t.Run(name, func(t *testing.T) {
				client := start(t, everything(release, proxy))
				compare(t, "exposition/"+string(release)+".prom", withoutDurations(expose(t, client)))
			})
		}
	}
}
