package main

import (
	"crypto/x509"
	"maps"
	"slices"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// This file is the list of the requests that a scrape needs at least, written from Oracle's API
// and not from the exporter. It is for the steady state: what is read only once for each start of
// a service, such as config/summary, is not in it, nor what the release does not have.

const serviceManager = "ServiceManager"

// managerRoutes are needed of the Service Manager, whose address is known. There are two lists
// because only that of deployments has whether a deployment is managed, and only that of services
// the ports. Its health is known only to itself.
var managerRoutes = []string{"/installation/deployments", "/installation/services", "/config/health"}

// serviceRoutes are needed of each service once its port is known. Health, because only the
// service itself reports when it started and which resources make it unhealthy. The Extracts and
// the Replicats, because there is no common list.
var serviceRoutes = map[string][]string{
	"adminsrvr": {"/config/health", "/extracts?threads=none", "/replicats?threads=none"},
	"distsrvr":  {"/config/health"},
	"recvsrvr":  {"/config/health"},
	"pmsrvr":    {"/config/health"},
}

// moreServiceRoutes are the lists that all default collectors need as well. That of trails has, with
// details, all of what GET /trails/{t} has; exttrails has where Extracts write that are down, and all
// of that without Performance Metrics.
var moreServiceRoutes = map[string][]string{
	"adminsrvr": {"/trails?details=true"},
	"distsrvr":  {"/sources", "/stream", "/exttrails"},
	"recvsrvr":  {"/targets"},
	"pmsrvr":    {"/mpoints/processes"},
}

// processLists are the lists of the Administration Service that name the processes.
var processLists = map[oggtest.ProcessType]string{oggtest.Extract: "/extracts", oggtest.Replicat: "/replicats"}

// points are what the Performance Metrics Service reports about one process that runs. Each is a
// route of its own: the only one about all processes is mpoints/processes, which has their status.
// The Replicats of the fleet are parallel.
var points = map[oggtest.ProcessType][]string{
	oggtest.Extract: {
		"processPerformance", "statisticsExtract", "positionEr", "trailOutput", "cacheStatistics", "currentInflightTransactions",
	},
	oggtest.Replicat: {
		"processPerformance", "statisticsReplicat", "positionEr", "trailInput", "cacheStatistics", "parallelReplicat",
	},
}

// servicePoints are what it reports about a service.
var servicePoints = map[string][]string{
	"ADMINSRVR": {"processPerformance", "serviceHealth"},
	"DISTSRVR":  {"processPerformance", "serviceHealth", "trailInput"},
	"RECVSRVR":  {"processPerformance", "serviceHealth"},
	"PMSRVR":    {"processPerformance", "serviceHealth", "pmsrvrStats"},
}

// pathPoints are what it reports about all paths of a service at once. The lag's age and the
// checkpoints are not in it.
var pathPoints = map[string][]string{
	"DISTSRVR": {"distsrvrPathStats", "distsrvrNetworkStats"},
	"RECVSRVR": {"recvsrvrStats"},
}

// pathRoutes are needed of each path.
var pathRoutes = []string{"/info", "/checkpoints"}

// leastList is a list that grows.
type leastList struct {
	server   *oggtest.Server
	manager  int
	requests []Request
}

// add adds routes of a service.
func (l *leastList) add(step int, deployment, service string, routes ...string) {
	root := l.server.ServiceURL(deployment, service)
	for _, route := range routes {
		l.requests = append(l.requests, Request{Manager: l.manager, Deployment: deployment, Service: service, URL: root + route, Step: step})
	}
}

// leastOf returns the requests that a scrape of an installation with these deployments needs.
func leastOf(manager int, s *oggtest.Server, deployments []oggtest.Deployment, everything bool) []Request {
	l := &leastList{server: s, manager: manager}
	l.add(0, serviceManager, serviceManager, managerRoutes...)
	for _, d := range deployments {
		for _, service := range []string{"adminsrvr", "distsrvr", "recvsrvr", "pmsrvr"} {
			l.add(1, d.Name, service, serviceRoutes[service]...)
			if everything {
				l.add(1, d.Name, service, moreServiceRoutes[service]...)
			}
		}
		l.addProcesses(d)
		if !everything {
			continue
		}
		l.addPaths(d)
		l.addPoints(d)
	}
	return l.requests
}

// addProcesses adds the status of each process, because no list has its lag.
func (l *leastList) addProcesses(d oggtest.Deployment) {
	for _, p := range d.Processes {
		l.add(2, d.Name, "adminsrvr", processLists[typeOf(p)]+"/"+p.Name+"/info/status")
	}
}

// typeOf returns the type of a process, of which that of an Extract may be left out.
func typeOf(p oggtest.Process) oggtest.ProcessType {
	if p.Type == oggtest.Replicat {
		return oggtest.Replicat
	}
	return oggtest.Extract
}

// addPaths adds what is needed of each path.
func (l *leastList) addPaths(d oggtest.Deployment) {
	for _, route := range pathRoutes {
		for _, p := range d.DistributionPaths {
			l.add(2, d.Name, "distsrvr", "/sources/"+p.Name+route)
		}
		for _, p := range d.ReceiverPaths {
			l.add(2, d.Name, "recvsrvr", "/targets/"+p.Name+route)
		}
	}
}

// addPoints adds what is needed of the Performance Metrics Service. A process that does not run has
// no current figures. Where no heartbeat passes, heartbeat is not found, and needed only from time to
// time. That of the Distribution Service is about all its paths.
func (l *leastList) addPoints(d oggtest.Deployment) {
	about := func(item string, points []string) {
		for _, point := range points {
			l.add(2, d.Name, "pmsrvr", "/mpoints/"+item+"/"+point)
		}
	}
	for _, p := range d.Processes {
		if p.Status != "" || p.NeverStarted {
			continue
		}
		about(p.Name, points[typeOf(p)])
		if p.Heartbeat {
			about(p.Name, []string{"heartbeat"})
		}
	}
	for _, service := range slices.Sorted(maps.Keys(servicePoints)) {
		about(service, servicePoints[service])
	}
	if len(d.DistributionPaths) > 0 {
		about("DISTSRVR", pathPoints["DISTSRVR"])
	}
	if slices.ContainsFunc(d.DistributionPaths, func(p oggtest.DistributionPath) bool { return hasHeartbeats(d, p.Extract) }) {
		about("DISTSRVR", []string{"heartbeat"})
	}
	if len(d.ReceiverPaths) > 0 {
		about("RECVSRVR", pathPoints["RECVSRVR"])
	}
}

// hasHeartbeats reports whether the data of an Extract has heartbeats.
func hasHeartbeats(d oggtest.Deployment, extract string) bool {
	return slices.ContainsFunc(d.Processes, func(p oggtest.Process) bool { return p.Name == extract && p.Heartbeat })
}

// poolOf returns a pool with the CA's certificate.
func poolOf(ca []byte) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	return pool
}
