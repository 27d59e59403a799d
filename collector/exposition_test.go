package collector_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// everything returns an installation in which every metric occurs, and every way in
// which one can be missing.
func everything(release oggtest.Release, proxy bool) oggtest.Installation {
	north := oggtest.Deployment{Name: "north", Processes: []oggtest.Process{
		{Name: "EXTRUN", Critical: true, Lag: 3 * time.Second, Started: 2 * time.Hour, Tables: 4, OpenTransactions: 2, OldestTransaction: time.Hour, RedoThreads: 2, Heartbeat: true, Managed: &oggtest.ManagedSettings{AutoStart: true, AutoRestart: true}},
		{Name: "EXTLAG", Lag: 40 * time.Minute, Started: 3 * time.Hour},
		{Name: "EXTUNK", UnknownLag: true, Started: time.Hour},
		{Name: "EXTNEW", NeverStarted: true, ExtractType: oggtest.ExtractInitialLoad},
		{Name: "EXTSTOP", Status: "stopped", Lag: time.Second, Stopped: 20 * time.Minute, Started: 5 * time.Hour},
		{Name: "EXTODD", Status: "suspended", Started: time.Hour},
		{Name: "REPRUN", Type: oggtest.Replicat, Trail: "ea", TrailPath: "/u02/data/orders", Critical: true, Started: time.Hour, Mode: oggtest.Parallel, Appliers: 4, ConflictsPerSecond: 0.1, DiscardsPerSecond: 0.2, ManagedProfile: "restarts"},
		{Name: "REPSAME", Type: oggtest.Replicat, Trail: "ea", TrailPath: "/u02/data/billing/", Started: time.Hour},
		{Name: "REPDOWN", Type: oggtest.Replicat, Trail: "eb", TrailPath: "/u02/data/orders", Critical: true, Status: "abended", Lag: 7 * time.Second, Stopped: time.Hour, Started: 2 * time.Hour},
		{Name: "REPKILL", Type: oggtest.Replicat, Trail: "eb", TrailPath: "/u02/data/orders", Status: "killed", Stopped: time.Hour, Started: 2 * time.Hour},
		{Name: "REPFILE", Type: oggtest.Replicat, Position: oggtest.PositionFile, Trail: "load.dat", TrailPath: "/u02/load", Started: time.Hour},
		{Name: "FIN", Type: oggtest.Replicat, Mode: oggtest.Coordinated, Threads: 3, Trail: "ec", TrailPath: "/u02/data/orders", Started: time.Hour},
	}}
	north.DistributionPaths = []oggtest.DistributionPath{
		{Name: "ORDERS", Extract: "EXTRUN", Lag: 2 * time.Second, Critical: true, Started: time.Hour},
		{Name: "PULLED", Extract: "EXTLAG", TargetInitiated: true, Lag: 5 * time.Second, Started: time.Hour},
		{Name: "HALTED", Extract: "EXTSTOP", Status: "stopped", Lag: time.Second, Started: 2 * time.Hour, Stopped: time.Hour},
		{Name: "FRESH", NotRead: true, UnknownLag: true, Started: time.Minute},
		{Name: "NEW", NeverStarted: true},
	}
	north.DataStreams = []oggtest.DataStream{
		{Name: "ORDERS", Extract: "EXTRUN", Lag: 4 * time.Second, Started: time.Hour},
		{Name: "QUIET", NeverStarted: true, UnknownLag: true},
	}
	north.ReceiverPaths = []oggtest.ReceiverPath{
		{Name: "INBOUND", Extract: "EXTFAR", Trail: "ra", TrailPath: "/u02/data/in", Lag: time.Second, Started: time.Hour},
		{Name: "ENDED", Trail: "rb", TrailPath: "/u02/data/in", Status: "killed", Started: 2 * time.Hour, Stopped: time.Hour},
	}
	north.Certificates = []oggtest.Certificate{
		{Type: "server", Name: "default", NotAfter: now.Add(20 * 24 * time.Hour), PrivateKey: true},
		{Type: "client", Name: "distclient", NotAfter: now.Add(-24 * time.Hour)},
		{Type: "truststore", Name: "RootCA", NotAfter: now.Add(3650 * 24 * time.Hour)},
	}
	north.ManagedProfiles = []oggtest.ManagedProfile{{Name: "ogg:managedProcessSettings:restarts", ManagedSettings: oggtest.ManagedSettings{AutoRestart: true}}}
	north.Tasks = []oggtest.Task{{Name: "purge", Purges: []string{"orders/ea"}, Keep: 5, Critical: true}, {Name: "lag", Every: 10 * time.Minute, ExitCode: 1, Disabled: true}, {Name: "fresh", Every: 7 * time.Hour, NeverRan: true}}
	north.Connections = []oggtest.Connection{{Name: "OracleGoldenGate.ggadmin", Heartbeats: []oggtest.Heartbeat{
		{Path: "EXTRUN ==> REPRUN", SourceDatabase: "SRC", TargetDatabase: "TGT", Lag: 2500 * time.Millisecond, Age: 30 * time.Second},
	}}}
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
		Release: release, ReverseProxy: proxy, TLS: true, Role: oggtest.RoleAdministrator,
		CertificateNotAfter: time.Date(2040, time.January, 1, 0, 0, 0, 0, time.UTC),
		Clock:               oggtest.NewManualClock(now),
		Deployments: []oggtest.Deployment{
			north, south,
			{Name: "east", Status: "stopped", Processes: []oggtest.Process{{Name: "EXTEAST"}}},
			{Name: "west", Status: "abended", Disabled: true},
		},
	}
}

// TestExposition compares everything that a scrape exposes with one golden file per
// release, which holds behind NGINX as well.
func TestExposition(t *testing.T) {
	t.Parallel()
	for _, release := range oggtest.Releases {
		for _, proxy := range []bool{false, true} {
			name := string(release) + map[bool]string{false: " direct", true: " behind NGINX"}[proxy]
			t.Run(name, func(t *testing.T) {
				client := start(t, everything(release, proxy))
				client.Expect(expecting(t, `
expect: [{deployment: north, process: 'INI.*', state: any}]
service_managers:
  - url: http://gg
    expect:
      - {process: EXTSTOP, state: stopped}
      - {deployment: north, process: EXTGONE, state: running, required: true}
      - {process: EXTRUN, state: running, required: true}
      - {path: 'HAL.*', state: stopped}
      - {deployment: west, state: running}
`))
				compare(t, "exposition/"+string(release)+".prom", withoutDurations(expose(t, client)))
			})
		}
	}
}

// expecting returns the first Service Manager of a configuration.
func expecting(t testing.TB, text string) config.ServiceManager {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ogg_exporter.yml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c.ServiceManagers[0]
}

// TestWithoutPerformanceMetrics compares everything that a scrape exposes while the
// Performance Metrics Service is off, in whatever way, or absent.
func TestWithoutPerformanceMetrics(t *testing.T) {
	t.Parallel()
	for _, release := range oggtest.Releases {
		for how, fault := range map[string]oggtest.Fault{
			"refused": {Refused: true},
			"404":     {Status: http.StatusNotFound},
			"503":     {Status: http.StatusServiceUnavailable},
		} {
			t.Run(string(release)+" "+how, func(t *testing.T) {
				bubble.Run(t, func(t *bubble.T) {
					i := everything(release, false)
					s, client := simulate(t, i)
					s.Fault(oggtest.Target{Service: "pmsrvr"}, fault)
					// How often it was asked, and what answered, depends on how it is off.
					got := regexp.MustCompile(`(?m)^ogg_(api|clock|tls)_.*microservice="pmsrvr".*\n`).ReplaceAllString(expose(t, client), "")
					compare(t, "exposition/"+string(release)+"-pm-off.prom", withoutDurations(got))
				})
			})
		}
		t.Run(string(release)+" absent", func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				i := everything(release, false)
				for n := range i.Deployments {
					i.Deployments[n].Services = []oggtest.Service{{Name: "adminsrvr"}, {Name: "distsrvr"}, {Name: "recvsrvr"}}
				}
				compare(t, "exposition/"+string(release)+"-pm-absent.prom", withoutDurations(expose(t, start(t, i))))
			})
		})
	}
}
