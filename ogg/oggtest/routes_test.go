package oggtest

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// complete has something for every route.
func complete(r Release, role Role) Installation {
	d := paths()
	d.Processes = append(d.Processes,
		Process{Name: "RPAR", Type: Replicat, Mode: Parallel, Trail: "ia", Heartbeat: true},
		Process{Name: "RCOORD", Type: Replicat, Mode: Coordinated, Threads: 2, Trail: "ia"},
	)
	d.Processes[0].Heartbeat, d.Processes[0].OpenTransactions = true, 1
	d.DataStreams = []DataStream{{Name: "stream", Extract: "EWEST"}}
	d.Certificates = []Certificate{{Type: "server", Name: "default"}}
	d.Tasks = []Task{{Name: "purge", Purges: []string{"ea"}}}
	return Installation{Release: r, Role: role, Clock: NewManualClock(noon), Deployments: []Deployment{d}}
}

// variables are what stands in a route's place for {names}.
var variables = map[string]string{
	"deployment": "west", "service": "adminsrvr", "trail": "ea", "type": "server", "certificate": "default", "task": "purge",
	"connection": "OracleGoldenGate.west", "profile": DefaultProfile,
}

// example returns the path of something that a route has, and the service that has it.
func example(r route) (service, path string) {
	service = "adminsrvr"
	if r.services != nil {
		service = r.services[0]
	}
	names := map[string]string{"process": "EWEST", "report": "EWEST.rpt", "path": "orders", "item": itemOf(r.describes)}
	switch {
	case strings.Contains(r.path, "/replicats/"):
		names["process"], names["report"] = "RPAR", "RPAR.rpt"
	case strings.Contains(r.path, "/targets/"):
		names["path"] = "incoming"
	case strings.Contains(r.path, "/stream/"):
		names["path"] = "stream"
	}
	path = r.path
	for _, all := range []map[string]string{variables, names} {
		for name, value := range all {
			path = strings.ReplaceAll(path, "{"+name+"}", value)
		}
	}
	return service, path
}

// itemOf returns a process that has a point of Performance Metrics.
func itemOf(point string) string {
	items := map[string]string{
		"statisticsReplicat": "RPAR", "statisticsTableReplicat": "RPAR", "parallelReplicat": "RPAR", "trailInput": "RPAR", "coordinationReplicat": "RCOORD",
		"serviceHealth": "ADMINSRVR", "pmsrvrStats": "PMSRVR", "distsrvrPathStats": "DISTSRVR", "distsrvrNetworkStats": "DISTSRVR",
		"distsrvrTableStats": "DISTSRVR", "recvsrvrStats": "RECVSRVR",
	}
	if item, ok := items[point]; ok {
		return item
	}
	return "EWEST"
}

// TestRoutes asks for every route: with the role that it needs and without, without credentials, in
// releases that have it and in others, and for something that does not exist.
func TestRoutes(t *testing.T) {
	t.Parallel()
	for _, release := range Releases {
		s, weak := start(t, complete(release, RoleAdministrator)), start(t, complete(release, RoleUser))
		for _, r := range resources {
			service, path := example(r)
			url := func(s *Server) string {
				deployment := "west"
				if service == serviceManager {
					deployment = serviceManager
				}
				return strings.TrimSuffix(s.ServiceURL(deployment, service), "/services/v2") + path
			}
			has := r.has == nil || r.has(s.profile)
			expect := func(s *Server, url string, status int, change ...func(*http.Request)) {
				t.Helper()
				if got, err := ask(s, url, change...); err != nil || got.StatusCode != status {
					t.Errorf("%s %s: %v %s, want %d: %.300s", release, path, err, got.Status, status, got.body)
				}
			}
			if !has {
				expect(s, url(s), 404)
				continue
			}
			expect(s, url(s), 200)
			if !r.open {
				expect(s, url(s), 401, anonymous)
			}
			if r.role != "" {
				expect(weak, url(weak), 403)
			} else {
				expect(weak, url(weak), 200)
			}
			if i := strings.LastIndex(r.path, "{"); i >= 0 {
				_, rest, _ := strings.Cut(r.path[i:], "}")
				head := strings.Join(strings.Split(path, "/")[:strings.Count(r.path[:i], "/")], "/")
				expect(s, strings.TrimSuffix(url(s), path)+head+"/NOTHERE"+rest, 404)
			}
		}
	}
}

// TestDefinitionShapes says per release what is, raw, at a place of an answer; "" is absent.
func TestDefinitionShapes(t *testing.T) {
	t.Parallel()
	count := func(raw string) [5]string { return [5]string{raw, raw, raw, `"` + raw + `"`, raw} }
	since := func(w [5]string, from int) [5]string {
		for i := range from {
			w[i] = ""
		}
		return w
	}
	const (
		e, r     = "adminsrvr/extracts/EWEST", "adminsrvr/replicats/RPAR"
		profile  = "adminsrvr/config/types/ogg:managedProcessSettings/values/ogg:managedProcessSettings:"
		oldest   = `"2026-03-01T11:00:00.000Z"`
		read     = `"2026-03-01T12:00:05.000Z"`
		exttrail = "response.extracts.0.trails.0."
	)
	shapes := []wire{
		{e, "response.source", alike(`"tranlogs"`)},
		{"adminsrvr/extracts/EINIT", "response.source", alike(`"tables"`)},
		{"adminsrvr/extracts/EINIT", "response.type", since(alike(`"Initial Load"`), 2)},
		{e, "response.type", since(alike(`"Integrated"`), 2)},
		{r, "response.type", [5]string{}},
		{r, "response.mode.parallel", alike("true")},
		{r, "response.source.name", alike(`"ia"`)},
		{r, "response.begin.sequence", [5]string{"", "", "", `"0"`, "0"}},
		{e, "response.managedProcessSettings", since(alike(`"`+DefaultProfile+`"`), 1)},
		{e, "response.critical", since(alike("false"), 1)},
		{"adminsrvr/extracts/EINIT", "response.managedProcessSettings.autoRestart.delay", since(count("30"), 1)},
		{"adminsrvr/extracts/EINIT", "response.managedProcessSettings.autoStart.enabled", since(alike("true"), 1)},
		{profile + "critical", "response.autoRestart.enabled", since(alike("true"), 1)},
		{profile + "Default", "response.autoRestart.enabled", since(alike("false"), 1)},
		{e + "/info", "response.items.1.name", alike(`"checkpoints"`)},
		{e + "/info/checkpoints", "response.$schema", alike(`"ogg:extractCheckpoints"`)},
		{e + "/info/checkpoints", "response.current.input.0.recovery.timestamp", alike(oldest)},
		{e + "/info/checkpoints", "response.current.input.0.current.timestamp", alike(read)},
		{e + "/info/checkpoints", "response.current.input.0.recovery.thread", count("1")},
		{e + "/info/checkpoints", "response.current.input.1.recovery.timestamp", alike(read)},
		{e + "/info/checkpoints", "response.current.input.1.current.sequence", count("410")},
		{e + "/info/checkpoints", "response.current.output.0.current.name", alike(`"ea"`)},
		{e + "/info/checkpoints", "response.history", [5]string{}},
		{e + "/info/checkpoints?history=2", "response.history.1.input.0.current.timestamp", alike(`"2026-03-01T11:59:45.000Z"`)},
		{"adminsrvr/extracts/ENEW/info/checkpoints", "response.current.input.0.current.offset", [5]string{"-2", "-2", `"-2"`, `"-2"`, "-2"}},
		{"adminsrvr/extracts/ENEW/info/checkpoints", "response.current.input.0.current.sequence", count("0")},
		{"adminsrvr/extracts/ENEW/info/checkpoints", "response.current.input.0.recovery.timestamp", alike("null")},
		{r + "/info/checkpoints", "response.$schema", alike(`"ogg:replicatCheckpoints"`)},
		{r + "/info/checkpoints", "response.current.input.0.current.name", alike(`"ia"`)},
		{r + "/info/checkpoints", "response.current.input.0.recovery", [5]string{}},
		{"distsrvr/exttrails", "response.$schema", alike(`"ogg:extractTrailsList"`)},
		{"distsrvr/exttrails", "response.extracts.0.isRunning", alike("true")},
		{"distsrvr/exttrails", exttrail + "name", alike(`"ea"`)},
		{"distsrvr/exttrails", exttrail + "sequence", count("4")},
		{"distsrvr/exttrails", exttrail + "sizeMB", count("500")},
		{"distsrvr/exttrails", exttrail + "sequenceMinInUse", since(count("4"), 2)},
		{"distsrvr/exttrails", exttrail + "spaceUsed", since(count("56500"), 2)},
		{"adminsrvr/trails?details=true", "response.items.0.details.sequenceMin", since(count("4"), 3)},
		{"adminsrvr/trails?details=true", "response.items.0.details.$schema", since(alike(`"ogg:trail"`), 3)},
		{"adminsrvr/trails", "response.items.0.details", [5]string{}},
		{"adminsrvr/trails/ea", "response.sizeMB", since(count("500"), 3)},
		{"adminsrvr/trails/ea", "response.spaceUsed", since(count("56500"), 3)},
		{"adminsrvr/trails/ea", "response.sequenceMinInUse", since(count("4"), 3)},
		{"adminsrvr/trails/ea", "response.sequenceLastArchived", [5]string{}},
		{"adminsrvr/trails/zz", "response.sequenceLastArchived.0.taskName", since(alike(`"keep"`), 3)},
		{"adminsrvr/trails/zz", "response.spaceUsed", [5]string{"", "", "", `"1000000077"`, "1000000077"}},
		{"distsrvr/sources/orders/stats", "response.lcrReceived", count("4056")},
		{"distsrvr/sources/orders/stats", "response.ddl", [5]string{"0", "0"}},
		{"distsrvr/sources/orders/stats", "response.ddlSent", since(count("0"), 2)},
		{"distsrvr/sources/orders/stats", "response.netStats.totalBytesSent", count("52000")},
		{"distsrvr/sources/orders/stats", "response.tableStatsDaily.0.tableName", alike(`"SALES.ORDERS"`)},
		{"distsrvr/sources/orders/stats", "response.tableStatsDaily.0.truncates", since(count("0"), 2)},
		{"recvsrvr/targets/incoming/stats", "response.$schema", alike(`"ogg:targetPathStats"`)},
		{"recvsrvr/targets/incoming/stats", "response.fileIoStats", alike("{}")},
		{"recvsrvr/targets/incoming/stats", "response.netStats.remoteAddress.host", alike(`"source.example"`)},
		{"recvsrvr/targets/incoming/progress", "response.trails.0.name", alike(`"ia"`)},
		{"recvsrvr/targets/incoming/progress", "response.trails.0.extract", alike(`"EFAR"`)},
		{"pmsrvr/monitoring/messages", "response.$schema", alike(`"monitoring:messages"`)},
		{"adminsrvr/connections/OracleGoldenGate.west/tables/heartbeatData?limit=1", "response.$schema", since(alike(`"ogg:processHeartbeat"`), 2)},
		{"adminsrvr/connections/OracleGoldenGate.west/tables/heartbeatData", "response.heartbeats.0.source", since(alike(`"WEST"`), 2)},
	}
	for n, release := range Releases {
		i := complete(release, RoleUser)
		d := &i.Deployments[0]
		d.Processes[0].OldestTransaction, d.Processes[0].RedoThreads = time.Hour, 2
		d.Processes = append(d.Processes,
			Process{
				Name: "EINIT", ExtractType: ExtractInitialLoad, Status: "stopped", Trail: "il",
				Managed: &ManagedSettings{AutoStart: true, RestartDelay: 30 * time.Second},
			},
			Process{Name: "ENEW", NeverStarted: true, Trail: "en"},
		)
		d.ManagedProfiles = []ManagedProfile{{"ogg:managedProcessSettings:critical", ManagedSettings{AutoRestart: true}}}
		d.Trails = []Trail{{Name: "zz", Sequence: 7, SequenceMin: 5, Offset: 77, SpaceUsed: 1000000077, ArchiveTask: "keep", LastArchived: 4}}
		d.ReceiverPaths[0].Extract = "EFAR"
		s := start(t, i)
		s.clock.(*ManualClock).Advance(10 * time.Second)
		for _, c := range shapes {
			service, path, _ := strings.Cut(c.url, "/")
			r, err := ask(s, s.ServiceURL("west", service)+"/"+path)
			if err != nil {
				t.Fatal(err)
			}
			if got := r.at(c.at); got != c.want[n] {
				t.Errorf("%s %s: %s is %s, want %s\n%.300s", release, c.url, c.at, got, c.want[n], r.body)
			}
		}
	}
}

// TestRoutesAgree checks that what several routes report is the same: counters of paths, what an
// Extract has written, and the oldest open transaction.
func TestRoutesAgree(t *testing.T) {
	t.Parallel()
	for _, release := range Releases {
		s, clock := monitoredWest(t, release)
		for range 5 {
			clock.Advance(7 * time.Minute)
			dist, admin := s.ServiceURL("west", "distsrvr"), s.ServiceURL("west", "adminsrvr")
			stats, points := get(t, s, dist+"/sources/one/stats", 200), mpoint(t, s, "DISTSRVR/distsrvrPathStats", 200)
			network, open := mpoint(t, s, "DISTSRVR/distsrvrNetworkStats", 200), mpoint(t, s, "E/currentInflightTransactions", 200)
			checkpoints, written := get(t, s, admin+"/extracts/E/info/checkpoints", 200), get(t, s, dist+"/exttrails", 200)
			status, read := get(t, s, admin+"/replicats/RP/info/status", 200), get(t, s, admin+"/replicats/RP/info/checkpoints", 200)
			input := "response.current.input.0."
			first := "response.statistics.0."
			for what, pair := range map[string][2]string{
				"received":    {stats.at("response.lcrReceived"), points.at(first + "lcrsReceived")},
				"sent":        {stats.at("response.lcrSent"), points.at(first + "lcrsSent")},
				"inserts":     {stats.at("response.inserts"), points.at(first + "totalInserts")},
				"bytes":       {stats.at("response.netStats.totalBytesSent"), network.at(first + "totalBytesSent")},
				"wait":        {stats.at("response.netStats.sendWaitTime"), network.at(first + "sendWaitTime")},
				"horizon":     {checkpoints.at(input + "recovery.timestamp"), open.at("response.currentInflightTransactions.0.startTime")},
				"its log":     {checkpoints.at(input + "recovery.sequence"), open.at("response.currentInflightTransactions.0.redoSeq")},
				"its offset":  {checkpoints.at(input + "recovery.offset"), open.at("response.currentInflightTransactions.0.redoRba")},
				"file":        {checkpoints.at("response.current.output.0.current.sequence"), written.at("response.extracts.0.trails.0.sequence")},
				"trail":       {checkpoints.at("response.current.output.0.current.name"), written.at("response.extracts.0.trails.0.name")},
				"read":        {read.at(input + "current.offset"), status.at("response.position.offset")},
				"file read":   {read.at(input + "current.sequence"), status.at("response.position.sequence")},
				"transaction": {open.at("response.currentInflightTransactions.0.redoThread"), checkpoints.at(input + "recovery.thread")},
			} {
				if pair[0] == "" || pair[0] != pair[1] {
					t.Errorf("%s: %s: %s and %s", release, what, pair[0], pair[1])
				}
			}
		}
	}
}

// TestMoreSamples compares answers with documented requests, which name the members of a resource,
// and with the members that programs read from live systems.
func TestMoreSamples(t *testing.T) {
	t.Parallel()
	i := complete(Release26ai, RoleUser)
	i.Deployments[0].Tasks = []Task{{Name: "lag"}}
	s := start(t, i)
	for _, c := range []struct {
		file, service, path string
		in                  func(sample map[string]any) any // where the members are
	}{
		{"tasks-task-post.26ai.request.json", "adminsrvr", "/tasks/lag", func(m map[string]any) any { return m }},
		{"sources-distpath-stats.SEEN.members.txt", "distsrvr", "/sources/orders/stats", func(m map[string]any) any { return m["response"] }},
		{"sources-distpath-detail-info-checkpoints.SEEN.members.txt", "distsrvr", "/sources/orders", func(m map[string]any) any {
			return m["GET /sources/{p}"].(map[string]any)["response"]
		}},
		{"sources-distpath-detail-info-checkpoints.SEEN.members.txt", "distsrvr", "/sources/orders/info", func(m map[string]any) any {
			return m["GET /sources/{p}/info"].(map[string]any)["response"]
		}},
		{"sources-distpath-detail-info-checkpoints.SEEN.members.txt", "distsrvr", "/sources/orders/checkpoints", func(m map[string]any) any {
			return m["GET /sources/{p}/checkpoints"].(map[string]any)["response"]
		}},
	} {
		t.Run(c.path, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "reference", "samples", "more", c.file))
			if err != nil {
				t.Skip("no recorded sample to compare with:", err)
			}
			got := decode(t, get(t, s, s.ServiceURL("west", c.service)+c.path, 200).body).(map[string]any)
			compareShapes(t, "response", got["response"], c.in(decode(t, body).(map[string]any)), false)
		})
	}
}
