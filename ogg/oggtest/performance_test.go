package oggtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// monitoredWest has every kind of process, two seconds after noon.
func monitoredWest(t *testing.T, r Release, change ...func(*Installation)) (*Server, *ManualClock) {
	t.Helper()
	clock := NewManualClock(noon)
	i := Installation{Release: r, Clock: clock, Deployments: []Deployment{{
		Name:     "west",
		Services: []Service{{Name: "adminsrvr"}, {Name: "distsrvr"}, {Name: "recvsrvr"}, {Name: "pmsrvr", LostPackets: 0.01}},
		Processes: []Process{
			{
				Name: "E", Trail: "ea", Lag: 1500 * time.Millisecond, Started: 100 * time.Second, OperationsPerSecond: 40, BytesPerSecond: 1000,
				Heartbeat: true, OpenTransactions: 2, OldestTransaction: 10 * time.Minute, Critical: true, DiscardsPerSecond: 0.5,
			},
			{Name: "EOLD", Trail: "eb", Status: "abended", Started: time.Hour, Stopped: 10 * time.Minute},
			{Name: "ENEW", NeverStarted: true},
			{Name: "EMUTE", MonitoredStatus: "NotResponsive", Started: time.Hour},
			{
				Name: "RP", Type: Replicat, Mode: Parallel, Started: 100 * time.Second, OperationsPerSecond: 40, Tables: 3,
				ConflictsPerSecond: 0.5, BytesPerSecond: 1000, Trail: "ra",
			},
			{Name: "RC", Type: Replicat, Mode: Coordinated, Threads: 2, Started: 100 * time.Second, OperationsPerSecond: 5},
			{Name: "RI", Type: Replicat, Unavailable: []string{"handleCount"}, Missing: []string{"pageFaults", "startTime"}, Null: []string{"lastCheckpointTs"}},
		},
		DistributionPaths: []DistributionPath{
			{Name: "one", Extract: "E", Lag: 7 * time.Second},
			{Name: "two", Extract: "EOLD", Status: "stopped", TargetInitiated: true, UnknownLag: true},
			{Name: "new", NeverStarted: true},
		},
		ReceiverPaths: []ReceiverPath{{Name: "in", Trail: "ra", Started: 100 * time.Second, BytesPerSecond: 1000}, {Name: "none", NeverStarted: true}},
	}}}
	for _, f := range change {
		f(&i)
	}
	s := start(t, i)
	clock.Advance(2 * time.Second)
	return s, clock
}

func mpoint(t *testing.T, s *Server, path string, status int) reply {
	t.Helper()
	return get(t, s, s.ServiceURL("west", "pmsrvr")+"/mpoints/"+path, status)
}

// TestPointShapes says per release what is, raw, at a place of an answer; "" is absent.
func TestPointShapes(t *testing.T) {
	t.Parallel()
	var servers []*Server
	for _, release := range Releases {
		s, _ := monitoredWest(t, release)
		servers = append(servers, s)
	}
	all := func(raw string) [5]string { return [5]string{raw, raw, raw, raw, raw} }
	count := func(raw string) [5]string { return [5]string{raw, raw, raw, `"` + raw + `"`, raw} }
	since := func(w [5]string, from int) [5]string {
		for i := range from {
			w[i] = ""
		}
		return w
	}
	for _, c := range []struct {
		path, at string
		want     [5]string // 12.3, 19c, 21c, 23ai, 26ai
	}{
		{"processes", "$schema", all(`"api:standardResponse"`)},
		{"processes", "response.$schema", all(`"mpoints:processes"`)},
		{"processes", "response.processes.0.processName", all(`"E"`)},
		{"processes", "response.processes.0.processType", all(`"Extract"`)},
		{"processes", "response.processes.0.processMode", all(`"Integrated"`)},
		{"processes", "response.processes.0.processState", all(`"Running"`)},
		{"processes", "response.processes.0.startTime", all(`"2026-03-01T11:58:20.000Z"`)},
		{"processes", "response.processes.0.stateTime", all(`"2026-03-01T11:58:20.000Z"`)},
		{"processes", "response.processes.0.lastHeartbeat", all(`"2026-03-01T12:00:02.000Z"`)},
		{"processes", "response.processes.0.lcrHeartbeatAge", since(count("42000"), 3)},
		{"processes", "response.processes.1.processState", all(`"Abend"`)},
		{"processes", "response.processes.1.stateTime", all(`"2026-03-01T11:50:00.000Z"`)},
		{"processes", "response.processes.2.processState", all(`"Registered"`)},
		{"processes", "response.processes.2.startTime", all("null")},
		{"processes", "response.processes.2.processId", [5]string{}},
		{"processes", "response.processes.2.lastMessage", count("0")},
		{"processes", "response.processes.3.processState", all(`"NotResponsive"`)},
		{"processes", "response.processes.3.lastHeartbeat", all(`"2026-03-01T12:00:00.000Z"`)},
		{"processes", "response.processes.4.processMode", all(`"Parallel"`)},
		{"processes", "response.processes.5.processMode", [5]string{`"Coordinated"`, `"Coordinated"`, `"Coordinated"`, `"ParallelMapper"`, `"ParallelMapper"`}},
		{"processes", "response.processes.5.parentName", [5]string{"", "", "", `"RP"`, `"RP"`}},
		{"processes", "response.processes.9.processState", all(`"Running"`)},
		{"DISTSRVR/process", "response.processType", all(`"DistServer"`)},
		{"DISTSRVR/process", "response.processMode", [5]string{`"Unknown"`, `"Not Applicable"`, `"Not Applicable"`, `"Not Applicable"`, `"Not Applicable"`}},
		{"RI/process", "response.startTime", [5]string{}},
		{"RC002/process", "response.processName", all(`"RC002"`)},
		{"RC002/process", "response.parentName", [5]string{"", "", "", `"RC"`, `"RC"`}},
		{"RPA04/process", "response.processMode", [5]string{"", "", "", `"ParallelApplier"`, `"ParallelApplier"`}},
		{"RI/processPerformance", "response.handleCount", count("-1")},
		{"RI/processPerformance", "response.pageFaults", [5]string{}},
		{"E/statisticsExtract", "response.mappedTotalInserts", count("2244")},
		{"E/statisticsExtract", "response.mappedTotalUpserts", since(count("10"), 1)},
		{"E/statisticsExtract", "response.totalDiscards", count("51")},
		{"E/statisticsExtract", "response.totalMetadataRecords", since(count("4"), 3)},
		{"RP/statisticsReplicat", "response.totalConflictsDetected", count("51")},
		{"RP/statisticsReplicat", "response.totalConflictsFailed", count("13")},
		{"RC001/statisticsReplicat", "response.mappedTotalInserts", count("140")},
		{"E/statisticsTableExtract", "response.statisticsTableExtract.0.tableName", all(`"SALES.ORDERS"`)},
		{"E/statisticsTableExtract", "response.statisticsTableExtract.0.targetTableName", since(all(`"SALES_COPY.ORDERS"`), 2)},
		{"E/statisticsTableExtract", "response.statisticsTableExtract.0.mappedTotalUpserts", since(count("5"), 1)},
		{"RP/trailInput", "response.trailName", [5]string{`"ra"`, `"ra"`, `"ra"`}},
		{"RP/trailInput", "response.trailInputs.0.trailRba", since(count("101500"), 3)},
		{"RP/trailInput", "response.trailInputs.0.trailPath", since(all(`"/u02/ogg/west/var/lib/data"`), 3)},
		{"DISTSRVR/trailInput", "response.trailInputs.1.trailName", all(`"eb"`)},
		{"E/trailOutput", "response.ioWriteBytes", [5]string{"102000", "102000", "102000"}},
		{"E/trailOutput", "response.trailOutputs.0.ioWriteBytes", since(count("102000"), 3)},
		{"E/positionEr", "response.lastOperationLagMs", count("1500")},
		{"E/positionEr", "response.endOfFile", since(all("false"), 3)},
		{"E/positionEr", "response.lowWatermarkLagMs", [5]string{}},
		{"RI/positionEr", "response.lowWatermarkLagMs", since(count("1500"), 3)},
		{"RI/positionEr", "response.lastCheckpointTs", all("null")},
		{"RP/parallelReplicat", "response.activeAppliers", since(count("4"), 1)},
		{"RP/parallelReplicat", "response.totalTransactions", count("122")},
		{"RP/parallelReplicat", "response.storedProcedures", [5]string{"0"}},
		{"RC/coordinationReplicat", "response.isReplicatCoordinator", all("true")},
		{"RC001/coordinationReplicat", "response.isReplicatCoordinator", all("false")},
		{"E/currentInflightTransactions", "response.currentInflightTransactions.0.startTime", all(`"2026-03-01T11:50:00.000Z"`)},
		{"E/currentInflightTransactions", "response.currentInflightTransactions.1.startTime", all(`"2026-03-01T11:55:00.000Z"`)},
		{"E/currentInflightTransactions", "response.currentInflightTransactions.1.coUid", since(all(`""`), 2)},
		{"E/heartbeat", "response.heartbeats.0.heartbeatName", since(all(`"E"`), 2)},
		{"E/heartbeat", "response.heartbeats.0.heartbeatAge", since(count("42000"), 2)},
		{"DISTSRVR/heartbeat", "response.heartbeats.0.heartbeatName", since(all(`"one"`), 2)},
		{"ADMINSRVR/serviceHealth", "response.criticalResourcesHealthy", since(count("1"), 3)},
		{"DISTSRVR/serviceHealth", "response.isHealthy", since(all("true"), 3)},
		{"PMSRVR/pmsrvrStats", "response.missingPackets", count("864")},
		{"PMSRVR/pmsrvrStats", "response.udpBufferSize", [5]string{"1048576", "1048576"}},
		{"PMSRVR/pmsrvrStats", "response.recvBufferSize", since(count("1048576"), 2)},
		{"DISTSRVR/distsrvrPathStats", "response.statistics.0.lcrsReceived", count("3860")},
		{"DISTSRVR/distsrvrPathStats", "response.statistics.0.lag", since(count("7"), 2)},
		{"DISTSRVR/distsrvrPathStats", "response.statistics.1.status", since(all(`"stopped"`), 2)},
		{"DISTSRVR/distsrvrPathStats", "response.statistics.1.lag", [5]string{}},
		{"DISTSRVR/distsrvrPathStats", "response.statistics.2.lastStarted", since(all("null"), 4)},
		{"DISTSRVR/distsrvrPathStats", "response.statistics.2.lcrsReceived", count("0")},
		{"DISTSRVR/distsrvrNetworkStats", "response.statistics.0.totalBytesSent", count("96500")},
		{"DISTSRVR/distsrvrNetworkStats", "response.statistics.0.dataStreaming", since(all("false"), 4)},
		{"RECVSRVR/recvsrvrStats", "response.recvsrvrStats.0.totalBytesWritten", count("102000")},
		{"RECVSRVR/recvsrvrStats", "response.recvsrvrStats.0.pathName", since(all(`"in"`), 3)},
		{"RECVSRVR/recvsrvrStats", "response.recvsrvrStats.0.targetFileName", all(`"ra000000000"`)},
		{"RECVSRVR/recvsrvrStats", "response.recvsrvrStats.1", [5]string{}},
		{"E/heartbeat", "messages.0.code", [5]string{`"OGG-12031"`, `"OGG-12031"`}},
	} {
		for n, release := range Releases {
			t.Run(string(release)+"/"+c.path+" "+c.at, func(t *testing.T) {
				s := servers[n]
				r, err := ask(s, s.ServiceURL("west", "pmsrvr")+"/mpoints/"+c.path)
				if err != nil {
					t.Fatal(err)
				}
				if got := r.at(c.at); got != c.want[n] {
					t.Errorf("%s is %s, want %s\n%s", c.at, got, c.want[n], r.body)
				}
			})
		}
	}
}

// TestPointsOfOthers asks processes for what belongs to others.
func TestPointsOfOthers(t *testing.T) {
	t.Parallel()
	s, _ := monitoredWest(t, Release26ai)
	for _, path := range []string{
		"NOBODY/process", "e/process", "E/statisticsReplicat", "RP/statisticsExtract", "E/trailInput", "RP/trailOutput",
		"RI/parallelReplicat", "RP/coordinationReplicat", "RP/currentInflightTransactions", "RP/statisticsTableExtract",
		"E/statisticsTableReplicat", "E/serviceHealth", "ADMINSRVR/pmsrvrStats", "PMSRVR/positionEr", "RECVSRVR/trailInput",
		"ADMINSRVR/heartbeat", "RPA01/statisticsReplicat", "RC003/process", "E/networkStatistics", "RECVSRVR/distsrvrPathStats",
		"DISTSRVR/recvsrvrStats", "DISTSRVR/cacheStatistics", "E",
	} {
		if r := mpoint(t, s, path, 404); r.at("messages.0.code") != `"OGG-12031"` {
			t.Errorf("%s: %s", path, r.body)
		}
	}
	get(t, s, s.ServiceURL("west", "adminsrvr")+"/mpoints/processes", 404)
	get(t, s, s.ServiceURL("ServiceManager", "ServiceManager")+"/mpoints/processes", 404)
}

func TestNoData(t *testing.T) {
	t.Parallel()
	quiet := []string{
		"ENEW/statisticsExtract", "ENEW/processPerformance", "ENEW/positionEr", "EOLD/currentInflightTransactions",
	}
	for _, release := range Releases {
		s, _ := monitoredWest(t, release)
		for _, path := range quiet {
			r := mpoint(t, s, path, 200)
			if r.at("messages.0.code") != `"OGG-25166"` || r.at("messages.1") != "" || r.at("response") != "" ||
				r.at("$schema") != `"api:standardResponse"` || r.at("links.0") == "" {
				t.Errorf("%s: %s", path, r.body)
			}
		}
	}
	s, _ := monitoredWest(t, Release26ai, func(i *Installation) { i.NoData = NoDataNotFound })
	for _, path := range quiet {
		if r := mpoint(t, s, path, 404); r.at("messages.0.code") != `"OGG-25166"` {
			t.Errorf("%s: %s", path, r.body)
		}
	}
	mpoint(t, s, "EOLD/heartbeat", 404)

	s, _ = monitoredWest(t, Release26ai, func(i *Installation) { i.NoData = NoDataEmpty })
	for path, list := range map[string]string{
		"EOLD/currentInflightTransactions": "currentInflightTransactions", "EOLD/heartbeat": "heartbeats",
	} {
		if r := mpoint(t, s, path, 200); r.at("response."+list) != "[]" {
			t.Errorf("%s: %s", path, r.body)
		}
	}
	s.SetOpenTransactions("west", "EOLD", 1, time.Hour)
	mpoint(t, s, "EOLD/currentInflightTransactions", 200)
	if r := mpoint(t, s, "ENEW/statisticsExtract", 200); r.at("response") != "" {
		t.Errorf("%s", r.body)
	}

	bare := start(t, Installation{Deployments: []Deployment{{Name: "west"}}})
	for _, path := range []string{"DISTSRVR/distsrvrPathStats", "DISTSRVR/trailInput", "RECVSRVR/recvsrvrStats"} {
		if r := mpoint(t, bare, path, 200); r.at("response") != "" {
			t.Errorf("%s: %s", path, r.body)
		}
	}
}

// everyPoint has one process for each point.
var everyPoint = []string{
	"E/process", "E/processPerformance", "E/cacheStatistics", "E/statisticsExtract", "E/statisticsTableExtract",
	"E/currentInflightTransactions", "E/positionEr", "E/trailOutput", "E/heartbeat", "RP/statisticsReplicat",
	"RP/statisticsTableReplicat", "RP/parallelReplicat", "RP/trailInput", "RC/coordinationReplicat",
	"ADMINSRVR/serviceHealth", "PMSRVR/pmsrvrStats", "DISTSRVR/distsrvrPathStats", "DISTSRVR/distsrvrNetworkStats",
	"DISTSRVR/distsrvrTableStats", "RECVSRVR/recvsrvrStats",
}

// counters finds the numbers of an answer that only grow, by where they are.
func counters(t *testing.T, r reply) map[string]int64 {
	t.Helper()
	found := map[string]int64{}
	var walk func(string, any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name := range v {
				walk(at+"."+name, v[name])
			}
		case []any:
			for i := range v {
				walk(at+"[]"+string(rune('0'+i)), v[i])
			}
		case float64:
			name := at[strings.LastIndexByte(at, '.')+1:]
			gauge := name == "totalObjectsInCache" || name == "totalObjectsActive" || strings.HasSuffix(name, "Entries")
			if !gauge && (strings.HasPrefix(name, "total") || strings.HasPrefix(name, "mappedTotal") || strings.HasPrefix(name, "lcrs") ||
				strings.HasPrefix(name, "io") || strings.HasSuffix(name, "TimeUs")) {
				found[at] = int64(v)
			}
		}
	}
	walk("", decode(t, r.body).(map[string]any)["response"])
	return found
}

func TestPointsGrowFreezeAndRestart(t *testing.T) {
	t.Parallel()
	s, clock := monitoredWest(t, Release26ai)
	at := func() map[string]int64 {
		all := map[string]int64{}
		for _, path := range everyPoint {
			for name, n := range counters(t, mpoint(t, s, path, 200)) {
				all[path+name] = n
			}
		}
		return all
	}
	before := at()
	if len(before) < 100 {
		t.Fatalf("only %d counters", len(before))
	}
	for _, step := range []time.Duration{time.Second, time.Minute, 24 * time.Hour, 7 * time.Second} {
		clock.Advance(step)
		now, grew := at(), 0
		for name, n := range now {
			if n < before[name] {
				t.Errorf("%s fell from %d to %d", name, before[name], n)
			}
			if n > before[name] {
				grew++
			}
		}
		if grew < 20 {
			t.Errorf("only %d grew after %s", grew, step)
		}
		before = now
	}

	for _, process := range []string{"E", "RP", "RC"} {
		s.SetProcessStatus("west", process, "stopped")
	}
	s.SetPathStatus("west", "one", "stopped")
	s.SetServiceStatus("west", "distsrvr", "stopped")
	before = at()
	clock.Advance(time.Hour)
	for name, n := range at() {
		if n != before[name] && !strings.HasPrefix(name, "PMSRVR") && !strings.HasPrefix(name, "RECVSRVR") {
			t.Errorf("%s moved from %d to %d", name, before[name], n)
		}
	}
	if r := mpoint(t, s, "DISTSRVR/process", 200); r.at("response.processState") != `"Stopped"` || r.at("response.stateTime") != `"2026-03-02T12:01:10.000Z"` {
		t.Errorf("%s", r.body)
	}

	for _, process := range []string{"E", "RP", "RC"} {
		s.RestartProcess("west", process)
	}
	s.SetServiceStatus("west", "distsrvr", "running")
	s.RestartPath("west", "one")
	for name, n := range at() {
		if n != 0 && !strings.HasPrefix(name, "PMSRVR") && !strings.HasPrefix(name, "RECVSRVR") {
			t.Errorf("%s is %d after the start", name, n)
		}
	}
	clock.Advance(10 * time.Second)
	if r := mpoint(t, s, "E/statisticsExtract", 200); r.at("response.mappedTotalInserts") != "4400" { // it catches up
		t.Errorf("%s", r.body)
	}
}

// TestTablesAddUp compares a process's operations with those of its tables and threads.
func TestTablesAddUp(t *testing.T) {
	t.Parallel()
	s, clock := monitoredWest(t, Release26ai)
	for range 20 {
		clock.Advance(13 * time.Second)
		m := &exchange{destination: destination{dep: s.find("west")}, server: s, now: clock.Now()}
		for _, name := range []string{"E", "RP", "RI"} {
			p, sum := m.monitored(name), int64(0)
			for i := range p.tables() {
				sum += p.ofTable(i, p.operations())
			}
			if sum != p.operations() {
				t.Errorf("%s: %d in tables, %d in all", name, sum, p.operations())
			}
		}
		if a, b, all := m.monitored("RC001"), m.monitored("RC002"), m.monitored("RC"); a.operations()+b.operations() != all.operations() {
			t.Error(a.operations(), b.operations(), all.operations())
		}
	}
}

func TestMonitoredStatus(t *testing.T) {
	t.Parallel()
	s, clock := monitoredWest(t, Release26ai)
	entry := func() string {
		r := mpoint(t, s, "E/process", 200)
		return r.at("response.processState") + r.at("response.lastHeartbeat")
	}
	s.SetMonitoredStatus("west", "E", "NotResponsive")
	clock.Advance(time.Minute)
	if got := entry(); got != `"NotResponsive""2026-03-01T12:00:02.000Z"` {
		t.Error(got)
	}
	if r := mpoint(t, s, "E/statisticsExtract", 200); r.at("response.mappedTotalInserts") != "2244" {
		t.Errorf("%s", r.body)
	}
	get(t, s, s.ServiceURL("west", "adminsrvr")+"/extracts/E/info/status", 200)
	s.SetMonitoredStatus("west", "E", "")
	if got := entry(); got != `"Running""2026-03-01T12:01:02.000Z"` {
		t.Error(got)
	}
	s.SetProcessStatus("west", "E", "killed")
	if got := entry(); got != `"Killed""2026-03-01T12:01:02.000Z"` {
		t.Error(got)
	}
}

func TestTimestampStyles(t *testing.T) {
	t.Parallel()
	for style, want := range map[TimestampStyle]string{
		TimestampsPlain: `"2026-03-01T11:58:20.000Z"`, TimestampsLowerCase: `"2026-03-01t11:58:20.000000Z"`, TimestampsBlank: `"2026-03-01 12:58:20+01:00"`,
	} {
		s, _ := monitoredWest(t, Release19c, func(i *Installation) { i.Timestamps = style })
		if r := mpoint(t, s, "E/process", 200); r.at("response.startTime") != want {
			t.Errorf("%s", r.body)
		}
	}
}

func TestTrailInputShapes(t *testing.T) {
	t.Parallel()
	for shape, at := range map[TrailInputShape]string{
		TrailInputByRelease: "trailName", TrailInputObject: "trailName", TrailInputs: "trailInputs.0.trailName", TrailInputArray: "trailInput.0.trailName",
	} {
		s, _ := monitoredWest(t, Release19c, func(i *Installation) { i.TrailInput = shape })
		if r := mpoint(t, s, "RP/trailInput", 200); r.at("response."+at) != `"ra"` {
			t.Errorf("%q: %s", shape, r.body)
		}
	}
	s := start(t, Installation{Release: Release23ai, Deployments: []Deployment{{Name: "west", Processes: []Process{
		{Name: "R", Type: Replicat, Trail: "north/ea"}, {Name: "S", Type: Replicat, Trail: "north/ea", TrailPath: "/x"},
	}}}})
	for item, path := range map[string]string{"R": `"/u02/ogg/west/var/lib/data/north"`, "S": `"/x"`} {
		r := mpoint(t, s, item+"/trailInput", 200)
		if r.at("response.trailInputs.0.trailName") != `"ea"` || r.at("response.trailInputs.0.trailPath") != path {
			t.Errorf("%s", r.body)
		}
	}
}

func TestPerformanceFaults(t *testing.T) {
	t.Parallel()
	s, _ := monitoredWest(t, Release23ai)
	for _, status := range []int{503, 404} {
		clear := s.Fault(Target{Deployment: "west", Service: "pmsrvr"}, Fault{Status: status})
		for _, path := range append([]string{"processes"}, everyPoint...) {
			mpoint(t, s, path, status)
		}
		clear()
	}
	s.SetServiceStatus("west", "pmsrvr", "stopped")
	refused(t, s, s.ServiceURL("west", "pmsrvr")+"/mpoints/processes")
}

// TestPointSamples compares answers with the documented and recorded bodies: each member
// that these have must be there with the same type.
func TestPointSamples(t *testing.T) {
	t.Parallel()
	for file, c := range map[string]struct {
		release Release
		path    string
		exactly bool // there are no other members in response
	}{
		"mpoints-distsrvrNetworkStats__18.1.excerpt.json":          {Release12c, "DISTSRVR/distsrvrNetworkStats", true},
		"mpoints-distsrvrTableStats__12.3.excerpt.json":            {Release12c, "DISTSRVR/distsrvrTableStats", true},
		"mpoints-heartbeat__21.3.excerpt.json":                     {Release21c, "DISTSRVR/heartbeat", false},
		"mpoints-parallelReplicat__18.1.json":                      {Release12c, "RP/parallelReplicat", false},
		"mpoints-pmsrvrStats__26ai.excerpt.json":                   {Release26ai, "PMSRVR/pmsrvrStats", false},
		"mpoints-positionEr__12.3.excerpt.json":                    {Release12c, "E/positionEr", false},
		"mpoints-serviceHealth__26ai.excerpt.json":                 {Release26ai, "ADMINSRVR/serviceHealth", false},
		"mpoints-statisticsExtract__oci-2025.recorded-values.json": {Release26ai, "E/statisticsExtract", true},
		"mpoints-statisticsTableExtract__12.3.excerpt.json":        {Release12c, "E/statisticsTableExtract", true},
		"mpoints-statisticsTableReplicat__18.1.excerpt.json":       {Release12c, "RP/statisticsTableReplicat", false},
		"mpoints-trailInput__12.3.json":                            {Release12c, "RP/trailInput", true},
		"mpoints-distsrvrNetworkStats__21.3.excerpt.json":          {Release21c, "DISTSRVR/distsrvrNetworkStats", true},
	} {
		t.Run(file, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "reference", "samples", "data", file))
			if err != nil {
				t.Skip("no recorded sample to compare with:", err)
			}
			s, _ := monitoredWest(t, c.release, func(i *Installation) {
				if bytesAsText(body) {
					i.Numbers = NumbersQuoted
				}
			})
			got, want := decode(t, mpoint(t, s, c.path, 200).body), decode(t, body)
			if full, ok := want.(map[string]any)["response"]; ok {
				want = full
			}
			compareShapes(t, "response", got.(map[string]any)["response"], want, c.exactly)
		})
	}
}

// bytesAsText reports whether a body quotes its integers.
func bytesAsText(body []byte) bool {
	return strings.Contains(string(body), `WaitTime":"`) || strings.Contains(string(body), `heartbeatLag":"`)
}

func compareShapes(t *testing.T, at string, got, want any, exactly bool) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			t.Errorf("%s is %T", at, got)
			return
		}
		if a, b := slices.Sorted(maps.Keys(g)), slices.Sorted(maps.Keys(want)); exactly && !slices.Equal(a, b) {
			t.Errorf("%s has %v, want %v", at, a, b)
		}
		for name := range want {
			if _, ok := g[name]; !ok {
				t.Errorf("%s has no %s", at, name)
			} else {
				compareShapes(t, at+"."+name, g[name], want[name], exactly)
			}
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) == 0 {
			t.Errorf("%s is %v", at, got)
			return
		}
		compareShapes(t, at+"[]", g[0], want[0], exactly)
	case nil:
	default:
		if reflect.TypeOf(got) != reflect.TypeOf(want) {
			t.Errorf("%s is %T, want %T", at, got, want)
		}
	}
}

// TestDemoPoints finds every point, with data, in the demonstration.
func TestDemoPoints(t *testing.T) {
	t.Parallel()
	found, states := map[string]bool{}, map[string]bool{}
	for _, i := range Demo() {
		s := start(t, i)
		for _, d := range i.Deployments {
			pm := s.find(d.Name).find("pmsrvr")
			if down(d.Status) || !pm.up(s.find(d.Name)) {
				continue
			}
			url := s.ServiceURL(d.Name, "pmsrvr") + "/mpoints/"
			var doc struct {
				Response struct {
					Processes []struct{ ProcessName, ProcessState, ParentName string }
				}
			}
			if err := json.Unmarshal(get(t, s, url+"processes", 200).body, &doc); err != nil {
				t.Fatal(err)
			}
			for _, p := range doc.Response.Processes {
				states[p.ProcessState] = true
				found["a parent"] = found["a parent"] || p.ParentName != ""
				for _, at := range everyPoint {
					_, name, _ := strings.Cut(at, "/")
					if r, err := ask(s, url+p.ProcessName+"/"+name); err == nil && r.StatusCode == http.StatusOK && r.at("response") != "" {
						found[name] = true
						lost := r.at("response.missingPackets")
						found["lost packets"] = found["lost packets"] || lost != "" && strings.Trim(lost, `"`) != "0"
					}
				}
			}
		}
	}
	for _, at := range append([]string{"/a parent", "/lost packets"}, everyPoint...) {
		if _, name, _ := strings.Cut(at, "/"); !found[name] {
			t.Error("there is no", name)
		}
	}
	for _, state := range []string{"Running", "Abend", "Registered", "Stopped", "NotResponsive"} {
		if !states[state] {
			t.Error("nothing is", state)
		}
	}
}
