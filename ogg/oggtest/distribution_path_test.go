package oggtest

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// alike is a value that is alike in every release.
func alike(raw string) [5]string { return [5]string{raw, raw, raw, raw, raw} }

// wire says per release what is, raw, at a place of an answer; "" is absent.
type wire struct {
	url, at string
	want    [5]string // 12.3, 19c, 21c, 23ai, 26ai
}

// TestPathShapes says per release what the services of one deployment write about paths,
// trails and connections. A url begins with the service.
func TestPathShapes(t *testing.T) {
	t.Parallel()
	shapes := []wire{
		{"distsrvr/sources", "response.items.0.name", alike(`"orders"`)},
		{"distsrvr/sources", "response.items.0.status", [5]string{"", "", `"running"`, `"running"`, `"running"`}},
		{"distsrvr/sources/orders", "response.$schema", alike(`"ogg:distPath"`)},
		{"distsrvr/sources/orders", "response.status", alike(`"running"`)},
		{"distsrvr/sources/paused", "response.status", [5]string{`"paused"`, `"paused"`, `"paused"`, `"paused"`, `"stopped"`}},
		{"distsrvr/sources/odd", "response.status", alike(`"dreaming"`)},
		{"distsrvr/sources/orders", "response.begin.sequence", [5]string{"", "", "", `"0"`, "0"}},
		{"distsrvr/sources/orders", "response.targetInitiated", [5]string{"", "", "", "true", "true"}},
		{"distsrvr/sources/orders", "response.encryptionProfile", [5]string{"", `"LocalWallet"`, `"LocalWallet"`, `"LocalWallet"`, `"LocalWallet"`}},
		{"distsrvr/sources/orders", "response.options.critical", alike("true")},
		{"distsrvr/sources/orders", "response.target.uri", alike(`"ws://target.example:9014/services/v2/targets?trail=ra"`)},
		{"distsrvr/sources/none", "messages.0.code", alike(`"OGG-12031"`)},
		{"distsrvr/sources/none/info", "messages.0.code", alike(`"OGG-12031"`)},
		{"distsrvr/sources/none/checkpoints", "messages.0.code", alike(`"OGG-12031"`)},
		{"distsrvr/sources/orders/info", "response.lag", [5]string{"3", "3", "3", `"3"`, "3"}},
		{"distsrvr/sources/orders/info", "response.sinceLagReported", [5]string{"5", "5", "5", `"5"`, "5"}},
		{"distsrvr/sources/orders/info", "response.lastStarted", alike(`"2026-03-01T11:59:15.000Z"`)},
		{"distsrvr/sources/orders/info", "response.sourceExtractName", alike(`"EWEST"`)},
		{"distsrvr/sources/orders/info", "response.status", [5]string{}},
		{"distsrvr/sources/orders/info", "response.encryptionProfile", [5]string{"", `"LocalWallet"`, `"LocalWallet"`, `"LocalWallet"`, `"LocalWallet"`}},
		{"distsrvr/sources/never/info", "response.lastStarted", alike("null")},
		{"distsrvr/sources/paused/info", "response.lag", [5]string{}},
		{"distsrvr/sources/paused/info", "response.sinceLagReported", [5]string{}},
		{"distsrvr/sources/orders/checkpoints", "response.current.input.0.starting.offset", [5]string{"0", "0", "0", `"0"`, "0"}},
		{"distsrvr/sources/orders/checkpoints", "response.current.input.0.current.offset", [5]string{"48500", "48500", "48500", `"48500"`, "48500"}},
		{"distsrvr/sources/orders/checkpoints", "response.current.input.0.current.sequence", [5]string{"4", "4", "4", `"4"`, "4"}},
		{"distsrvr/sources/orders/checkpoints", "response.current.input.0.current.name", alike(`"ea"`)},
		{"distsrvr/sources/orders/checkpoints", "response.current.output.0.current.name", alike(`"ra"`)},
		{"distsrvr/sources/orders/checkpoints", "response.current.input.0.current.timestamp", alike(`"2026-03-01T12:00:05.000Z"`)},
		{"distsrvr/sources/unread/checkpoints", "response.current.input.0.current.offset", [5]string{"-2", "-2", "-2", `"-2"`, "-2"}},
		{"distsrvr/sources/never/checkpoints", "response.current", [5]string{}},
		{"distsrvr/sources/never/checkpoints", "response.$schema", alike(`"ogg:distPathCheckpoints"`)},
		{"distsrvr/config/health", "response.criticalResources.0", [5]string{
			`{"healthy":true,"name":"orders","status":"running","type":"distPath"}`, `{"healthy":true,"name":"orders","status":"running","type":"distPath"}`,
			`{"name":"orders","type":"distPath","status":"running","healthy":true}`, `{"name":"orders","type":"distPath","status":"running","healthy":true}`,
			`{"name":"orders","type":"distPath","status":"running","healthy":true}`,
		}},
		{"recvsrvr/targets", "response.items.0.name", alike(`"incoming"`)},
		{"recvsrvr/targets", "response.items.0.status", [5]string{"", "", `"stopped"`, `"stopped"`, `"stopped"`}},
		{"recvsrvr/targets/incoming", "response.status", alike(`"stopped"`)},
		{"recvsrvr/targets/incoming", "response.source.uri", alike(`"trail://source.example:9013/services/v2/sources?trail=xa"`)},
		{"recvsrvr/targets/incoming/info", "response.lag", [5]string{"", "7", "7", `"7"`, "7"}},
		{"recvsrvr/targets/incoming/info", "response.sinceLagReported", [5]string{"", "3615", "3615", `"3615"`, "3615"}},
		{"recvsrvr/targets/incoming/info", "messages.0.code", [5]string{`"OGG-12031"`, "", "", "", ""}},
		{"recvsrvr/targets/incoming/checkpoints", "response.current.output.0.current.name", [5]string{"", `"ia"`, `"ia"`, `"ia"`, `"ia"`}},
		{"recvsrvr/targets/none", "messages.0.code", alike(`"OGG-12031"`)},
		{"recvsrvr/config/health", "response.criticalResources.0.type", alike(`"recvPath"`)},
		{"recvsrvr/config/health", "response.healthy", alike("false")},
		{"adminsrvr/config/health", "response.criticalResources", [5]string{}},
		{"adminsrvr/sources", "messages.0.code", alike(`"OGG-12031"`)},
		{"adminsrvr/trails", "response.$schema", [5]string{"", "", `"ogg:trailCollection"`, `"ogg:trailCollection"`, `"ogg:trailCollection"`}},
		{"adminsrvr/trails", "messages.0.code", [5]string{`"OGG-12031"`, `"OGG-12031"`, "", "", ""}},
		{"adminsrvr/trails/ea", "response.name", [5]string{"", "", `"ea"`, `"ea"`, `"ea"`}},
		{"adminsrvr/trails/ea", "response.trailName", [5]string{"", "", "", `"ea"`, `"ea"`}},
		{"adminsrvr/trails/ea", "response.sequenceMin", [5]string{"", "", "4", `"4"`, "4"}},
		{"adminsrvr/trails/ea", "response.sequenceMax", [5]string{"", "", "4", `"4"`, "4"}},
		{"adminsrvr/trails/ea", "response.sequenceMaxInUse", [5]string{"", "", "4", `"4"`, "4"}},
		{"adminsrvr/trails/ea", "response.offset", [5]string{"", "", "56500", `"56500"`, "56500"}},
		{"adminsrvr/trails/ea", "response.remote", [5]string{"", "", "false", "false", "false"}},
		{"adminsrvr/trails/ea", "response.processRef.0.processName", [5]string{"", "", "", `"EWEST"`, `"EWEST"`}},
		{"adminsrvr/trails/ia", "response.remote", [5]string{"", "", "true", "true", "true"}},
		{"adminsrvr/trails/zz", "messages.0.code", alike(`"OGG-12031"`)},
		{"adminsrvr/connections", "response.items.0.name", alike(`"OracleGoldenGate.west"`)},
		{"adminsrvr/connections/OracleGoldenGate.west/tables/heartbeat", "response.frequency", [5]string{"", "60", "60", `"60"`, "60"}},
		{"adminsrvr/connections/OracleGoldenGate.west/tables/heartbeat", "response.trackingExtractRestart", [5]string{"", "", "true", "true", "true"}},
		{"adminsrvr/connections/OracleGoldenGate.west/tables/heartbeat/EWEST", "response.heartbeats.0.lagSeconds", [5]string{"", "53", "53", "53", "53"}},
		{"adminsrvr/connections/OracleGoldenGate.west/tables/heartbeat/EWEST", "response.heartbeats.0.ageSeconds", [5]string{"", "22.78", "22.78", "22.78", "22.78"}},
		{"adminsrvr/connections/OracleGoldenGate.west/tables/heartbeat/EWEST", "response.heartbeats.0.path", [5]string{
			"", `"EWEST ==> RWEST"`, `"EWEST ==> RWEST"`, `"EWEST ==> RWEST"`, `"EWEST ==> RWEST"`,
		}},
		{"adminsrvr/connections/OracleGoldenGate.bare/tables/heartbeat", "messages.0.code", alike(`"OGG-12031"`)},
	}
	for n, release := range Releases {
		clock := NewManualClock(noon)
		s := start(t, Installation{Release: release, Clock: clock, Deployments: []Deployment{paths()}})
		clock.Advance(10 * time.Second)
		for _, c := range shapes {
			service, path, _ := strings.Cut(c.url, "/")
			r, err := ask(s, s.ServiceURL("west", service)+"/"+path)
			if err != nil {
				t.Fatal(err)
			}
			if got := r.at(c.at); got != c.want[n] {
				t.Errorf("%s %s: %s is %s, want %s\n%s", release, c.url, c.at, got, c.want[n], r.body)
			}
		}
	}
}

// paths is a deployment with every kind of path, and what belongs to them.
func paths() Deployment {
	return Deployment{
		Name: "west",
		Processes: []Process{
			{Name: "EWEST", Trail: "ea", Sequence: 4, Started: 45 * time.Second, BytesPerSecond: 1000},
		},
		DistributionPaths: []DistributionPath{
			{Name: "orders", Extract: "EWEST", TargetTrail: "ra", Lag: 3 * time.Second, Critical: true, TargetInitiated: true},
			{Name: "paused", Status: "paused", UnknownLag: true, Trail: "ep"},
			{Name: "odd", Status: "dreaming", Trail: "eo"},
			{Name: "never", NeverStarted: true, Trail: "en"},
			{Name: "unread", NotRead: true, Trail: "eu"},
		},
		ReceiverPaths: []ReceiverPath{
			{Name: "incoming", Status: "stopped", Lag: 7 * time.Second, Trail: "ia", SourceTrail: "xa", Critical: true, Started: 3*time.Hour + 5*time.Second},
		},
		Connections: []Connection{
			{Name: "OracleGoldenGate.west", Heartbeats: []Heartbeat{
				{Path: "EWEST ==> RWEST", SourceDatabase: "WEST", TargetDatabase: "EAST", Lag: 53 * time.Second, Age: 12780 * time.Millisecond},
			}},
			{Name: "OracleGoldenGate.bare", NoTable: true},
		},
	}
}

// TestPathLife moves one path through its life and looks at info and checkpoints.
func TestPathLife(t *testing.T) {
	t.Parallel()
	clock := NewManualClock(noon)
	s := start(t, Installation{Release: Release19c, Clock: clock, Deployments: []Deployment{{
		Name: "west",
		DistributionPaths: []DistributionPath{{
			Name: "orders", Lag: time.Minute, LagSwing: 32 * time.Second, LagPeriod: 128 * time.Second, Started: time.Minute, BytesPerSecond: 100_000_000, Trail: "ea",
		}},
	}}})
	dist := s.ServiceURL("west", "distsrvr") + "/sources/orders"
	for n, step := range []struct {
		do       func()
		status   string
		start    string
		lag, age string
		from, to string // files of the current run
	}{
		{func() {}, "running", "11:59:00", "90", "0", "0", "6"},
		{func() { clock.Advance(12 * time.Second) }, "running", "11:59:00", "89", "2", "0", "8"},
		{func() { s.SetPathStatus("west", "orders", "paused") }, "paused", "11:59:00", "89", "2", "0", "8"},
		{func() { clock.Advance(time.Hour) }, "paused", "11:59:00", "89", "3602", "0", "8"},
		{func() { s.SetPathStatus("west", "orders", "killed") }, "killed", "11:59:00", "89", "3602", "0", "8"},
		{func() { s.SetPathStatus("west", "orders", "running") }, "running", "13:00:12", "3688", "0", "8", "8"},
		{func() { s.SetPathStatus("west", "orders", "stopping") }, "stopping", "13:00:12", "3688", "0", "8", "8"},
		{func() { clock.Advance(20 * time.Second) }, "stopping", "13:00:12", "3308", "0", "8", "88"},
		{func() { s.RestartPath("west", "orders") }, "running", "13:00:32", "3308", "0", "88", "88"},
	} {
		step.do()
		detail, info, checkpoints := get(t, s, dist, 200), get(t, s, dist+"/info", 200), get(t, s, dist+"/checkpoints", 200)
		for _, c := range []struct{ got, want string }{
			{detail.at("response.status"), `"` + step.status + `"`},
			{info.at("response.lastStarted"), `"2026-03-01T` + step.start + `.000Z"`},
			{info.at("response.lag"), step.lag},
			{info.at("response.sinceLagReported"), step.age},
			{checkpoints.at("response.current.input.0.starting.sequence"), step.from},
			{checkpoints.at("response.current.output.0.current.sequence"), step.to},
		} {
			if c.got != c.want {
				t.Errorf("step %d: %s, want %s", n, c.got, c.want)
			}
		}
	}
}

func TestAddAndRemovePaths(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{Deployments: []Deployment{west()}})
	dist, recv := s.ServiceURL("west", "distsrvr")+"/sources", s.ServiceURL("west", "recvsrvr")+"/targets"
	for range 2 {
		if err := s.AddReceiverPath("west", ReceiverPath{Name: "both"}); err != nil {
			t.Fatal(err)
		}
		if err := s.AddDistributionPath("west", DistributionPath{Name: "both"}); err != nil {
			t.Fatal(err)
		}
		if s.AddDistributionPath("west", DistributionPath{Name: "both"}) == nil || s.AddReceiverPath("west", ReceiverPath{Name: "9"}) == nil {
			t.Error("a name that is taken, or not of its form")
		}
		if got := slices.Concat(get(t, s, dist, 200).names(), get(t, s, recv, 200).names()); !slices.Equal(got, []string{"both", "both"}) {
			t.Error(got)
		}
		s.RemovePath("west", "both")
		get(t, s, dist+"/both", 404)
		get(t, s, recv+"/both", 200)
		s.SetPathStatus("west", "both", "stopped")
		if got := get(t, s, recv+"/both", 200).at("response.status"); got != `"stopped"` {
			t.Error(got)
		}
		s.RemovePath("west", "both")
		get(t, s, recv+"/both", 404)
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	s.RestartPath("west", "both")
}

// TestPathProcess is one for all paths of a service, and another after it starts anew.
func TestPathProcess(t *testing.T) {
	t.Parallel()
	clock := NewManualClock(noon)
	s := start(t, Installation{Clock: clock, Deployments: []Deployment{paths()}})
	pid := func(path string) string {
		return get(t, s, s.ServiceURL("west", "distsrvr")+"/sources/"+path+"/info", 200).at("response.processId")
	}
	before := pid("orders")
	if before == "" || before != pid("never") {
		t.Errorf("%s and %s", before, pid("never"))
	}
	clock.Advance(time.Minute)
	s.RestartService("west", "distsrvr")
	if before == pid("orders") {
		t.Error("the same process after a restart")
	}
}

// TestPathURIs are behind the front those of the front.
func TestPathURIs(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{Release: Release21c, TLS: true, ReverseProxy: true, Deployments: []Deployment{paths()}})
	r := get(t, s, s.URL()+"/services/v2/sources/orders", 200)
	want := `"trail://` + strings.TrimPrefix(s.ServiceURL("west", "distsrvr"), "https://") + `/sources?trail=ea"`
	if got := r.at("response.source.uri"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := r.at("response.target.uri"); got != `"wss://target.example:9014/services/v2/targets?trail=ra"` {
		t.Error(got)
	}
	r = get(t, s, s.URL()+"/services/v2/targets/incoming", 200)
	want = `"wss://` + strings.TrimPrefix(s.ServiceURL("west", "recvsrvr"), "https://") + `/targets?trail=ia"`
	if got := r.at("response.target.uri"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
