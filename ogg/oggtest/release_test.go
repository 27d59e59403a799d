package oggtest

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestWireShapes says per release what is, raw, at a place of an answer; "" is absent.
func TestWireShapes(t *testing.T) {
	t.Parallel()
	const (
		admin  = "admin:"
		status = "/extracts/EWEST/info/status"
		id     = `"64de33c7-23bc-5ce9-bcff-e8c2d6594148"`
	)
	for _, c := range []struct {
		url, at string
		want    [5]string // 12.3, 19c, 21c, 23ai, 26ai
	}{
		{"/installation/services?deployment=west", "response.services.0.status", [5]string{"", `"running"`, `"running"`, `"running"`, `"running"`}},
		{"/installation/services?deployment=west", "response.services.0.locked", [5]string{"", "", "false", "false", "false"}},
		{"/installation/deployments", "response.deployments.1.deploymentName", [5]string{"", `"west"`, `"west"`, `"west"`, `"west"`}},
		{"/installation/deployments", "messages.0.code", [5]string{`"OGG-12031"`, "", "", "", ""}},
		{"/installation/configuration", "response.configurationServiceEnabled", [5]string{"", "", "", "", "true"}},
		{"/deployments", "response.items.1.status", [5]string{}},
		{"/deployments/late", "response.status", [5]string{`"stopped"`, `"abended"`, `"abended"`, `"abended"`, `"abended"`}},
		{"/deployments/odd", "response.status", [5]string{`"frozen"`, `"frozen"`, `"frozen"`, `"frozen"`, `"frozen"`}},
		{"/deployments/west/services", "response.items.0.status", [5]string{"", "", "", `"running"`, `"running"`}},
		{"/deployments/west/services/distsrvr", "response.status", [5]string{`"stopped"`, `"stopped"`, `"starting"`, `"starting"`, `"starting"`}},
		{"/deployments/ServiceManager/services", "response.items.1.name", [5]string{"", "", "", `"pluginsrvr"`, `"pluginsrvr"`}},
		{"/deployments/late/services/adminsrvr", "response.status", [5]string{`"stopped"`, `"stopped"`, `"stopped"`, `"stopped"`, `"stopped"`}},
		{admin + "/extracts", "response.items.0.status", [5]string{"", "", `"running"`, `"running"`, `"running"`}},
		{admin + "/extracts/EWEST", "response.targets.0.name", [5]string{`"ea"`, `"ea"`, `"ea"`, `"ea"`, `"ea"`}},
		{admin + "/extracts/EWEST", "response.critical", [5]string{"", "true", "true", "true", "true"}},
		{admin + "/extracts/EWEST", "response.type", [5]string{"", "", `"Integrated"`, `"Integrated"`, `"Integrated"`}},
		{admin + "/extracts/ewest", "messages.0.code", [5]string{`"OGG-12031"`, `"OGG-12031"`, `"OGG-12031"`, `"OGG-12031"`, `"OGG-12031"`}},
		{admin + status, "response.lag", [5]string{"3", "3", "3", `"3"`, "3"}},
		{admin + status, "response.sinceLagReported", [5]string{"5", "5", "5", `"5"`, "5"}},
		{admin + status, "response.position", [5]string{
			`[{"offset":51500,"sequence":0,"thread":1}]`, "232046589203", `"0.232046589203"`, "2.32046589203E11", `{"csn":"232046589203"}`,
		}},
		{admin + "/extracts/EUNKNOWN/info/status", "response.lag", [5]string{}},
		{admin + "/extracts/EUNKNOWN/info/status", "response.sinceLagReported", [5]string{}},
		{admin + "/extracts/ENEVER/info/status", "response.lastStarted", [5]string{"null", "null", "null", "null", "null"}},
		{admin + "/extracts/ENEVER/info/status", "response.processId", [5]string{}},
		{admin + "/extracts/ENEVER/info/status", "response.sinceLagReported", [5]string{"3610", "3610", "3610", `"3610"`, "3610"}},
		{admin + "/replicats/RODD/info/status", "response.status", [5]string{`"napping"`, `"napping"`, `"napping"`, `"napping"`, `"napping"`}},
		{admin + "/replicats/RODD/info/status", "response.synchronized", [5]string{"", "", "true", "true", "true"}},
		{admin + "/replicats/RODD/info/status", "response.position.sequence", [5]string{"7", "7", "7", `"7"`, "7"}},
		{admin + "/replicats/RODD/info/status", "response.position.path", [5]string{
			`"/u02/ogg/west/var/lib/data"`, `"/u02/ogg/west/var/lib/data/"`, `"/u02/ogg/west/var/lib/data"`,
			`"/u02/ogg/west/var/lib/data/"`, `"/u02/ogg/west/var/lib/data"`,
		}},
		{admin + "/replicats/RODD/info/status", "response.position.name", [5]string{`"rw"`, `"rw"`, `"rw"`, `"west/rw"`, `"west/rw"`}},
		{admin + "/config/summary", "response.compatabilityLevel.current", [5]string{"6", "", "", "", ""}},
		{admin + "/config/summary", "response.compatibilityLevel.current", [5]string{"", "6", "7", `"7"`, "7"}},
		{admin + "/config/summary", "response.build.dbms", [5]string{`"Oracle 12c"`, `"Oracle"`, `"Oracle"`, `"Oracle"`, `"Oracle"`}},
		{admin + "/config/health", "response.criticalResources.0.name", [5]string{`"EWEST"`, `"EWEST"`, `"EWEST"`, `"EWEST"`, `"EWEST"`}},
		{admin + "/config/health", "response.healthy", [5]string{"true", "true", "true", "true", "true"}},
		{admin + "/config/health/check", "response.healthy", [5]string{"", "true", "true", "true", "true"}},
		{admin + "/config/health/check", "response.serviceManagerId", [5]string{"", "", id, id, id}},
		{admin + "/extracts/ENEVER/info/status", "response.position", [5]string{}},
		{admin + "/config/health/check", "response.serviceName", [5]string{"", `"adminsrvr"`, `"adminsrvr"`, `"adminsrvr"`, `"adminsrvr"`}},
		{"/config/health", "response.criticalResources", [5]string{}},
		{"/nothing", "$schema", [5]string{`"api:standardResponse"`, `"api:standardResponse"`, `"api:standardResponse"`, `"api:standardResponse"`, ""}},
		{"/nothing", "messages.0.type", [5]string{
			`"http://docs.oracle.com/goldengate/c1230/gg-winux/GMESG/oggus.htm#OGG-12031"`,
			`"http://docs.oracle.com/goldengate/c1910/gg-winux/GMESG/oggus.htm#OGG-12031"`,
			`"https://docs.oracle.com/en/middleware/goldengate/core/21.3/error-messages/"`,
			`"https://docs.oracle.com/en/middleware/goldengate/core/23.8/error-messages/"`,
			`"https://www.rfc-editor.org/rfc/rfc9110.html#name-status-codes"`,
		}},
		{"", "$schema", [5]string{`"api:version"`, `"api:version"`, `"api:version"`, `"api:version"`, `"api:version"`}},
		{"", "version", [5]string{`"v2"`, `"v2"`, `"v2"`, `"v2"`, `"v2"`}},
		{"", "response", [5]string{}},
	} {
		for n, release := range Releases {
			t.Run(string(release)+c.url+" "+c.at, func(t *testing.T) {
				s := shapes(t, release)
				url := s.ServiceURL("ServiceManager", "ServiceManager") + c.url
				if path, ok := strings.CutPrefix(c.url, admin); ok {
					url = s.ServiceURL("west", "adminsrvr") + path
				}
				r, err := ask(s, url)
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

// shapes has one of everything that a release may write in its own way.
func shapes(t *testing.T, r Release) *Server {
	clock := NewManualClock(noon)
	s := start(t, Installation{Release: r, Clock: clock, Role: RoleAdministrator, Deployments: []Deployment{
		{
			Name:     "west",
			Services: []Service{{Name: "adminsrvr"}, {Name: "distsrvr", Status: "starting"}},
			Processes: []Process{
				{Name: "EWEST", Lag: 3 * time.Second, Trail: "ea", Critical: true, Started: 45 * time.Second, BytesPerSecond: 1000},
				{Name: "EUNKNOWN", UnknownLag: true},
				{Name: "ENEVER", NeverStarted: true},
				{Name: "RODD", Type: Replicat, Status: "napping", Synchronized: true, Sequence: 7, BytesPerSecond: -1},
			},
		},
		{Name: "late", Status: "abended"},
		{Name: "odd", Status: "frozen", Services: []Service{}},
	}})
	clock.Advance(10 * time.Second)
	return s
}

func TestPortShapes(t *testing.T) {
	t.Parallel()
	for shape, want := range map[PortShape]string{
		PortInteger:      "PORT",
		PortString:       `"PORT"`,
		PortObject:       `{"address":"127.0.0.1","port":PORT}`,
		PortObjectString: `{"address":"127.0.0.1","port":"PORT"}`,
		PortArray:        `[{"address":"127.0.0.1","port":PORT}]`,
	} {
		s := start(t, Installation{Release: Release12c, Deployments: []Deployment{
			{Name: "west", Services: []Service{{Name: "adminsrvr", Port: shape}}},
		}})
		r := get(t, s, s.URL()+"/services/v2/deployments/west/services/adminsrvr", 200)
		_, port, _ := strings.Cut(strings.TrimPrefix(s.ServiceURL("west", "adminsrvr"), "http://"), ":")
		port, _, _ = strings.Cut(port, "/")
		if got := strings.ReplaceAll(r.at("response.config.network.serviceListeningPort"), port, "PORT"); got != want {
			t.Errorf("%s: %s, want %s", shape, got, want)
		}
	}
	for _, tls := range []bool{false, true} {
		s := start(t, Installation{Release: Release23ai, TLS: tls, Deployments: []Deployment{west()}})
		r := get(t, s, s.URL()+"/services/v2/deployments/west/services/adminsrvr", 200)
		if got := r.at("response.config.network.serviceListeningPort"); strings.HasPrefix(got, "[") == tls {
			t.Errorf("23ai with TLS %v: %s", tls, got)
		}
	}
}

func TestThreads(t *testing.T) {
	t.Parallel()
	d := Deployment{Name: "west", Processes: []Process{{Name: "RC", Type: Replicat, Mode: Coordinated, Threads: 2}}}
	all := []string{"RC", "RC001", "RC002"}
	for release, none := range map[Release][]string{Release12c: all, Release19c: all, Release21c: {"RC"}, Release26ai: {"RC"}} {
		s := start(t, Installation{Release: release, Deployments: []Deployment{d}})
		admin := s.ServiceURL("west", "adminsrvr")
		if got := get(t, s, admin+"/replicats", 200).names(); !slices.Equal(got, all) {
			t.Errorf("%s: %v", release, got)
		}
		if got := get(t, s, admin+"/replicats?threads=none", 200).names(); !slices.Equal(got, none) {
			t.Errorf("%s without threads: %v", release, got)
		}
		get(t, s, admin+"/replicats/RC002/info/status", 200)
		get(t, s, admin+"/replicats/RC003/info/status", 404)
	}
}

func TestPositions(t *testing.T) {
	t.Parallel()
	for shape, want := range map[PositionShape]string{
		PositionNone:      "",
		PositionTimestamp: `"2026-03-01T12:00:00.000Z"`,
		PositionTrail:     `{"name":"ea","path":"/x//","sequence":0,"offset":0}`,
		PositionFile:      `{"name":"ea","path":"/x//","offset":0}`,
	} {
		s := start(t, Installation{Release: Release21c, Clock: NewManualClock(noon), Deployments: []Deployment{{
			Name:      "west",
			Processes: []Process{{Name: "E", Position: shape, Trail: "ea", TrailPath: "/x//", BytesPerSecond: -1, Started: time.Minute}},
		}}})
		r := get(t, s, s.ServiceURL("west", "adminsrvr")+"/extracts/E/info/status", 200)
		if got := r.at("response.position"); got != want {
			t.Errorf("%s: %s, want %s", shape, got, want)
		}
	}
}

func TestEncodingSwitches(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{
		Release: Release26ai, Numbers: NumbersExponent, UnknownFields: true, Notices: true, Version: "99.1",
		Clock: NewManualClock(noon), Deployments: []Deployment{west()},
	})
	r := get(t, s, s.ServiceURL("west", "adminsrvr")+"/extracts/EWEST/info/status", 200)
	for at, want := range map[string]string{
		"response.lag":                "3.0E0",
		"response.unknownToTheClient": `{"since":"tomorrow"}`,
		"messages.0.severity":         `"INFO"`,
	} {
		if got := r.at(at); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
	if v := get(t, s, s.URL()+"/services/v2/config/summary", 200).at("response.build.version"); v != `"99.1"` {
		t.Error(v)
	}
}

func TestMethodsRolesAndFilters(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{Deployments: []Deployment{west()}})
	r := get(t, s, s.ServiceURL("west", "adminsrvr")+"/extracts", 405, func(r *http.Request) { r.Method = http.MethodPost })
	if r.Header.Get("Allow") != "GET" {
		t.Error(r.Header)
	}
	r = get(t, s, s.URL()+"/services/v2/installation/configuration", 403)
	if r.at("messages.0.code") != `"OGG-12062"` {
		t.Errorf("%s", r.body)
	}
	r = get(t, s, s.URL()+"/services/v2/installation/services?deployment=west&service=pmsrvr", 200)
	if r.at("response.services.0.serviceName") != `"pmsrvr"` || r.at("response.services.1") != "" {
		t.Errorf("%s", r.body)
	}
	for _, service := range []string{"distsrvr", "recvsrvr", "pmsrvr"} {
		get(t, s, s.ServiceURL("west", service)+"/config/summary", 200)
		get(t, s, s.ServiceURL("west", service)+"/config/health", 200)
		get(t, s, s.ServiceURL("west", service)+"/extracts", 404)
	}
}

// TestSamples compares answers with the recorded bodies.
func TestSamples(t *testing.T) {
	t.Parallel()
	rep := Process{Name: "REP2", Type: Replicat}
	for file, c := range map[string]struct {
		release    Release
		service    [2]string
		path       string
		beyond     []string // members of response that the recorded body lacks
		onlyAnswer bool     // the recorded body has nothing but response
	}{
		"config-health-check-get.19c.json": {release: Release19c, service: [2]string{"Local", "adminsrvr"}, path: "/config/health/check"},
		"config-health-get.21.3.json":      {release: Release21c, service: [2]string{"Local", "adminsrvr"}, path: "/config/health"},
		"installation-configuration-get.26ai.json": {
			release: Release26ai, service: [2]string{"ServiceManager", "ServiceManager"}, path: "/installation/configuration", beyond: []string{"installationId"},
		},
		"replicats-replicat-info-status-get.12.3.json": {
			release: Release12c, service: [2]string{"Local", "adminsrvr"}, path: "/replicats/REP2/info/status",
		},
		"replicats-replicat-info-status-get.19c.response-only.json": {
			release: Release19c, service: [2]string{"Local", "adminsrvr"}, path: "/replicats/REP2/info/status", onlyAnswer: true,
		},
	} {
		t.Run(file, func(t *testing.T) {
			want := shape(decode(t, sample(t, file)))
			s := start(t, Installation{Release: c.release, Role: RoleAdministrator, Deployments: []Deployment{{Name: "Local", Processes: []Process{rep}}}})
			got := shape(decode(t, get(t, s, s.ServiceURL(c.service[0], c.service[1])+c.path, 200).body)).(map[string]any)
			for _, name := range c.beyond {
				delete(got["response"].(map[string]any), name)
			}
			if c.onlyAnswer {
				got = map[string]any{"response": got["response"]}
			}
			equalJSON(t, got, want)
		})
	}
}

// TestSampleVerbatim rebuilds one recorded body to the letter: 26ai behind NGINX.
func TestSampleVerbatim(t *testing.T) {
	t.Parallel()
	want := decode(t, sample(t, "extracts-get.26ai-nginx-single.json"))
	s := start(t, Installation{Release: Release26ai, TLS: true, ReverseProxy: true, Deployments: []Deployment{
		{Name: "ogg_test_01", Processes: []Process{{Name: "EXT1"}}},
	}})
	r := get(t, s, s.URL()+"/services/v2/extracts", 200, func(r *http.Request) {
		r.Host = "vmogg_single_deployment"
		r.Header.Set("Accept", "text/html,*/*;q=0.8")
	})
	equalJSON(t, decode(t, r.body), want)
}
