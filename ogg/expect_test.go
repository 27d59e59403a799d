package ogg_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// expecting returns a Service Manager with these rules, and these for all; one rule in a line.
func expecting(t testing.TB, own, ofAll string) config.ServiceManager {
	t.Helper()
	list := func(rules string) string {
		return "[" + strings.ReplaceAll(strings.TrimSpace(rules), "\n", ", ") + "]"
	}
	file := filepath.Join(t.TempDir(), "ogg_exporter.yml")
	text := fmt.Sprintf("expect: %s\nservice_managers: [{url: 'http://gg', exclude_processes: 'TEST.*', exclude_deployments: lab, expect: %s}]\n", list(ofAll), list(own))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c.ServiceManagers[0]
}

// verdicts returns what is unexpected or not, what is required, and what the rules apply to.
func verdicts(inst *ogg.Installation) string {
	var all []string
	add := func(name string, unexpected *bool) {
		if unexpected != nil {
			all = append(all, fmt.Sprintf("%s=%s", name, map[bool]string{true: "BAD", false: "ok"}[*unexpected]))
		}
	}
	for _, d := range inst.Deployments {
		add(d.Name, d.Unexpected)
		for _, p := range d.Processes {
			add(p.Name, p.Unexpected)
		}
		for _, p := range d.DistributionPaths {
			add(">"+p.Name, p.Unexpected)
		}
		for _, p := range d.ReceiverPaths {
			add("<"+p.Name, p.Unexpected)
		}
	}
	for _, r := range inst.Requirements {
		all = append(all, fmt.Sprintf("%s %s/%s %s", r.Kind, r.Deployment, r.Name, map[bool]string{true: "MISSING", false: "there"}[r.Missing]))
	}
	for _, r := range inst.Rules {
		all = append(all, fmt.Sprintf("#%s:%d", r.Rule, r.Objects))
	}
	return strings.Join(all, ", ")
}

// TestExpected compares snapshots with rules.
func TestExpected(t *testing.T) {
	everything := ogg.Listed{Processes: true, DistributionPaths: true, ReceiverPaths: true}
	running := func(name string, processes ...*ogg.Process) *ogg.Deployment {
		d := &ogg.Deployment{Name: name, Status: "running", Ran: true, Listed: everything, Processes: processes}
		for _, p := range processes {
			kind := "change_data"
			if strings.HasPrefix(p.Name, "INI") {
				kind = "initial_load"
			} else if strings.HasPrefix(p.Name, "ODD") {
				kind = "unknown"
			}
			if !strings.HasPrefix(p.Name, "NEW") {
				d.Definitions = append(d.Definitions, &ogg.Definition{Process: p.Name, Type: p.Type, Kind: kind})
			}
		}
		return d
	}
	process := func(name, status string, ran bool) *ogg.Process {
		return &ogg.Process{Name: name, Type: ogg.Extract, Status: status, Ran: ran}
	}
	path := func(name, status string, ran bool) ogg.Path { return ogg.Path{Name: name, Status: status, Ran: ran} }
	withPaths := func(d *ogg.Deployment, out, in ogg.Path) *ogg.Deployment {
		d.DistributionPaths, d.ReceiverPaths = []*ogg.DistributionPath{{Path: out}}, []*ogg.ReceiverPath{{Path: in}}
		return d
	}
	unread := func(d *ogg.Deployment, l ogg.Listed) *ogg.Deployment {
		d.Listed = l
		return d
	}
	listed := func(all ...*ogg.Deployment) *ogg.Installation {
		return &ogg.Installation{Listed: true, Deployments: all}
	}
	for name, test := range map[string]struct {
		inst       *ogg.Installation
		own, ofAll string
		want       string
	}{
		"no rules": {
			listed(running("n", process("A", "running", true), process("B", "stopped", true), process("C", "stopped", false), process("D", "abended", true), process("E", "starting", true), process("F", "killed", true))),
			"", "", "n=ok, A=ok, B=BAD, D=BAD, E=BAD, F=BAD",
		},
		"no rules, and an initial load, what is not known to be none, and what was not read": {
			listed(running("n", process("INI", "stopped", true), process("INI2", "running", true), process("ODD", "stopped", true), process("ODD2", "stopped", false), process("NEW", "stopped", true))),
			"", "", "n=ok, ODD=BAD",
		},
		"no rules, an Extract and a Replicat of one name": {
			listed(running("n", process("INI", "stopped", true), &ogg.Process{Name: "INI", Type: ogg.Replicat, Status: "stopped", Ran: true})),
			"", "", "n=ok",
		},
		"states that are not known": {
			listed(running("n", process("A", "", true), process("B", "sleeping", true)), &ogg.Deployment{Name: "o", Status: "unknown", Ran: true}, &ogg.Deployment{Name: "p", Ran: true}),
			"{process: '.*', state: stopped}", "", "n=ok, #1:2",
		},
		"a deployment that ran, and one that did not": {
			listed(&ogg.Deployment{Name: "n", Status: "stopped", Ran: true}, &ogg.Deployment{Name: "o", Status: "stopped"}), "", "", "n=BAD",
		},
		"a deployment that the Service Manager does not manage": {
			listed(&ogg.Deployment{Name: "n", Status: "stopped", Ran: true, Enabled: new(false)}, &ogg.Deployment{Name: "o", Status: "stopped", Ran: true, Enabled: new(true)}, &ogg.Deployment{Name: "p", Status: "stopped", Enabled: new(false)}),
			"{deployment: p, state: running}", "", "o=BAD, p=BAD, #1:1",
		},
		"paths": {
			listed(withPaths(running("n"), path("p", "stopped", true), path("p", "uninitialized", false))), "", "", "n=ok, >p=BAD",
		},
		"the first rule counts": {
			listed(running("n", process("A", "stopped", true), process("B", "running", true), process("C", "stopped", true), process("INI", "stopped", false))),
			"{process: 'A|B', state: stopped}\n{process: '.*', state: any}\n{process: C, state: running}",
			"{process: A, state: running}",
			"n=ok, A=ok, B=BAD, C=ok, INI=ok, #1:2, #2:2, #3:0, #top-1:0",
		},
		"a rule for an initial load and for what never ran": {
			listed(running("n", process("INI", "stopped", false), process("NEW", "stopped", false))),
			"{process: INI, state: running}", "{process: 'NE.', state: running}", "n=ok, INI=BAD, NEW=BAD, #1:1, #top-1:1",
		},
		"a rule about deployments is not one about what is in them": {
			listed(withPaths(running("dr1", process("A", "running", true)), path("p", "running", true), path("q", "stopped", true)), &ogg.Deployment{Name: "dr2", Status: "stopped", Ran: true}),
			"{deployment: 'dr.*', state: stopped}\n{deployment: dr1, path: '.*', state: stopped}", "",
			"dr1=BAD, A=ok, >p=BAD, <q=ok, dr2=ok, #1:2, #2:2",
		},
		"required in one deployment": {
			listed(running("n", process("A", "stopped", true)), running("o")),
			"{deployment: n, process: A, state: running, required: true}\n{deployment: o, process: A, state: any, required: true}", "",
			"n=ok, A=BAD, o=ok, process n/A there, process o/A MISSING, #1:1, #2:0",
		},
		"required in any deployment": {
			listed(running("n", process("A", "running", true)), running("o", process("A", "running", true))),
			"{process: A, state: running, required: true}\n{process: B, state: running, required: true}", "",
			"n=ok, A=ok, o=ok, A=ok, process n/A there, process o/A there, process /B MISSING, #1:2, #2:0",
		},
		"required twice is one requirement": {
			listed(running("n", process("A", "running", true))),
			"{process: A, state: running, required: true}\n{deployment: n, process: A, state: running, required: true}\n{process: X, state: any, required: true}", "{process: X, state: any, required: true}",
			"n=ok, A=ok, process n/A there, process /X MISSING, #1:1, #2:0, #3:0, #top-1:0",
		},
		"an earlier rule is about what a later one requires": {
			listed(running("n")),
			"{process: 'X.*', state: any}\n{process: X1, state: running, required: true}", "", "n=ok, #1:0, #2:0",
		},
		"a required path may be of either service": {
			listed(withPaths(running("n"), path("p", "running", true), path("p", "running", true)), withPaths(running("o"), path("q", "running", true), path("r", "running", true))),
			"{path: p, state: any, required: true}\n{path: r, state: any, required: true}\n{path: s, state: any, required: true}", "",
			"n=ok, >p=ok, <p=ok, o=ok, >q=ok, <r=ok, path n/p there, path o/r there, path /s MISSING, #1:2, #2:1, #3:0",
		},
		"a required deployment": {
			listed(running("n")), "{deployment: n, state: running, required: true}\n{deployment: o, state: running, required: true}", "",
			"n=ok, deployment n/n there, deployment o/o MISSING, #1:1, #2:0",
		},
		"no deployment is left": {
			listed(), "{deployment: o, state: running, required: true}\n{process: A, state: any, required: true}", "",
			"deployment o/o MISSING, process /A MISSING, #1:0, #2:0",
		},
		"what is excluded is not missing": {
			listed(running("n")), "{process: TEST1, state: any, required: true}\n{deployment: lab, state: any, required: true}\n{deployment: lab, process: A, state: any, required: true}", "",
			"n=ok, #1:0, #2:0, #3:0",
		},
		"not all deployments are listed": {
			&ogg.Installation{Deployments: []*ogg.Deployment{running("n", process("A", "running", true))}},
			"{process: A, state: running, required: true}\n{deployment: n, process: B, state: running, required: true}\n{deployment: o, state: any, required: true}", "",
			"n=ok, A=ok, process n/A there, #1:1",
		},
		"not all processes are listed": {
			listed(unread(running("n", process("A", "running", true)), ogg.Listed{DistributionPaths: true, ReceiverPaths: true}), running("o")),
			"{process: A, state: running, required: true}\n{deployment: o, process: B, state: any, required: true}\n{process: B, state: any, required: true}\n{path: p, state: any, required: true}", "",
			"n=ok, A=ok, o=ok, process n/A there, process o/B MISSING, path /p MISSING, #1:1, #2:0, #4:0",
		},
		"not all paths are listed": {
			listed(unread(running("n"), ogg.Listed{Processes: true, DistributionPaths: true})),
			"{process: A, state: any, required: true}\n{path: p, state: any, required: true}", "",
			"n=ok, process /A MISSING, #1:0",
		},
		"nothing is known": {
			&ogg.Installation{Err: context.DeadlineExceeded, Deployments: []*ogg.Deployment{{Name: ogg.ServiceManager}}},
			"{deployment: '.*', state: running}\n{process: A, state: any, required: true}", "", "",
		},
	} {
		ogg.Judge(test.inst, expecting(t, test.own, test.ofAll))
		if got := verdicts(test.inst); got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, test.want)
		}
	}
}

// expectCollectors are those that the expectations are about.
var expectCollectors = []string{"deployment", "service", "process", "definition", "distribution_path", "receiver_path"}

// TestRan checks what is remembered to have run: a path that reports no start time, and a deployment.
// What is removed and comes back begins anew.
func TestRan(t *testing.T) {
	t.Parallel()
	i := north(oggtest.Release12c)
	i.Deployments[0].ReceiverPaths = []oggtest.ReceiverPath{{Name: "in"}, {Name: "out", Status: "stopped"}}
	i.Deployments = append(i.Deployments, oggtest.Deployment{Name: "south", Status: "stopped"})
	s, sm := simulate(t, i)
	c := newClient(t, sm, expectCollectors...)
	step := func(what, want string) {
		t.Helper()
		if got := verdicts(c.Poll(context.Background())); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", what, got, want)
		}
	}
	step("at first", "ServiceManager=ok, north=ok, EXT1=ok, REP1=ok, <in=ok")
	s.SetPathStatus("north", "in", "stopped")
	step("stopped", "ServiceManager=ok, north=ok, EXT1=ok, REP1=ok, <in=BAD")
	again := s.Fault(oggtest.Target{Path: "/services/v2/targets"}, oggtest.Fault{Status: http.StatusInternalServerError})
	step("not listed", "ServiceManager=ok, north=ok, EXT1=ok, REP1=ok")
	again()
	step("listed again", "ServiceManager=ok, north=ok, EXT1=ok, REP1=ok, <in=BAD")
	again = s.Fault(oggtest.Target{Path: "/services/v2/targets"}, oggtest.Fault{Body: `{"response":{"items":[{"name":"out"},{}]}}`})
	step("not listed whole", "ServiceManager=ok, north=ok, EXT1=ok, REP1=ok")
	again()
	step("listed whole again", "ServiceManager=ok, north=ok, EXT1=ok, REP1=ok, <in=BAD")
	c.Poll(context.Background(), "definition")
	step("after a poll for something else", "ServiceManager=ok, north=ok, EXT1=ok, REP1=ok, <in=BAD")
	s.RemovePath("north", "in")
	step("removed", "ServiceManager=ok, north=ok, EXT1=ok, REP1=ok")
	if err := s.AddReceiverPath("north", oggtest.ReceiverPath{Name: "in", Status: "stopped"}); err != nil {
		t.Fatal(err)
	}
	step("created again", "ServiceManager=ok, north=ok, EXT1=ok, REP1=ok")
	s.SetDeploymentStatus("north", "stopped")
	step("a deployment is stopped", "ServiceManager=ok, north=BAD")
	s.SetDeploymentStatus("north", "running")
	step("and started", "ServiceManager=ok, north=ok, EXT1=ok, REP1=ok")
}

// TestExpectRules checks rules that change while the client runs, and what is not read.
func TestExpectRules(t *testing.T) {
	t.Parallel()
	for _, release := range oggtest.Releases {
		i := north(release)
		i.Deployments[0].Services = []oggtest.Service{{Name: "adminsrvr"}, {Name: "distsrvr"}} // no Receiver Service
		s, sm := simulate(t, i)
		c := newClient(t, sm, expectCollectors...)
		step := func(what, want string, collectors ...string) {
			t.Helper()
			if got := verdicts(c.Poll(context.Background(), collectors...)); got != want {
				t.Errorf("%s, %s:\ngot  %s\nwant %s", release, what, got, want)
			}
		}
		s.SetProcessStatus("north", "EXT1", "stopped")
		step("no rules", "ServiceManager=ok, north=ok, EXT1=BAD, REP1=ok")
		c.Expect(expecting(t, "{process: EXT1, state: stopped}\n{process: EXT2, state: running, required: true}\n{path: p, state: running, required: true}", ""))
		const unread = "ServiceManager=ok, north=ok"
		step("rules", unread+", EXT1=ok, REP1=ok, process /EXT2 MISSING, path /p MISSING, #1:1, #2:0, #3:0")
		step("not for processes", unread+", path /p MISSING, #3:0", "deployment", "service", "distribution_path", "receiver_path", "definition")
		step("not for paths", unread+", EXT1=ok, REP1=ok, process /EXT2 MISSING, #1:1, #2:0", "deployment", "process", "definition")
		again := s.Fault(oggtest.Target{Path: "/services/v2/replicats"}, oggtest.Fault{Status: http.StatusInternalServerError})
		step("Replicats are not listed", unread+", EXT1=ok, path /p MISSING, #1:1, #3:0")
		again()
		s.SetServiceStatus("north", "adminsrvr", "stopped")
		step("a service is stopped", unread+", path /p MISSING, #3:0")
		s.SetServiceStatus("north", "adminsrvr", "running")
		c.Expect(config.ServiceManager{})
		step("no rules again", "ServiceManager=ok, north=ok, EXT1=BAD, REP1=ok")
	}
}

// TestRequiredDeployment removes the only deployment that is read, and lets the list of deployments
// fail: then nothing is said to be missing.
func TestRequiredDeployment(t *testing.T) {
	t.Parallel()
	for _, release := range []oggtest.Release{oggtest.Release12c, oggtest.Release26ai} {
		s, sm := simulate(t, north(release))
		only, err := config.NewPattern("north")
		if err != nil {
			t.Fatal(err)
		}
		sm.IncludeDeployments = only
		sm.Expect = expecting(t, "{deployment: north, state: running, required: true}\n{deployment: north, process: EXT1, state: running, required: true}", "").Expect
		c := newClient(t, sm, expectCollectors...)
		step := func(what, want string) {
			t.Helper()
			if got := verdicts(c.Poll(context.Background())); got != want {
				t.Errorf("%s, %s:\ngot  %s\nwant %s", release, what, got, want)
			}
		}
		step("at first", "north=ok, EXT1=ok, REP1=ok, deployment north/north there, process north/EXT1 there, #1:1, #2:1")
		s.RemoveDeployment("north")
		step("removed", "deployment north/north MISSING, process north/EXT1 MISSING, #1:0, #2:0")
		route := "/services/v2/installation/deployments"
		if release == oggtest.Release12c {
			route = "/services/v2/deployments"
		}
		s.Fault(oggtest.Target{Path: route}, oggtest.Fault{Status: http.StatusInternalServerError})
		step("not listed", "")
	}
}

// TestExpectHurried checks a poll with so little time that it reads no definition: what is known counts.
func TestExpectHurried(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, north(oggtest.Release26ai))
		sm.Expect = expecting(t, "{process: EXT2, state: running, required: true}", "").Expect
		c := newClient(t, sm, expectCollectors...)
		c.Poll(t.Context())
		s.SetProcessStatus("north", "EXT1", "stopped")
		s.Fault(oggtest.Target{Path: "/services/v2/replicats"}, oggtest.Fault{Latency: 10 * time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		got := strings.Split(verdicts(c.Poll(ctx)), ", ")
		if !slices.Equal(got, []string{"ServiceManager=ok", "north=ok", "EXT1=BAD"}) {
			t.Errorf("got %v", got)
		}
		synctest.Wait()
	})
}
