package oggtest

import (
	"fmt"
	"time"
)

// FleetSize says how many Service Managers Fleet makes, with how many deployments each and
// how many processes in each deployment.
type FleetSize struct {
	ServiceManagers, Deployments, Processes int

	// Release is that of all; the releases take turns when empty.
	Release Release
}

// Fleet makes installations for benchmarks: half Extracts, half Replicats, some lagging, a
// few down. It is the same each time. A fleet keeps no request log, and a process costs
// nothing but its memory until it is asked for.
func Fleet(n FleetSize) []Installation {
	fleet := make([]Installation, n.ServiceManagers)
	for m := range fleet {
		i := Installation{Release: n.Release, RequestLog: -1}
		if i.Release == "" {
			i.Release = Releases[m%len(Releases)]
		}
		for d := range n.Deployments {
			i.Deployments = append(i.Deployments, fleetDeployment(fmt.Sprintf("gg%03d_%02d", m+1, d+1), n.Processes))
		}
		fleet[m] = i
	}
	return fleet
}

func fleetDeployment(name string, processes int) Deployment {
	d := Deployment{Name: name, Processes: make([]Process, processes)}
	for p := range d.Processes {
		d.Processes[p] = fleetProcess(name, p)
	}
	return d
}

func fleetProcess(deployment string, n int) Process {
	p := Process{Name: fmt.Sprintf("EXT%05d", n), Type: Extract}
	if n%2 == 1 {
		p = Process{Name: fmt.Sprintf("REP%05d", n), Type: Replicat, Mode: Parallel}
	}
	s := seed(deployment, p.Name)
	p.LagSwing, p.LagPeriod = time.Duration(s%20)*time.Second, 10*time.Minute
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

// Demo makes two installations that show everything an operator may meet: "emea" of 23ai
// with three deployments, one of them stopped, and "apac" of 19c with two. One Extract lags
// by minutes that grow and shrink, one Replicat has abended, one is stuck, and the
// Administration Service of the abended one is unhealthy, for it is critical.
func Demo() []Installation {
	return []Installation{demoEMEA(), demoAPAC()}
}

func demoEMEA() Installation {
	london := Deployment{Name: "london", Processes: []Process{
		{Name: "EXTORD", Trail: "orders/ea", Critical: true, LagSwing: 6 * time.Second, LagPeriod: 3 * time.Minute},
		{Name: "EXTBILL", Trail: "billing/eb", Lag: 2 * time.Minute, LagSwing: 16 * time.Minute, LagPeriod: 20 * time.Minute},
		{Name: "EXTNEW", NeverStarted: true},
	}}
	frankfurt := Deployment{Name: "frankfurt", Processes: []Process{
		{Name: "REPORD", Type: Replicat, Mode: Parallel, Trail: "orders/ea", Synchronized: true, LagSwing: 9 * time.Second, LagPeriod: 4 * time.Minute},
		{Name: "REPBILL", Type: Replicat, Trail: "billing/eb", Status: "abended", Critical: true, Lag: 7 * time.Second, Stopped: 25 * time.Minute},
		{Name: "REPDWH", Type: Replicat, Mode: Coordinated, Threads: 3, Trail: "orders/ea", LagSwing: 40 * time.Second, LagPeriod: 10 * time.Minute},
	}}
	return Installation{
		Release:     Release23ai,
		Deployments: []Deployment{london, frankfurt, {Name: "madrid", Status: "stopped", Processes: []Process{{Name: "EXTOLD"}}}},
		RequestLog:  -1,
	}
}

func demoAPAC() Installation {
	tokyo := Deployment{Name: "tokyo", Processes: []Process{
		{Name: "EXTINV", Trail: "ei", LagSwing: 5 * time.Second, LagPeriod: 2 * time.Minute},
		{Name: "EXTHR", Trail: "eh", UnknownLag: true},
		{Name: "REPHR", Type: Replicat, Mode: Classic, Trail: "rh", Status: "stopped", Lag: 3 * time.Second, Stopped: 3 * time.Hour},
	}}
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
		},
	}
	return Installation{Release: Release19c, Deployments: []Deployment{tokyo, sydney}, RequestLog: -1}
}
