package ogg_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// TestPathEnds checks what is kept of the URIs of a path: never a user or password.
func TestPathEnds(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]string{
		`"wss://syd.example:443/services/sydney/recvsrvr/v2/targets?trail=eo"`:           "syd.example 443 sydney eo",
		`"ws://SYD.Example.:9014/services/v2/targets?trail=north%2Feo"`:                  "syd.example 9014 - north/eo",
		`"ogg://[FD00::1]:9014/services/v2/targets?trail=eo"`:                            "fd00::1 9014 - eo",
		`"wss://ggate:hunter2@10.0.0.1/gg/services/sydney/recvsrvr/v2/targets?trail=eo"`: "10.0.0.1 - sydney eo",
		`"wss://h/services/a%2Fb/recvsrvr/v2/targets?trail=eo"`:                          "h - a/b eo",
		`"localtrail:eo"`:                            "- - - eo",
		`"wss://h:1/services/v2/targets"`:            "h 1 - -",
		`"ws://gg:hunter2@h:port/?trail=eo"`:         "- - - -",
		`"ggate:hunter2@h:9014/services/v2/targets"`: "- - - -",
		`"hunter2"`:          "- - - -",
		`7`:                  "- - - -",
		`null`:               "- - - -",
		`{"user":"hunter2"}`: "- - - -",
		`"wss://` + strings.Repeat("h", 300) + `/?trail=eo"`:      "- - - -",
		`"wss://h/?trail=` + strings.Repeat("hunter2", 100) + `"`: "h - - -",
	} {
		s, sm := simulate(t, sending(oggtest.Release26ai))
		s.Fault(oggtest.Target{Path: "/services/v2/sources/orders"}, oggtest.Fault{Body: `{"response":{"status":"running","target":{"uri":` + uri + `}}}`})
		inst := newClient(t, sm, "distribution_path").Poll(context.Background())
		if err := failure(inst); err != nil {
			t.Errorf("%s: %v", uri, err)
		}
		end := distributionPath(t, inst, "orders").Target
		if got := endText(end); got != want {
			t.Errorf("%s: got %q, want %q", uri, got, want)
		}
		if strings.Contains(fmt.Sprintf("%+v", end), "hunter2") {
			t.Errorf("%s: kept %+v", uri, end)
		}
	}
}

// endText returns what is known of an end of a path in four words.
func endText(e ogg.PathEnd) string {
	words := []string{e.Host, e.Port, e.Deployment, e.Trail.Trail}
	for i, word := range words {
		if word == "" {
			words[i] = "-"
		}
	}
	return strings.Join(words, " ")
}

// TestTrailReferences checks which trails are meant where only a name is known, and that a reference
// changes the name of no trail.
func TestTrailReferences(t *testing.T) {
	t.Parallel()
	i := oggtest.Installation{Deployments: []oggtest.Deployment{{Name: "north", Processes: []oggtest.Process{
		{Name: "EXT1", Trail: "ea", TrailPath: "/u02/orders"},
		{Name: "EXT2", Trail: "ea", TrailPath: "/u02/billing"},
		{Name: "EXT3", Trail: "ec", TrailPath: "/u02/other"},
		{Name: "REP1", Type: oggtest.Replicat, Trail: "ea", TrailPath: "/u02/orders"},
	}, DistributionPaths: []oggtest.DistributionPath{{Name: "orders", Extract: "EXT3"}}}}}
	for trail, want := range map[string]ogg.TrailReference{
		"ec":                    {Trail: "ec"},
		"other%2Fec":            {Trail: "ec"},
		"ea":                    {Several: true},
		"orders%2Fea":           {Trail: "orders/ea"},
		"%2Fu02%2Fbilling%2Fea": {Trail: "billing/ea"},
		"orders%2Fec":           {Trail: "orders/ec"},
		"zz":                    {Trail: "zz"},
		"":                      {},
	} {
		s, sm := simulate(t, i)
		s.Fault(oggtest.Target{Path: "/services/v2/sources/orders"}, oggtest.Fault{
			Body: `{"response":{"status":"running","source":{"uri":"trail://h:1/services/v2/sources?trail=` + trail + `"}}}`,
		})
		d := deployment(t, poll(t, newClient(t, sm, "process", "definition", "trail", "distribution_path")), "north")
		if got := d.DistributionPaths[0].Source.Trail; got.Trail != want.Trail || got.Several != want.Several {
			t.Errorf("%s: got %q, several %t", trail, got.Trail, got.Several)
		}
		names := map[string]bool{}
		for _, t := range d.ExtractTrails {
			names[t.Trail] = true
		}
		if len(names) != 3 || !names["orders/ea"] || !names["billing/ea"] || !names["ec"] {
			t.Errorf("%s: the trails are %v", trail, names)
		}
		for _, known := range d.Definitions {
			if known.Process == "REP1" && known.Source.Trail != "orders/ea" || known.Process == "EXT2" && (len(known.Targets) != 1 || known.Targets[0].Trail != "billing/ea") {
				t.Errorf("%s: reads %+v, writes %+v", known.Process, known.Source, known.Targets)
			}
		}
	}
}

// TestReferenceMayBe checks which places may be of the trail that another deployment refers to.
func TestReferenceMayBe(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, sending(oggtest.Release26ai))
	s.Fault(oggtest.Target{Path: "/services/v2/sources/orders"}, oggtest.Fault{Body: `{"response":{"status":"running","target":{"uri":"ws://h/services/v2/targets?trail=north%2Fea"}}}`})
	reference := distributionPath(t, poll(t, newClient(t, sm, "distribution_path")), "orders").Target.Trail
	for at, want := range map[[2]string]bool{
		{"/u02/north", "ea"}: true, {"/u02", "north/ea"}: true, {"", "ea"}: true, {"", "north/ea"}: true, {"", "data/north/ea"}: true,
		{"/u02/south", "ea"}: false, {"/u02/north", "eb"}: false, {"/u02/truenorth", "ea"}: false,
	} {
		if got := reference.MayBe(ogg.PositionIn(at[0], at[1])); got != want {
			t.Errorf("%v: %t", at, got)
		}
	}
}

// FuzzPathEnd: whatever a URI is, it is read without a panic, what is kept is short, and says nothing of
// a user and password.
func FuzzPathEnd(f *testing.F) {
	for _, host := range []string{"h:443", "[fd00::1]:1", "", "h:port", "%zz", "a@b"} {
		f.Add(host, "/services/north/recvsrvr/v2/targets", "eo")
	}
	f.Fuzz(func(t *testing.T, host, path, trail string) {
		const secret = "hunter2-Tr0ub4dor"
		if strings.Contains(host, "@") || strings.Contains(host+path+trail, secret) {
			t.Skip("there is more than one place for a user")
		}
		e := ogg.ParsePathEnd("wss://ggate:" + secret + "@" + host + path + "?trail=" + trail)
		if all := fmt.Sprintf("%+v", e); strings.Contains(all, secret) || len(e.Host) > 255 || len(e.Trail.Trail) > 600 || len(e.Deployment) > 512 {
			t.Errorf("kept %s", all)
		}
	})
}
