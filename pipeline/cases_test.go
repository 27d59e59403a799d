package pipeline_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/pipeline"
)

// step is a moment of a case: what has happened, and what is known of the Service Managers then.
type step struct {
	title string
	of    []pipeline.Source
}

// cases are installations with what is to be seen of them, each in a file of its name. The time goes on
// between the steps.
var cases = map[string]func(t *bubble.T) []step{
	"one deployment":         oneDeployment,
	"two service managers":   twoManagers,
	"ports":                  ports,
	"fan-out and fan-in":     fan,
	"a chain of three":       three,
	"both ways":              bothWays,
	"circle of trails":       circle,
	"target-initiated":       pulled,
	"one end is read":        oneEnd,
	"two trails of one name": twoTrails,
	"ambiguous hosts":        ambiguous,
	"a shared host":          sharedHost,
	"a copy of production":   copied,
	"localhost":              localhost,
	"a deployment moves":     moves,
	"old and lost":           lost,
	"weakest hops":           weakest,
	"the same names":         sameNames,
	"initial load":           initialLoad,
	"without exttrails":      withoutExtractTrails,
	"nothing started":        notYet,
}

// TestCases draws the cases.
func TestCases(t *testing.T) {
	for name, of := range cases {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				var b strings.Builder
				for _, s := range of(t) {
					fmt.Fprintf(&b, "# %s\n\n%s\n", s.title, picture(pipeline.New(s.of, 500)))
				}
				check(t, strings.ReplaceAll(name, " ", "-"), b.String())
			})
		})
	}
}

// now polls the Service Managers, and returns a step.
func now(title string, managers ...*manager) step {
	poll(managers...)
	return step{title, sources(managers...)}
}

// extract and replicat return a process that lags little.
func extract(name, trail string) oggtest.Process {
	return oggtest.Process{Name: name, Trail: trail, Lag: 2 * time.Second}
}

func replicat(name, trail string) oggtest.Process {
	return oggtest.Process{Name: name, Type: oggtest.Replicat, Trail: trail, Lag: 3 * time.Second}
}

// sends returns a path of EXTORD to a deployment that another Service Manager has.
func sends(name, target, trail, address string) oggtest.DistributionPath {
	return oggtest.DistributionPath{Name: name, Extract: "EXTORD", Target: target, TargetTrail: trail, Address: address}
}

// copied returns what is known of a copy of production, and of production itself, which is or is not read.
func copied(t *bubble.T) []step {
	orders := extract("EXTORD", "ea")
	emea := start(t, "emea", proxied(oggtest.Deployment{
		Name: "london", Processes: []oggtest.Process{orders},
		DistributionPaths: []oggtest.DistributionPath{sends("orders", "dwh", "eo", "gg.example:443/services/dwh/recvsrvr")},
	}), "ldn.example")
	target := proxied(oggtest.Deployment{
		Name: "dwh", Processes: []oggtest.Process{replicat("REPORD", "eo")}, ReceiverPaths: []oggtest.ReceiverPath{receives("orders", "eo", orders, "london")},
	})
	production, test := start(t, "production", target, "gg.example"), start(t, "test", target, "test.example")
	first := now("only the copy was read yet", emea, test)
	first.of = append(first.of, sources(production)...)
	return []step{first, now("both were read", emea, test, production)}
}

// receives returns a path from an Extract of another Service Manager.
func receives(name, trail string, from oggtest.Process, deployment string) oggtest.ReceiverPath {
	return oggtest.ReceiverPath{Name: name, Extract: from.Name, Trail: trail, Remote: &from, RemoteDeployment: deployment}
}

// proxied returns an installation behind a reverse proxy.
func proxied(deployments ...oggtest.Deployment) oggtest.Installation {
	return oggtest.Installation{ReverseProxy: true, Deployments: deployments}
}

// direct returns an installation whose services have a port each.
func direct(deployments ...oggtest.Deployment) oggtest.Installation {
	return oggtest.Installation{Deployments: deployments}
}

// at returns HOST:PORT/services of a service.
func (m *manager) at(host, deployment, service string) string {
	url := m.ServiceURL(deployment, service)
	return host + url[strings.LastIndex(url, ":"):strings.LastIndex(url, "/")]
}

func oneDeployment(t *bubble.T) []step {
	return []step{now("an Extract, its trail, two Replicats", start(t, "emea", direct(oggtest.Deployment{
		Name: "london", Processes: []oggtest.Process{extract("EXTORD", "orders/ea"), replicat("REPORD", "orders/ea"), replicat("REPDWH", "orders/ea")},
	}), "ldn.example"))}
}

func twoManagers(t *bubble.T) []step {
	orders := extract("EXTORD", "ea")
	emea := start(t, "emea", proxied(oggtest.Deployment{
		Name: "london", Processes: []oggtest.Process{orders},
		DistributionPaths: []oggtest.DistributionPath{sends("orders", "sydney", "eo", "GG-SYD.example:443/services/sydney/recvsrvr")},
	}), "ldn.example")
	apac := start(t, "apac", proxied(oggtest.Deployment{
		Name: "sydney", Processes: []oggtest.Process{replicat("REPORD", "eo")},
		ReceiverPaths: []oggtest.ReceiverPath{receives("orders", "eo", orders, "london")},
	}), "syd.example", "gg-syd.example")
	return []step{now("joined by an alias and the deployment in the URI", emea, apac)}
}

func ports(t *bubble.T) []step {
	orders := extract("EXTORD", "ea")
	apac := start(t, "apac", direct(
		oggtest.Deployment{Name: "sydney", Processes: []oggtest.Process{replicat("REPORD", "eo")}, ReceiverPaths: []oggtest.ReceiverPath{receives("orders", "eo", orders, "london")}},
		oggtest.Deployment{Name: "perth", Processes: []oggtest.Process{replicat("REPORD", "eo")}, ReceiverPaths: []oggtest.ReceiverPath{receives("orders", "eo", orders, "london")}},
	), "syd.example", "10.1.2.3")
	emea := start(t, "emea", direct(oggtest.Deployment{
		Name: "london", Processes: []oggtest.Process{orders},
		DistributionPaths: []oggtest.DistributionPath{sends("orders", "perth", "eo", apac.at("10.1.2.3", "perth", "recvsrvr"))},
	}), "ldn.example")
	first := now("two deployments have a path of that name; the port says which", emea, apac)
	wrong := sends("orders", "perth", "eo", "10.1.2.3:1/services")
	wrong.Started = time.Minute
	emea.RemovePath("london", "orders")
	if err := emea.AddDistributionPath("london", wrong); err != nil {
		t.Fatal(err)
	}
	return []step{first, now("nobody listens on the port, and the names fit both", emea, apac)}
}

func fan(t *bubble.T) []step {
	emea := start(t, "emea", direct(
		oggtest.Deployment{
			Name: "london", Processes: []oggtest.Process{extract("EXTORD", "ea"), replicat("REPAUD", "ea")},
			DistributionPaths: []oggtest.DistributionPath{
				{Name: "orders-de", Extract: "EXTORD", Target: "frankfurt", TargetTrail: "la"},
				{Name: "orders-es", Extract: "EXTORD", Target: "madrid", TargetTrail: "la"},
			},
		},
		oggtest.Deployment{
			Name: "paris", Processes: []oggtest.Process{extract("EXTFR", "ea")},
			DistributionPaths: []oggtest.DistributionPath{{Name: "orders-fr", Extract: "EXTFR", Target: "frankfurt", TargetTrail: "pa"}},
		},
		oggtest.Deployment{
			Name: "frankfurt", Processes: []oggtest.Process{replicat("REPLDN", "la"), replicat("REPPAR", "pa")},
			ReceiverPaths: []oggtest.ReceiverPath{{Name: "orders-de", Extract: "EXTORD"}, {Name: "orders-fr", Extract: "EXTFR"}},
		},
		oggtest.Deployment{
			Name: "madrid", Processes: []oggtest.Process{replicat("REPORD", "la")},
			ReceiverPaths: []oggtest.ReceiverPath{{Name: "orders-es", Extract: "EXTORD"}},
		},
	), "gg.example")
	return []step{now("from one trail to three Replicats, and from two deployments to one", emea)}
}

func three(t *bubble.T) []step {
	emea := start(t, "emea", direct(
		oggtest.Deployment{
			Name: "london", Processes: []oggtest.Process{extract("EXTORD", "ea")},
			DistributionPaths: []oggtest.DistributionPath{{Name: "to-hub", Extract: "EXTORD", Target: "hub", TargetTrail: "ha"}},
		},
		oggtest.Deployment{
			Name: "hub", ReceiverPaths: []oggtest.ReceiverPath{{Name: "to-hub", Extract: "EXTORD"}},
			DistributionPaths: []oggtest.DistributionPath{{Name: "to-target", Extract: "EXTORD", Trail: "ha", Target: "madrid", TargetTrail: "ma"}},
		},
		oggtest.Deployment{
			Name: "madrid", Processes: []oggtest.Process{replicat("REPORD", "ma")},
			ReceiverPaths: []oggtest.ReceiverPath{{Name: "to-target", Extract: "EXTORD"}},
		},
	), "gg.example")
	return []step{now("the hub has neither an Extract nor a Replicat", emea)}
}

func bothWays(t *bubble.T) []step {
	side := func(name, other, extracts, replicats, writes, reads string) oggtest.Deployment {
		return oggtest.Deployment{
			Name: name, Processes: []oggtest.Process{extract(extracts, writes), replicat(replicats, reads)},
			DistributionPaths: []oggtest.DistributionPath{{Name: "from-" + name, Extract: extracts, Target: other, TargetTrail: writes}},
			ReceiverPaths:     []oggtest.ReceiverPath{{Name: "from-" + other}},
		}
	}
	return []step{now("two pipelines, each of which stops at its Replicat", start(t, "emea", direct(
		side("london", "frankfurt", "EXTL", "REPF", "la", "fa"), side("frankfurt", "london", "EXTF", "REPL", "fa", "la"),
	), "gg.example"))}
}

func circle(t *bubble.T) []step {
	return []step{now("what comes to london from paris, goes to paris again, into the same trail", start(t, "emea", direct(
		oggtest.Deployment{
			Name:      "london",
			Processes: []oggtest.Process{extract("EXTORD", "ea"), replicat("REPORD", "lc")},
			DistributionPaths: []oggtest.DistributionPath{
				{Name: "out", Extract: "EXTORD", Target: "paris", TargetTrail: "pc"},
				{Name: "again", Trail: "lc", Target: "paris", TargetTrail: "pc"},
			},
			ReceiverPaths: []oggtest.ReceiverPath{{Name: "back", Trail: "lc"}},
		},
		oggtest.Deployment{
			Name:              "paris",
			DistributionPaths: []oggtest.DistributionPath{{Name: "back", Trail: "pc", Target: "london", TargetTrail: "lc"}},
			ReceiverPaths:     []oggtest.ReceiverPath{{Name: "out", Trail: "pc"}, {Name: "again", Trail: "pc"}},
		},
	), "gg.example"))}
}

func pulled(t *bubble.T) []step {
	orders := extract("EXTORD", "ea")
	emea := start(t, "emea", proxied(oggtest.Deployment{
		Name: "london", Processes: []oggtest.Process{orders},
		DistributionPaths: []oggtest.DistributionPath{{
			Name: "seen", Extract: "EXTORD", Target: "sydney", TargetTrail: "ta", TargetInitiated: true, Address: "inside.example:9014/services",
		}},
	}), "ldn.example")
	path := func(name, trail, source string) oggtest.ReceiverPath {
		p := receives(name, trail, orders, "london")
		p.TargetInitiated, p.SourceTrail, p.Address = true, "ea", source
		return p
	}
	apac := start(t, "apac", proxied(oggtest.Deployment{
		Name: "sydney", Processes: []oggtest.Process{replicat("REPORD", "ta"), replicat("REPDWH", "tb"), replicat("REPAUD", "tc")},
		ReceiverPaths: []oggtest.ReceiverPath{
			path("seen", "ta", "ldn.example:443/services/london/distsrvr"),
			path("unseen", "tb", "ldn.example:443/services/london/distsrvr"),
			path("elsewhere", "tc", "paris.example:443/services/paris/distsrvr"),
		},
	}), "syd.example")
	return []step{now("the Distribution Service lists one of them, and one comes from a host that is not read", emea, apac)}
}

func oneEnd(t *bubble.T) []step {
	orders := extract("EXTORD", "ea")
	emea := start(t, "emea", direct(oggtest.Deployment{
		Name: "london", Processes: []oggtest.Process{orders},
		DistributionPaths: []oggtest.DistributionPath{
			sends("orders", "sydney", "eo", "syd.example:443/services/sydney/recvsrvr"),
			sends("archive", "sydney", "ar", "syd.example:443/services/sydney/recvsrvr"),
		},
	}), "ldn.example")
	apac := start(t, "apac", direct(oggtest.Deployment{
		Name: "sydney", Processes: []oggtest.Process{replicat("REPORD", "eo")}, ReceiverPaths: []oggtest.ReceiverPath{receives("orders", "eo", orders, "london")},
	}), "syd.example")
	unread := pipeline.Source{Hosts: []string{"syd.example"}}
	first, second := now("only the source", emea), now("only the target", apac)
	return []step{first, second, {"the target has not been read yet", append(sources(emea), unread)}}
}

func twoTrails(t *bubble.T) []step {
	process := func(p oggtest.Process, directory string) oggtest.Process {
		p.TrailPath = directory
		return p
	}
	return []step{now("orders/ea and billing/ea, of which URIs say ea", start(t, "emea", direct(
		oggtest.Deployment{
			Name: "london",
			Processes: []oggtest.Process{
				process(extract("EXTORD", "ea"), "/u02/orders"), process(extract("EXTBILL", "ea"), "/u02/billing"),
				process(replicat("REPBILL", "ea"), "/u02/billing"),
				process(oggtest.Process{Name: "REPNEW", Type: oggtest.Replicat, Trail: "ea", NeverStarted: true, Position: oggtest.PositionNone}, "/u02/orders"),
			},
			DistributionPaths: []oggtest.DistributionPath{
				{Name: "running", Extract: "EXTBILL", TrailPath: "/u02/billing", TargetTrail: "xa", Target: "frankfurt"},
				{Name: "new", Extract: "EXTORD", TrailPath: "/u02/orders", TargetTrail: "xb", Target: "frankfurt", NeverStarted: true},
				{Name: "unclear", TrailPath: "/u02/orders", Trail: "ea", TargetTrail: "xc", Target: "frankfurt", NeverStarted: true},
			},
		},
		oggtest.Deployment{
			Name: "frankfurt", Processes: []oggtest.Process{replicat("REPA", "xa"), replicat("REPB", "xb")},
			ReceiverPaths: []oggtest.ReceiverPath{{Name: "running"}, {Name: "new", NeverStarted: true}, {Name: "unclear", NeverStarted: true}},
		},
	), "gg.example"))}
}

func ambiguous(t *bubble.T) []step {
	orders := extract("EXTORD", "ea")
	emea := start(t, "emea", proxied(oggtest.Deployment{
		Name: "london", Processes: []oggtest.Process{orders},
		DistributionPaths: []oggtest.DistributionPath{sends("orders", "dwh", "eo", "vip.example:443/services/dwh/recvsrvr")},
	}), "ldn.example")
	target := proxied(oggtest.Deployment{
		Name: "dwh", Processes: []oggtest.Process{replicat("REPORD", "eo")}, ReceiverPaths: []oggtest.ReceiverPath{receives("orders", "eo", orders, "london")},
	})
	a, b := start(t, "dwh-a", target, "a.example", "vip.example"), start(t, "dwh-b", target, "b.example", "vip.example")
	first := now("two Service Managers have the alias, the deployment and the path", emea, a, b)
	b.hosts = []string{"b.example"}
	return []step{first, {"with the alias at one of them", sources(emea, a, b)}}
}

func sharedHost(t *bubble.T) []step {
	orders := extract("EXTORD", "ea")
	emea := start(t, "emea", proxied(oggtest.Deployment{
		Name: "london", Processes: []oggtest.Process{orders},
		DistributionPaths: []oggtest.DistributionPath{sends("orders", "dwh", "eo", "gg.example:443/services/dwh/recvsrvr")},
	}), "ldn.example")
	dwh := start(t, "dwh", proxied(oggtest.Deployment{
		Name: "dwh", Processes: []oggtest.Process{replicat("REPORD", "eo")}, ReceiverPaths: []oggtest.ReceiverPath{{Name: "orders", Extract: "EXTORD", Trail: "eo"}},
	}), "gg.example")
	other := start(t, "other", proxied(oggtest.Deployment{Name: "dwh"}), "gg.example")
	first := now("the other Service Manager on the host was not read yet", emea, dwh)
	unread := sources(other)
	first.of = append(first.of, unread...)
	second := now("it has a deployment of that name, too", emea, dwh, other)
	other.RemoveDeployment("dwh")
	third := now("it has none", emea, dwh, other)
	other.SetFront(false)
	return []step{first, second, third, now("it does not answer", emea, dwh, other)}
}

func localhost(t *bubble.T) []step {
	orders := extract("EXTORD", "ea")
	deployment := func(name string) oggtest.Deployment {
		return oggtest.Deployment{
			Name: name, Processes: []oggtest.Process{replicat("REPORD", "eo")}, ReceiverPaths: []oggtest.ReceiverPath{receives("orders", "eo", orders, "london")},
		}
	}
	dwh := start(t, "dwh", direct(deployment("dwh")), "ldn.example")
	other := start(t, "other", direct(deployment("other")), "localhost")
	emea := start(t, "emea", direct(oggtest.Deployment{
		Name: "london", Processes: []oggtest.Process{orders},
		DistributionPaths: []oggtest.DistributionPath{sends("orders", "dwh", "eo", dwh.at("localhost", "dwh", "recvsrvr"))},
	}), "ldn.example")
	return []step{now("localhost is the host of the path, not that of the exporter", emea, dwh, other)}
}

func moves(t *bubble.T) []step {
	orders := extract("EXTORD", "ea")
	sydney := oggtest.Deployment{
		Name: "sydney", Processes: []oggtest.Process{replicat("REPORD", "eo")}, ReceiverPaths: []oggtest.ReceiverPath{receives("orders", "eo", orders, "london")},
	}
	emea := start(t, "emea", proxied(oggtest.Deployment{
		Name: "london", Processes: []oggtest.Process{orders},
		DistributionPaths: []oggtest.DistributionPath{sends("orders", "sydney", "eo", "old.example:443/services/sydney/recvsrvr")},
	}), "ldn.example")
	before, after := start(t, "old", proxied(sydney, oggtest.Deployment{Name: "perth"}), "old.example"), start(t, "new", proxied(), "new.example")
	steps := []step{now("before", emea, before, after)}
	before.RemoveDeployment("sydney")
	if err := after.AddDeployment(sydney); err != nil {
		t.Fatal(err)
	}
	steps = append(steps, now("sydney has moved, and the path leads to the old host", emea, before, after))
	emea.RemovePath("london", "orders")
	path := sends("orders", "sydney", "eo", "new.example:443/services/sydney/recvsrvr")
	path.Started = time.Minute
	if err := emea.AddDistributionPath("london", path); err != nil {
		t.Fatal(err)
	}
	return append(steps, now("the path leads to the new host", emea, before, after))
}

func lost(t *bubble.T) []step {
	orders := extract("EXTORD", "ea")
	emea := start(t, "emea", proxied(oggtest.Deployment{
		Name: "london", Processes: []oggtest.Process{orders},
		DistributionPaths: []oggtest.DistributionPath{sends("orders", "sydney", "eo", "syd.example:443/services/sydney/recvsrvr")},
	}), "ldn.example")
	apac := start(t, "apac", proxied(oggtest.Deployment{
		Name: "sydney", Processes: []oggtest.Process{replicat("REPORD", "eo")}, ReceiverPaths: []oggtest.ReceiverPath{receives("orders", "eo", orders, "london")},
	}), "syd.example")
	steps := []step{now("all is well", emea, apac)}
	old := sources(emea, apac)
	old[1].Fresh = false
	steps = append(steps, step{"the latest poll of apac is old", old})
	apac.SetServiceStatus("sydney", "recvsrvr", "stopped")
	steps = append(steps, now("the Receiver Service of sydney is stopped", emea, apac))
	apac.SetServiceStatus("sydney", "recvsrvr", "running")
	apac.RemovePath("sydney", "orders")
	steps = append(steps, now("sydney does not list the path any more", emea, apac))
	apac.SetServiceStatus("sydney", "adminsrvr", "stopped")
	steps = append(steps, now("the Administration Service of sydney is stopped", emea, apac))
	apac.SetFront(false)
	poll(apac)
	steps = append(steps, now("apac does not answer", emea, apac))
	apac.SetFront(true)
	apac.RemoveDeployment("sydney")
	return append(steps, now("sydney is gone", emea, apac))
}

func weakest(t *bubble.T) []step {
	big := extract("EXTBIG", "eb")
	big.BytesPerSecond, big.TrailSizeMB = 8_000_000, 2000
	stuck := replicat("REPSTUCK", "ea")
	stuck.Stuck = true
	behind := replicat("REPBIG", "eb")
	behind.Lag = 290 * time.Second
	slow := replicat("REPSLOW", "eb")
	slow.Lag = 8 * time.Minute
	late := extract("EXTLATE", "el")
	late.Lag = 14 * time.Minute
	emea := start(t, "emea", direct(
		oggtest.Deployment{
			Name: "london", Processes: []oggtest.Process{extract("EXTORD", "ea"), big, late, stuck, slow, behind, replicat("REPLATE", "el"), replicat("REPDOWN", "ea"), replicat("REPWELL", "ea")},
			DistributionPaths: []oggtest.DistributionPath{{Name: "late", Extract: "EXTLATE", Target: "paris", TargetTrail: "pl", Lag: 30 * time.Minute}},
		},
		oggtest.Deployment{
			Name: "paris", Processes: []oggtest.Process{replicat("REPLATE", "pl")}, ReceiverPaths: []oggtest.ReceiverPath{{Name: "late", Extract: "EXTLATE"}},
		},
	), "gg.example")
	poll(emea)
	emea.SetProcessStatus("london", "REPDOWN", "abended")
	time.Sleep(10 * time.Minute)
	steps := []step{now("ten minutes later", emea)}
	emea.SetProcessStatus("london", "EXTORD", "stopped")
	time.Sleep(time.Minute)
	return append(steps, now("the Extract is stopped, too", emea))
}

func sameNames(t *bubble.T) []step {
	orders := extract("EXTORD", "ea")
	site := func(source, target, address string) []oggtest.Deployment {
		return []oggtest.Deployment{
			{
				Name: source, Processes: []oggtest.Process{orders},
				DistributionPaths: []oggtest.DistributionPath{sends("orders", "", "eo", address)},
			},
			{Name: target, Processes: []oggtest.Process{replicat("REPORD", "eo")}, ReceiverPaths: []oggtest.ReceiverPath{receives("orders", "eo", orders, source)}},
		}
	}
	production := start(t, "production", direct(site("london", "sydney", "unknown.example:9014/services")...), "p.example")
	steps := []step{now("no host is known, but there is one path of that name", production)}
	test := start(t, "test", direct(site("london", "sydney", "unknown.test:9014/services")...), "t.example")
	return append(steps, now("a copy has the same names: which leads where is not known", production, test))
}

func initialLoad(t *bubble.T) []step {
	load := oggtest.Process{Name: "INIORD", Trail: "il", ExtractType: oggtest.ExtractInitialLoad, Started: 2 * time.Hour, RunsFor: time.Hour}
	return []step{now("it has ended, and is no pipeline", start(t, "emea", direct(oggtest.Deployment{
		Name: "london", Processes: []oggtest.Process{load, replicat("REPINI", "il")},
	}), "ldn.example"))}
}

func withoutExtractTrails(t *bubble.T) []step {
	installation := direct(oggtest.Deployment{Name: "london", Processes: []oggtest.Process{extract("EXTORD", "ea"), replicat("REPORD", "ea")}})
	emea := start(t, "emea", installation, "ldn.example")
	emea.Fault(oggtest.Target{Path: "/services/v2/exttrails"}, oggtest.Fault{Status: 404})
	steps := []step{now("Performance Metrics has the trail", emea)}
	other := start(t, "apac", installation, "syd.example")
	other.Fault(oggtest.Target{Path: "/services/v2/exttrails"}, oggtest.Fault{Status: 404})
	other.SetServiceStatus("london", "pmsrvr", "stopped")
	return append(steps, now("the definition has it", other))
}

func notYet(t *bubble.T) []step {
	emea := start(t, "emea", direct(
		oggtest.Deployment{
			Name: "london", Processes: []oggtest.Process{{Name: "EXTNEW", Trail: "ea", NeverStarted: true}},
			DistributionPaths: []oggtest.DistributionPath{{Name: "new", Extract: "EXTNEW", Target: "paris", TargetTrail: "pa", NeverStarted: true}},
		},
		oggtest.Deployment{
			Name: "paris", Processes: []oggtest.Process{{Name: "REPNEW", Type: oggtest.Replicat, Trail: "pa", NeverStarted: true, Position: oggtest.PositionNone}},
			ReceiverPaths: []oggtest.ReceiverPath{{Name: "new", NeverStarted: true}},
		},
	), "gg.example")
	return []step{now("nothing has been started", emea)}
}
