package oggtest

import (
	"fmt"
	"time"
)

// FleetSize is how many Service Managers Fleet creates, how many deployments each has, and how many
// processes each deployment has.
type FleetSize struct {
	ServiceManagers, Deployments, Processes int

	// Release is the release of all; if empty, the releases alternate.
	Release Release

	// Paths is the number of distribution paths per deployment, and also of receiver paths.
	Paths int
}

// Fleet creates installations for benchmarks: half of the processes are Extracts and half
// Replicats that read their trails, some lag, a few are down. Paths lead from each deployment to the
// next, and from the last to the first. The result is the same each time. A fleet keeps no request
// log, and a process costs only memory until it is requested.
func Fleet(n FleetSize) []Installation {
	fleet := make([]Installation, n.ServiceManagers)
	for m := range fleet {
		i := Installation{Release: n.Release, RequestLog: -1}
		if i.Release == "" {
			i.Release = Releases[m%len(Releases)]
		}
		for d := range n.Deployments {
			name, next := fleetName(m, d), fleetName(m, (d+1)%n.Deployments)
			i.Deployments = append(i.Deployments, fleetDeployment(name, next, n.Processes, n.Paths))
		}
		fleet[m] = i
	}
	return fleet
}

func fleetName(manager, deployment int) string {
	return fmt.Sprintf("gg%03d_%02d", manager+1, deployment+1)
}

func fleetDeployment(name, next string, processes, paths int) Deployment {
	d := Deployment{Name: name, Processes: make([]Process, processes)}
	for p := range d.Processes {
		d.Processes[p] = fleetProcess(name, p)
	}
	for n := range paths {
		out := fleetPath(name, next, n)
		d.DistributionPaths = append(d.DistributionPaths, out)
		d.ReceiverPaths = append(d.ReceiverPaths, ReceiverPath{
			Name: out.Name, LagSwing: out.LagSwing, LagPeriod: out.LagPeriod, Lag: out.Lag, Status: out.Status,
		})
	}
	return d
}

// fleetTrail returns the two letters of the nth trail that Extracts or, received, paths write.
func fleetTrail(n int, received bool) string {
	const letters, second = "abcdefghijklm", "abcdefghijklmnopqrstuvwxyz0123456789"
	first := letters[n/len(second)%len(letters)]
	if received {
		first += byte(len(letters))
	}
	return string([]byte{first, second[n%len(second)]})
}

// fleetPath returns a path that reads the trail of an Extract of the deployment and sends it to the
// next one.
func fleetPath(deployment, next string, n int) DistributionPath {
	p := DistributionPath{Name: fmt.Sprintf("PATH%05d", n), Extract: fmt.Sprintf("EXT%05d", 2*n), Target: next}
	p.Trail, p.TargetTrail = fleetTrail(n, false), fleetTrail(n, true)
	s := seed(deployment, p.Name)
	p.LagSwing, p.LagPeriod = time.Duration(s%10)*time.Second, 10*time.Minute
	switch s % 40 {
	case 0:
		p.Status = "killed"
	case 1:
		p.Status = "stopped"
	case 2:
		p.Lag = 15 * time.Minute
	}
	return p
}

func fleetProcess(deployment string, n int) Process {
	p := Process{Name: fmt.Sprintf("EXT%05d", n), Type: Extract}
	if n%2 == 1 {
		p = Process{Name: fmt.Sprintf("REP%05d", n), Type: Replicat, Mode: Parallel}
	}
	p.Trail = fleetTrail(n/2, false)
	s := seed(deployment, p.Name)
	p.LagSwing, p.LagPeriod = time.Duration(s%20)*time.Second, 10*time.Minute
	p.Heartbeat, p.OpenTransactions = s%2 == 0, int(s%6)
	p.DiscardsPerSecond, p.ConflictsPerSecond = float64(s%8/7)/100, float64(s%16/15)/100
	if p.Appliers = -1; s%16 == 4 {
		p.Appliers = 2
	}
	switch s % 40 {
	case 0:
		p.Status = "abended"
	case 1:
		p.Status = "stopped"
	case 2:
		p.NeverStarted = true
	case 3:
		p.Lag = 15 * time.Minute
	}
	return p
}

// Demo creates two installations that show everything an operator may meet: "emea" on 23ai with
// three deployments, one of them stopped, and "apac" on 19c with two. One Extract has a lag that
// grows and shrinks by minutes, one Replicat has abended, and one is stuck. The abended one is
// critical, so its Administration Service is unhealthy. Paths lead from london to frankfurt and
// back, where orders are replicated both ways, and from tokyo and london to sydney; one of those from london
// lags with its Extract, and one is stopped, so that its backlog and the trail grow. Of the orders,
// a parallel and a coordinated Replicat read the same trail. An initial load of london ended a day
// ago, and a task purges its trails; nothing purges that of an Extract in tokyo. The server certificate
// of london expires in 20 days. The database of frankfurt has heartbeats. The accounts of emea have the
// role Administrator. Performance Metrics loses packets in frankfurt, and does not hear from one
// Extract in tokyo. london has a long-running transaction, and frankfurt a Replicat with discards
// and conflicts.
func Demo() []Installation {
	return []Installation{demoEMEA(), demoAPAC()}
}

// DemoManaged returns a deployment that Oracle manages: on the latest release, behind a front that
// provides no access to a Service Manager.
func DemoManaged() Installation {
	sales := Deployment{Name: "Sales", Processes: []Process{
		{Name: "EXTCRM", Trail: "cm", Critical: true, LagSwing: 4 * time.Second, LagPeriod: 2 * time.Minute},
		{Name: "REPCRM", Type: Replicat, Mode: Parallel, Trail: "cm", LagSwing: 6 * time.Second, LagPeriod: 3 * time.Minute},
	}}
	sales.DataStreams = []DataStream{{Name: "crm", Extract: "EXTCRM", Lag: 2 * time.Second}}
	return Installation{TLS: true, ReverseProxy: true, WithoutServiceManager: true, Deployments: []Deployment{sales}, RequestLog: -1}
}

func demoEMEA() Installation {
	return Installation{
		Release:     Release23ai,
		TLS:         true,
		Role:        RoleAdministrator,
		Deployments: []Deployment{demoLondon(), demoFrankfurt(), {Name: "madrid", Status: "stopped", Processes: []Process{{Name: "EXTOLD"}}}},
		RequestLog:  -1,
	}
}

// demoProfile is the profile of managed processes that start and restart by themselves.
const demoProfile = "ogg:managedProcessSettings:critical"

// demoOrders is the Extract of orders in london.
func demoOrders() Process {
	return Process{
		Name: "EXTORD", Trail: "orders/ea", Critical: true, LagSwing: 6 * time.Second, LagPeriod: 3 * time.Minute,
		OperationsPerSecond: 220, OperationsSwing: 0.4, Tables: 12, Heartbeat: true, OpenTransactions: 7, OldestTransaction: 5 * time.Hour,
		ManagedProfile: demoProfile,
	}
}

func demoLondon() Deployment {
	london := Deployment{Name: "london", Processes: []Process{
		demoOrders(),
		{
			Name: "EXTBILL", Trail: "billing/eb", TrailSizeMB: 100, Lag: 2 * time.Minute, LagSwing: 16 * time.Minute, LagPeriod: 40 * time.Minute,
			Started:             24*time.Hour + 25*time.Minute, // so that the lag begins at 14 minutes
			OperationsPerSecond: 60, OperationsSwing: 0.9, Heartbeat: true,
		},
		{Name: "EXTNEW", NeverStarted: true},
		{Name: "INIORD", Trail: "initial/il", ExtractType: ExtractInitialLoad, Started: 25 * time.Hour, RunsFor: 40 * time.Minute, BytesPerSecond: 4_000_000},
		{
			Name: "REPORDF", Type: Replicat, Mode: ParallelIntegrated, Trail: "orders/ef", LagSwing: 5 * time.Second, LagPeriod: 4 * time.Minute,
			Heartbeat: true, Appliers: 2,
		},
	}}
	london.DistributionPaths = []DistributionPath{
		{Name: "orders", Extract: "EXTORD", Critical: true, LagSwing: 4 * time.Second, LagPeriod: 3 * time.Minute},
		{Name: "orders-apac", Extract: "EXTORD", Target: "sydney", TargetTrail: "eo", LagSwing: 8 * time.Second, LagPeriod: 3 * time.Minute},
		{Name: "billing", Extract: "EXTBILL", TargetSizeMB: 250, LagSwing: 30 * time.Second, LagPeriod: 20 * time.Minute},
		{Name: "archive", Extract: "EXTORD", TargetTrail: "archive/ea", Status: "stopped", Lag: 8 * time.Second, Stopped: 2 * time.Hour},
	}
	london.ReceiverPaths = []ReceiverPath{{Name: "orders-back", Extract: "EXTORDF", LagSwing: 3 * time.Second, LagPeriod: 4 * time.Minute}}
	london.ManagedProfiles = []ManagedProfile{{demoProfile, ManagedSettings{AutoStart: true, AutoRestart: true, RestartDelay: time.Minute}}}
	now := time.Now()
	london.Tasks = []Task{{
		Name: "purge", Description: "Purges the trails", Purges: []string{"orders/ea", "billing/eb"}, Keep: trailFilesKept,
		After: now.Sub(now.Truncate(time.Hour)) + 30*time.Minute, // it has ended when the demo begins
	}}
	london.Certificates = []Certificate{
		{Type: "server", Name: "default", NotAfter: now.AddDate(0, 0, 20), Served: true},
		{Type: "client", Name: "frankfurt", PrivateKey: true},
		{Type: "truststore", Name: "company"},
	}
	return london
}

func demoFrankfurt() Deployment {
	frankfurt := Deployment{Name: "frankfurt", Processes: []Process{
		{
			Name: "REPORD", Type: Replicat, Mode: Parallel, Trail: "orders/ea", Synchronized: true, LagSwing: 9 * time.Second, LagPeriod: 4 * time.Minute,
			Tables: 12, Heartbeat: true, DiscardsPerSecond: 0.05, ConflictsPerSecond: 0.4,
		},
		{
			Name: "REPBILL", Type: Replicat, Trail: "billing/eb", Status: "abended", Critical: true, Lag: 7 * time.Second, Stopped: 25 * time.Minute,
			ErrorCode: "OGG-01296", ErrorText: "Error mapping from BILLING.INVOICES to BILLING.INVOICES.",
		},
		{Name: "REPDWH", Type: Replicat, Mode: Coordinated, Threads: 3, Trail: "orders/ea", LagSwing: 40 * time.Second, LagPeriod: 10 * time.Minute},
		{
			Name: "EXTORDF", Trail: "orders/ef", LagSwing: 4 * time.Second, LagPeriod: 3 * time.Minute,
			OperationsPerSecond: 35, OperationsSwing: 0.3, Heartbeat: true,
		},
	}}
	frankfurt.Services = []Service{{Name: "adminsrvr"}, {Name: "distsrvr"}, {Name: "recvsrvr"}, {Name: "pmsrvr", LostPackets: 0.2}}
	frankfurt.DistributionPaths = []DistributionPath{{Name: "orders-back", Extract: "EXTORDF", LagSwing: 3 * time.Second, LagPeriod: 3 * time.Minute}}
	frankfurt.ReceiverPaths = []ReceiverPath{
		{Name: "orders", Extract: "EXTORD", Trail: "orders/ea", Critical: true, LagSwing: 5 * time.Second, LagPeriod: 3 * time.Minute},
		{Name: "billing", Extract: "EXTBILL", Trail: "billing/eb", LagSwing: 40 * time.Second, LagPeriod: 20 * time.Minute},
	}
	frankfurt.Connections = []Connection{{Name: "OracleGoldenGate.ggadmin", Heartbeats: []Heartbeat{
		{Path: "EXTORD ==> REPORD", SourceDatabase: "LONDON", TargetDatabase: "FRANKFURT"},
		{Path: "EXTBILL ==> REPBILL", SourceDatabase: "LONDON", TargetDatabase: "FRANKFURT"},
	}}}
	return frankfurt
}

func demoAPAC() Installation {
	orders := demoOrders()
	tokyo := Deployment{Name: "tokyo", Processes: []Process{
		{
			Name: "EXTINV", Trail: "ei", TrailSizeMB: 50, TrailKeep: -1, LagSwing: 5 * time.Second, LagPeriod: 2 * time.Minute,
			OperationsSwing: 0.5, Unavailable: []string{"handleCount", "pageFaults"},
		},
		{Name: "EXTHR", Trail: "eh", UnknownLag: true, MonitoredStatus: "NotResponsive"},
		{Name: "REPHR", Type: Replicat, Mode: Classic, Trail: "rh", Status: "stopped", Lag: 3 * time.Second, Stopped: 3 * time.Hour},
	}}
	tokyo.DistributionPaths = []DistributionPath{
		{Name: "inventory", Extract: "EXTINV", LagSwing: 6 * time.Second, LagPeriod: 4 * time.Minute},
		{Name: "hr", Extract: "EXTHR", UnknownLag: true, TargetTrail: "es"},
	}
	sydney := Deployment{
		Name: "sydney",
		Services: []Service{
			{Name: "adminsrvr"},
			{Name: "distsrvr", Unhealthy: true},
			{Name: "recvsrvr"},
			{Name: "pmsrvr", NonCritical: true, Disabled: true, Status: "stopped"},
		},
		Processes: []Process{
			{Name: "REPINV", Type: Replicat, Trail: "ei", LagSwing: 12 * time.Second, LagPeriod: 5 * time.Minute},
			{Name: "REPSTK", Type: Replicat, Trail: "es", Stuck: true, Lag: 4 * time.Second},
			{Name: "REPORDS", Type: Replicat, Trail: "eo", LagSwing: 7 * time.Second, LagPeriod: 4 * time.Minute},
		},
		ReceiverPaths: []ReceiverPath{
			{Name: "inventory", Extract: "EXTINV", Trail: "ei", LagSwing: 6 * time.Second, LagPeriod: 4 * time.Minute},
			{Name: "hr", Extract: "EXTHR", Trail: "es", UnknownLag: true},
			{Name: "orders-apac", Extract: orders.Name, Trail: "eo", Remote: &orders, RemoteDeployment: "london", LagSwing: 9 * time.Second, LagPeriod: 3 * time.Minute},
		},
	}
	return Installation{Release: Release19c, Deployments: []Deployment{tokyo, sydney}, RequestLog: -1}
}
