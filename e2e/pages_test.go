package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/server/page"
	"github.com/ogg-exporter/ogg_exporter/status"
)

func pages(t *testing.T) map[string]string {
	all := map[string]string{}
	for name, s := range map[string]status.Status{"demo": handDemo(), "many": handMany(300, 500), "odd": handOdd(), "empty": {At: time.Now()}} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", page.Policy())
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_ = page.Write(w, &s, page.Exporter{Build: "x", Since: time.Now(), Probe: "/probe", Debug: true, JSON: "/api/status.json", Profiles: "/debug/pprof/", Pages: []page.Page{{Path: "/metrics", Name: "Metrics", About: "of all"}}})
		}))
		t.Cleanup(server.Close)
		all[name] = server.URL
	}
	return all
}

func f(x float64) *float64 { return &x }

func handDemo() status.Status {
	now := time.Now()
	read := now.Add(-12 * time.Second)
	s := status.Status{At: now, Version: "0.9.0", Summary: status.Summary{Problems: 3, Warnings: 2, Unknown: 1, OK: 25, Off: 2}}
	hop := func(kind, sm, d, n, st string, state status.State, trail string, lag, backlog *float64, weakest string) status.Hop {
		return status.Hop{Kind: kind, ServiceManager: sm, Deployment: d, Name: n, Status: st, State: state, Trail: trail, LagSeconds: lag, BacklogBytes: backlog, Weakest: weakest}
	}
	s.Pipelines = []status.Pipeline{
		{Pipeline: "emea/london/EXTBILL>emea/frankfurt/REPBILL", State: status.Problem, Why: "REPBILL abended: OGG-01296", Complete: true, LagSeconds: f(763), Hops: []status.Hop{
			hop("extract", "emea", "london", "EXTBILL", "running", status.OK, "", f(2), nil, ""),
			hop("distribution_path", "emea", "london", "BILL_FRA", "running", status.OK, "bl", f(3), f(0), ""),
			hop("receiver_path", "emea", "frankfurt", "BILL_FRA", "running", status.OK, "", f(1), nil, ""),
			hop("replicat", "emea", "frankfurt", "REPBILL", "abended", status.Problem, "br", f(763), f(12<<20), "down"),
		}},
		{Pipeline: "apac/tokyo/EXTSYD>apac/sydney/REPSYD", State: status.Warning, Why: "backlog grows", Complete: true, LagSeconds: f(133), Hops: []status.Hop{
			hop("extract", "apac", "tokyo", "EXTSYD", "running", status.OK, "", f(133), nil, ""),
			hop("distribution_path", "apac", "tokyo", "TOKSYD", "running", status.Warning, "ts", f(95), f(812000000), "backlog"),
			hop("replicat", "apac", "sydney", "REPSYD", "running", status.OK, "ty", f(4), f(2048), ""),
		}},
		{Pipeline: "emea/london/EXTORD>emea/frankfurt/REPORD", State: status.OK, Complete: true, LagSeconds: f(6), Hops: []status.Hop{
			hop("extract", "emea", "london", "EXTORD", "running", status.OK, "", f(3), nil, ""),
			hop("distribution_path", "emea", "london", "LONFRA", "running", status.OK, "or", f(4), f(0), ""),
			hop("replicat", "emea", "frankfurt", "REPORD", "running", status.OK, "rd", f(6), f(700), ""),
		}},
		{Pipeline: "emea/frankfurt/EXTFEED>203.0.113.9:9015", State: status.OK, LagSeconds: f(1), Hops: []status.Hop{
			hop("extract", "emea", "frankfurt", "EXTFEED", "running", status.OK, "", f(1), nil, ""),
			hop("distribution_path", "emea", "frankfurt", "PARTNER", "running", status.OK, "fe", f(1), f(0), ""),
			hop("external", "", "", "203.0.113.9:9015", "", status.Unknown, "", nil, nil, ""),
		}},
	}
	add := func(d, program, name, st string, state status.State, why string, lag, age, ckpt *float64, code, line string) {
		s.Rows = append(s.Rows, status.Row{ServiceManager: "emea", Deployment: d, Program: program, Name: name, Status: st, State: state, Why: why, LagSeconds: lag, LagAgeSeconds: age, CheckpointAgeSeconds: ckpt, LastError: code, LastErrorLine: line, ReadAt: read})
	}
	add("frankfurt", "replicat", "REPBILL", "abended", status.Problem, "abended, and expected to run", f(763), f(3720), f(3721), "OGG-01296", "ERROR OGG-01296 Error mapping from BILL.INVOICE to BILL.INVOICE: ORA-00001 unique constraint violated.")
	add("frankfurt", "adminsrvr", "Administration Service", "running", status.Problem, "unhealthy: REPBILL is critical", nil, nil, nil, "", "")
	add("london", "distribution_path", "ARCHIVE", "stopped", status.Problem, "stopped, and expected to run", f(30), f(86400*2), nil, "", "")
	add("london", "extract", "EXTORD", "running", status.Warning, "lag over 60 s", f(133), f(4), f(7), "", "")
	add("tokyo", "extract", "EXTQUIET", "running", status.Unknown, "the Performance Metrics Service does not hear from it", nil, nil, nil, "", "")
	for i := range 12 {
		add("london", "extract", fmt.Sprintf("EXT%05d", i), "running", status.OK, "", f(float64(i)), f(4), f(5), "", "")
	}
	add("madrid", "deployment", "madrid", "stopped", status.Off, "", nil, nil, nil, "", "")
	took := 0.213
	s.ServiceManagers = []status.ServiceManager{
		{Name: "emea", URL: "https://emea.example.com:9011", ReadAt: &read, TookSeconds: &took, State: status.Problem, Errors: []string{"madrid, adminsrvr: GET https://emea.example.com:9012/services/v2/extracts: 401 Unauthorized (user monitor)"}},
		{Name: "apac", URL: "https://apac.example.com:9011", ReadAt: &read, TookSeconds: &took, State: status.OK},
	}
	return s
}

func handMany(pipelines, processes int) status.Status {
	s := handDemo()
	for i := range pipelines - len(s.Pipelines) {
		p := s.Pipelines[2]
		if i%20 == 0 {
			p = s.Pipelines[0]
		}
		p.Pipeline = fmt.Sprintf("emea/deployment%03d/EXT%05d>emea/deployment%03d/REP%05d", i, i, i+1, i)
		s.Pipelines = append(s.Pipelines, p)
	}
	for i := range processes {
		r := s.Rows[i%6]
		r.Name = fmt.Sprintf("PRC%05d", i)
		s.Rows = append(s.Rows, r)
	}
	return s
}

const odd = `<script>alert(1)</script>"'&` + "`${x}\u202e"

func handOdd() status.Status {
	s := handDemo()
	for i := range s.Rows {
		r := &s.Rows[i]
		r.Name, r.Why, r.Deployment, r.Status, r.LastErrorLine, r.ServiceManager, r.Program = odd, odd, odd, odd, odd, odd, odd
	}
	for i := range s.Pipelines {
		p := &s.Pipelines[i]
		p.Pipeline, p.Why = odd, odd
		for j := range p.Hops {
			h := &p.Hops[j]
			h.Name, h.Deployment, h.Trail, h.Status = odd, "averyveryverylongnameofadeploymentwithoutaspace"+odd, odd, odd
		}
	}
	for i := range s.ServiceManagers {
		s.ServiceManagers[i].Name, s.ServiceManagers[i].URL = odd, "https://x/"+odd
		s.ServiceManagers[i].Errors = []string{odd}
	}
	return s
}
