package ogg_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// modes is an installation with a process of each kind that the collector performance
// distinguishes.
func modes(release oggtest.Release) oggtest.Installation {
	return oggtest.Installation{
		Release: release,
		Clock:   oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)),
		Deployments: []oggtest.Deployment{{Name: "north", Processes: []oggtest.Process{
			{Name: "EXT1", Started: time.Hour, Tables: 5},
			{Name: "EXTDOWN", Status: "abended"},
			{Name: "PAR", Type: oggtest.Replicat, Mode: oggtest.Parallel, Started: time.Hour},
			{Name: "COORD", Type: oggtest.Replicat, Mode: oggtest.Coordinated, Threads: 2, Started: time.Hour},
		}}},
	}
}

// monitored returns the process of that name as the Performance Metrics Service sees it.
func monitored(t testing.TB, inst *ogg.Installation, name string) *ogg.Monitored {
	t.Helper()
	for _, p := range deployment(t, inst, "north").Monitored {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("%s is not monitored", name)
	return nil
}

// points returns the points requested for a process, sorted.
func points(s *oggtest.Server, process string) []string {
	var names []string
	for _, r := range s.Requests() {
		if name, ok := strings.CutPrefix(r.Path, "/services/v2/mpoints/"+process+"/"); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// TestPerformanceRequests checks the points requested for each kind of process.
func TestPerformanceRequests(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"EXT1":      {"cacheStatistics", "currentInflightTransactions", "positionEr", "processPerformance", "statisticsExtract", "trailOutput"},
		"EXTDOWN":   nil,
		"PAR":       {"cacheStatistics", "parallelReplicat", "positionEr", "processPerformance", "statisticsReplicat", "trailInput"},
		"COORD":     {"cacheStatistics", "coordinationReplicat", "positionEr", "processPerformance", "statisticsReplicat", "trailInput"},
		"ADMINSRVR": {"processPerformance", "serviceHealth"},
		"DISTSRVR":  {"processPerformance", "serviceHealth", "trailInput"},
		"RECVSRVR":  {"processPerformance", "serviceHealth"},
		"PMSRVR":    {"pmsrvrStats", "processPerformance", "serviceHealth"},
	}
	s, sm := simulate(t, modes(oggtest.Release26ai))
	inst := poll(t, newClient(t, sm, "performance"))
	if n := count(s, "/mpoints/processes"); n != 1 {
		t.Errorf("the list of processes was read %d times", n)
	}
	for process, names := range want {
		if got := points(s, process); !slices.Equal(got, names) {
			t.Errorf("%s got requests for %v, want %v", process, got, names)
		}
	}
	if p := monitored(t, inst, "EXTDOWN"); p.Status != "abend" || p.Statistics != nil {
		t.Errorf("EXTDOWN is %s, statistics %v", p.Status, p.Statistics)
	}
	if p := monitored(t, inst, "PAR"); p.Mode != "parallel" || p.Parallel == nil || p.Parallel.ActiveAppliers == (wire.Number{}) {
		t.Errorf("PAR: %+v", p)
	}
	if p := monitored(t, inst, "COORD"); p.Coordination == nil || p.Coordination.ThreadLagGap == (wire.Number{}) {
		t.Errorf("COORD: %+v", p)
	}
}

// TestPointsLacking checks that a point that answered 404 for a process is requested for it again
// after 1, 2, 4, 8, 10 … minutes, and that its figures come as soon as there are any, and in each
// poll from then on.
func TestPointsLacking(t *testing.T) {
	t.Parallel()
	i, clock := modes(oggtest.Release26ai), oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	i.Clock = clock
	for process, point := range map[string]string{
		"EXT1": "statisticsExtract", "PAR": "statisticsReplicat", "COORD": "coordinationReplicat", "ADMINSRVR": "serviceHealth",
	} {
		s, sm := simulate(t, i)
		mend := s.Fault(oggtest.Target{Path: "/services/v2/mpoints/" + process + "/" + point}, oggtest.Fault{Status: http.StatusNotFound})
		c := clockClient(t, sm, clock, "performance")
		polled := func(minutes int) []int {
			var at []int
			for m := range minutes {
				s.ResetRequests()
				poll(t, c)
				if slices.Contains(points(s, process), point) {
					at = append(at, m)
				}
				clock.Advance(time.Minute)
			}
			return at
		}
		if got, want := polled(36), []int{0, 1, 3, 7, 15, 25, 35}; !slices.Equal(got, want) {
			t.Errorf("%s of %s was requested after %v minutes, want %v", point, process, got, want)
		}
		mend()
		if got, want := polled(12), []int{9, 10, 11}; !slices.Equal(got, want) {
			t.Errorf("then %s of %s was requested after %v minutes, want %v", point, process, got, want)
		}
	}
}

// TestPointsAfterFailedList checks that what was learned about processes survives a list that
// could not be read.
func TestPointsAfterFailedList(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, modes(oggtest.Release12c)) // has no serviceHealth
	c := newClient(t, sm, "performance")
	poll(t, c)
	s.Fault(oggtest.Target{Path: "/services/v2/mpoints/processes"}, oggtest.Fault{Status: http.StatusInternalServerError, Times: 1})
	if failure(c.Poll(context.Background())) == nil {
		t.Error("the list did not fail")
	}
	s.ResetRequests()
	poll(t, c)
	if slices.Contains(points(s, "ADMINSRVR"), "serviceHealth") {
		t.Error("serviceHealth was requested again at once")
	}
}

// TestPointsAfterRestart checks that all points are requested again for a restarted process,
// and for no other.
func TestPointsAfterRestart(t *testing.T) {
	t.Parallel()
	i := modes(oggtest.Release26ai)
	clock := oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	i.Clock = clock
	s, sm := simulate(t, i)
	for _, process := range []string{"EXT1", "PAR"} {
		s.Fault(oggtest.Target{Path: "/services/v2/mpoints/" + process + "/cacheStatistics"}, oggtest.Fault{Status: http.StatusNotFound})
	}
	c := newClient(t, sm, "performance")
	poll(t, c)
	clock.Advance(time.Minute)
	s.RestartProcess("north", "EXT1")
	s.ResetRequests()
	poll(t, c)
	if !slices.Contains(points(s, "EXT1"), "cacheStatistics") {
		t.Error("EXT1 was not asked again after its restart")
	}
	if slices.Contains(points(s, "PAR"), "cacheStatistics") {
		t.Error("PAR was asked again without a restart")
	}
}

// TestPerformanceOptions checks that points and processes can be narrowed.
func TestPerformanceOptions(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, modes(oggtest.Release26ai))
	c, err := ogg.NewClient(sm, ogg.Options{Collectors: []string{"performance"}, Performance: ogg.PerformanceOptions{
		Points:  []string{"statisticsExtract", "positionEr"},
		Process: func(name string) bool { return name != "PAR" },
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	poll(t, c)
	for process, want := range map[string][]string{"EXT1": {"positionEr", "statisticsExtract"}, "PAR": nil, "COORD": {"positionEr"}, "ADMINSRVR": nil} {
		if got := points(s, process); !slices.Equal(got, want) {
			t.Errorf("%s got requests for %v, want %v", process, got, want)
		}
	}
}

// TestMonitoringOff checks that failures of the Performance Metrics Service affect only its own
// figures.
func TestMonitoringOff(t *testing.T) {
	t.Parallel()
	down, up := false, true
	for name, c := range map[string]struct {
		fault  oggtest.Fault
		status string
		up     *bool
		fails  bool
	}{
		"on":      {up: &up},
		"refused": {fault: oggtest.Fault{Refused: true}, up: &down, fails: true},
		"404":     {fault: oggtest.Fault{Status: http.StatusNotFound}, up: &down, fails: true},
		"503":     {fault: oggtest.Fault{Status: http.StatusServiceUnavailable}, up: &down, fails: true},
		"stopped": {status: "stopped", up: &down},
		"absent":  {status: "absent"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				i := modes(oggtest.Release26ai)
				if c.status == "absent" {
					i.Deployments[0].Services = []oggtest.Service{{Name: "adminsrvr"}}
				}
				s, sm := simulate(t, i)
				if c.fails {
					s.Fault(oggtest.Target{Service: "pmsrvr"}, c.fault)
				}
				if c.status == "stopped" {
					s.SetServiceStatus("north", "pmsrvr", "stopped")
				}
				inst := newClient(t, sm, "process", "performance").Poll(context.Background())
				d := deployment(t, inst, "north")
				if got := d.MonitoringUp; (got == nil) != (c.up == nil) || got != nil && *got != *c.up {
					t.Errorf("up is %v", got)
				}
				if len(d.Processes) != 4 || read(t, inst, "north", "process").Err != nil {
					t.Errorf("%d processes", len(d.Processes))
				}
				failed := slices.ContainsFunc(d.Reads, func(r ogg.Read) bool { return r.Collector == "performance" && r.Err != nil })
				if failed != c.fails || (len(d.Monitored) > 0) != (name == "on") {
					t.Errorf("failed %v, %d processes monitored", failed, len(d.Monitored))
				}
			})
		})
	}
}

// TestMonitorListFails checks that whoever needs the list of the Performance Metrics Service reports
// that it failed, if the collector performance does not.
func TestMonitorListFails(t *testing.T) {
	t.Parallel()
	i := north(oggtest.Release26ai)
	i.Deployments[0].DistributionPaths = []oggtest.DistributionPath{{Name: "PATH"}}
	i.Deployments[0].ReceiverPaths = []oggtest.ReceiverPath{{Name: "IN"}}
	i.Deployments[0].DataStreams = []oggtest.DataStream{{Name: "STREAM"}}
	for _, fault := range []oggtest.Fault{
		{Status: http.StatusInternalServerError},
		{Body: `{"response":{"processes":[{"processName":"EXT1","processType":"Extract","processState":"Running"},null]}}`},
	} {
		s, sm := simulate(t, i)
		s.Fault(oggtest.Target{Path: "/services/v2/mpoints/processes"}, fault)
		for _, collector := range []string{"heartbeat", "distribution_path", "receiver_path", "data_stream", "table"} {
			inst := newClient(t, sm, collector).Poll(context.Background())
			if read(t, inst, "north", collector).Err == nil {
				t.Errorf("%s reports nothing", collector)
			}
			inst = newClient(t, sm, collector, "performance").Poll(context.Background())
			if read(t, inst, "north", "performance").Err == nil {
				t.Errorf("with %s, performance reports nothing", collector)
			}
			again := slices.ContainsFunc(deployment(t, inst, "north").Reads, func(r ogg.Read) bool { return r.Collector == collector && r.Err != nil })
			if again != (collector == "table") {
				t.Errorf("%s reports it, too: %t", collector, again)
			}
		}
	}
}

// TestNoOpenTransactions checks that no open transactions are reported as 0, however GoldenGate
// says so, and that an unknown number is missing.
func TestNoOpenTransactions(t *testing.T) {
	t.Parallel()
	const path = "/services/v2/mpoints/EXT1/currentInflightTransactions"
	message := `{"messages":[{"code":"OGG-25166","title":"No open transactions.","severity":"INFO"}]}`
	for name, c := range map[string]struct {
		fault oggtest.Fault
		want  *ogg.OpenTransactions
	}{
		"200 and a message": {oggtest.Fault{Body: message}, &ogg.OpenTransactions{}},
		"404 and a message": {oggtest.Fault{Status: http.StatusNotFound, Body: message}, &ogg.OpenTransactions{}},
		"no list":           {oggtest.Fault{Body: `{"response":{}}`}, nil},
		"an empty list":     {oggtest.Fault{Body: `{"response":{"currentInflightTransactions":[]}}`}, &ogg.OpenTransactions{}},
		"404":               {oggtest.Fault{Status: http.StatusNotFound}, nil},
		"some": {
			oggtest.Fault{Body: `{"response":{"currentInflightTransactions":[{"startTime":"2026-03-01T11:00:00Z","scn":"0.1"},{"startTime":null,"scn":7},{"startTime":"2026-03-01T10:00:00Z"}]}}`},
			&ogg.OpenTransactions{Count: 3, Oldest: wire.Timestamp{Time: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)}},
		},
	} {
		s, sm := simulate(t, modes(oggtest.Release26ai))
		s.Fault(oggtest.Target{Path: path}, c.fault)
		got := monitored(t, poll(t, newClient(t, sm, "performance")), "EXT1").Transactions
		if (got == nil) != (c.want == nil) || got != nil && (got.Count != c.want.Count || !got.Oldest.Equal(c.want.Oldest.Time)) {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

// TestOnePointFails checks that a failing point affects no other.
func TestOnePointFails(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, modes(oggtest.Release26ai))
	s.Fault(oggtest.Target{Path: "/services/v2/mpoints/EXT1/positionEr"}, oggtest.Fault{HTML: true})
	inst := newClient(t, sm, "performance").Poll(context.Background())
	if err := read(t, inst, "north", "performance").Err; err == nil || !strings.Contains(err.Error(), "1 of ") {
		t.Errorf("got %v", err)
	}
	if p := monitored(t, inst, "EXT1"); p.Position != nil || p.Statistics == nil || p.Usage == nil {
		t.Errorf("got %+v", p)
	}
}

// TestListedTwice checks that of several runs of a process the latest counts, without a failure.
func TestListedTwice(t *testing.T) {
	t.Parallel()
	const (
		ended   = `{"processName":"EXT1","processType":"Extract","processState":"Stopped","startTime":"2026-03-01T10:00:00Z"}`
		running = `{"processName":"EXT1","processType":"Extract","processState":"Running","startTime":"2026-03-01T11:00:00Z"}`
		newer   = `{"processName":"EXT1","processType":"Extract","processState":"Abend","startTime":"2026-03-01T11:30:00Z"}`
		unknown = `{"processName":"EXT1","processType":"Extract","processState":"Running","startTime":null}`
		never   = `{"processName":"EXT1","processType":"Extract","processState":"Registered"}`
		same    = `{"processName":"EXT1","processType":"Extract","processState":"Killed","startTime":"2026-03-01T11:00:00Z"}`
	)
	for _, c := range []struct{ entries, want string }{
		{ended + "," + running, "running"},
		{running + "," + ended, "running"},
		{running + "," + newer + "," + ended, "abend"},
		{unknown + "," + ended, "stopped"},
		{ended + "," + unknown, "stopped"},
		{never + "," + unknown, "running"},
		{unknown + "," + never, "running"},
		{same + "," + running, "running"},
		{running + "," + same, "running"},
	} {
		s, sm := simulate(t, modes(oggtest.Release26ai))
		s.Fault(oggtest.Target{Path: "/services/v2/mpoints/processes"}, oggtest.Fault{Body: `{"response":{"processes":[` + c.entries + `]}}`})
		inst := poll(t, newClient(t, sm, "performance"))
		if n := len(deployment(t, inst, "north").Monitored); n != 1 {
			t.Errorf("%s: %d processes", c.entries, n)
		}
		if got := monitored(t, inst, "EXT1").Status; got != c.want {
			t.Errorf("%s: the one that is %s counts", c.entries, got)
		}
		if got := deployment(t, inst, "north").Remarks; len(got) != 1 || !strings.HasPrefix(got[0], "EXT1 is listed more than once") {
			t.Errorf("%s: got the remarks %q", c.entries, got)
		}
	}
}

// TestServiceListedTwice checks that a service is asked for its figures although a run of it that
// has ended is listed before it under another name.
func TestServiceListedTwice(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, modes(oggtest.Release26ai))
	s.Fault(oggtest.Target{Path: "/services/v2/mpoints/processes"}, oggtest.Fault{Body: `{"response":{"processes":[
		{"processName":"OLD","processType":"PMServer","processState":"Stopped"},
		{"processName":"PMSRVR","processType":"PMServer","processState":"Running"}]}}`})
	inst := poll(t, newClient(t, sm, "performance"))
	if p := monitored(t, inst, "PMSRVR"); p.Collecting == nil {
		t.Errorf("got %+v", p)
	}
}

// TestWorkers checks that workers of a Replicat are recognised in each release, by their parent
// or their mode, and are asked for nothing. A Replicat that is named like one is none.
func TestWorkers(t *testing.T) {
	t.Parallel()
	for _, release := range oggtest.Releases {
		i := modes(release)
		north := &i.Deployments[0]
		for n := range north.Processes {
			north.Processes[n].ListsWorkers = true
		}
		north.Processes = append(north.Processes, oggtest.Process{Name: "PAR001", Type: oggtest.Replicat}, oggtest.Process{Name: "PARA09", Type: oggtest.Replicat})
		s, sm := simulate(t, i)
		inst := poll(t, newClient(t, sm, "performance", "heartbeat", "table"))
		parent := ""
		if release == oggtest.Release23ai || release == oggtest.Release26ai {
			parent = "PAR"
		}
		for name, want := range map[string]string{"PARM01": parent, "PARA04": parent, "COORD002": "COORD"} {
			if p := monitored(t, inst, name); !p.IsWorker() || p.Parent != want {
				t.Errorf("%s: %s is a worker: %v, of %q", release, name, p.IsWorker(), p.Parent)
			}
			if got := points(s, name); len(got) > 0 {
				t.Errorf("%s: %s got requests for %v", release, name, got)
			}
		}
		for _, name := range []string{"EXT1", "PAR", "COORD", "PAR001", "PARA09"} {
			if p := monitored(t, inst, name); p.IsWorker() || p.Usage == nil || p.Statistics == nil {
				t.Errorf("%s: %s is a worker: %v", release, name, p.IsWorker())
			}
		}
	}
}

// TestOneTrailTwice checks that two locations that turn out to be one trail are reported once,
// with an error.
func TestOneTrailTwice(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, modes(oggtest.Release26ai))
	s.Fault(oggtest.Target{Path: "/services/v2/mpoints/EXT1/trailOutput"}, oggtest.Fault{
		Body: `{"response":{"trailOutputs":[{"trailName":"ea","trailPath":"/u02/north","trailSeq":1},{"trailName":"north/ea","trailSeq":2}]}}`,
	})
	inst := newClient(t, sm, "performance").Poll(context.Background())
	if trails := monitored(t, inst, "EXT1").Trails; len(trails) != 1 {
		t.Errorf("got %d trails", len(trails))
	}
	var duplicate *ogg.DuplicateError
	if err := read(t, inst, "north", "performance").Err; !errors.As(err, &duplicate) {
		t.Errorf("got %v", err)
	}
}

// TestTrailShapes checks a single trail, and arrays under all names.
func TestTrailShapes(t *testing.T) {
	t.Parallel()
	const one = `"trailName":"ea","trailPath":"/u02","trailSeq":"7","trailRba":100,"ioWriteBytes":5`
	for name, body := range map[string]string{
		"flat":         `{` + one + `}`,
		"trailOutputs": `{"trailOutputs":[{` + one + `}]}`,
		"trailOutput":  `{"trailOutput":[{` + one + `},{` + one + `}]}`,
	} {
		s, sm := simulate(t, modes(oggtest.Release26ai))
		s.Fault(oggtest.Target{Path: "/services/v2/mpoints/EXT1/trailOutput"}, oggtest.Fault{Body: `{"response":` + body + `}`})
		trails := monitored(t, poll(t, newClient(t, sm, "performance")), "EXT1").Trails
		if len(trails) != 1 || trails[0].Trail != "ea" || trails[0].Sequence != wire.NumberOf(7) || trails[0].Bytes != wire.NumberOf(5) || !trails[0].Output {
			t.Errorf("%s: got %+v", name, trails)
		}
	}
}
