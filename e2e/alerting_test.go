package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/oci/ocitest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// withoutData are the panels of dashboards that have no data in the demo: lists of faults
// that the demo does not have, and what only a flag or other rules give.
var withoutData = []string{
	"exporter.json: Collectors that are incomplete",
	"exporter.json: Hung requests by service",
	"exporter.json: Logins that are held back",
	"exporter.json: Series dropped by collector",
	"exporter.json: Tables without series",
	"overview.json: Firing alerts",
	"pipelines.json: Objectives over 30 days",
	"process.json: CPU of workers",
	"process.json: Discards and ignored operations by table",
	"process.json: Heartbeat table",
	"process.json: Memory of workers",
	"process.json: Operations by table",
	"process.json: New parameters",
	"process.json: Tables in the time range",
	"process.json: Tables left out",
	"replication.json: Age in heartbeat tables",
	"replication.json: Lag in heartbeat tables",
	"replication.json: Most frequent messages",
}

// TestDashboardData: Prometheus has data for each query of the dashboards when it
// scrapes the demo.
func TestDashboardData(t *testing.T) {
	t.Parallel()
	prometheus := neededProgram(t, "prometheus", "package prometheus")
	exporter := startListening(t, buildExporter(t), "--demo")
	s := startScraping(t, prometheus, exporter, "scrape_interval: 5s, scrape_timeout: 5s", "") // enough for a slow machine
	files, err := filepath.Glob("../dashboards/*.json")
	must(t, err)
	queries := 0
	for _, file := range files {
		for name, q := range panelQueries(t, file) {
			queries++
			until(t, func() error {
				found, err := s.count(q.path, q.parameters())
				if empty := slices.Contains(withoutData, name[:strings.LastIndex(name, " ")]); err != nil || found > 0 != empty {
					return err
				}
				return fmt.Errorf("%s: %d results of %s", name, found, q.expr)
			})
		}
	}
	if queries < 100 {
		t.Errorf("%d queries in %q", queries, files)
	}
}

// panelQuery is a query as Grafana would send it.
type panelQuery struct{ path, expr string }

// parameters are those of the request: of a graph, the last minutes.
func (q panelQuery) parameters() url.Values {
	now := time.Now().Unix()
	return url.Values{
		"query": {q.expr}, "match[]": {q.expr}, "step": {"1"},
		"start": {strconv.FormatInt(now-300, 10)}, "end": {strconv.FormatInt(now, 10)},
	}
}

// panelQueries returns the queries of a dashboard and those of its variables, by the
// panel's title and the query's name. Everything is chosen.
func panelQueries(t *testing.T, file string) map[string]panelQuery {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	type panel struct {
		Title   string
		Targets []struct {
			RefID, Expr string
			Range       bool
		}
		Panels []panel // of a row that is collapsed
	}
	var d struct {
		Panels     []panel
		Templating struct {
			List []struct{ Name, AllValue, Definition string }
		}
	}
	must(t, json.Unmarshal(text, &d))
	values := []string{"$__rate_interval", "1m", "$__range", "10m"}
	for _, v := range d.Templating.List {
		values = append(values, `="$`+v.Name+`"`, `=~".+"`, "$"+v.Name, v.AllValue)
	}
	filledIn, found := strings.NewReplacer(values...).Replace, map[string]panelQuery{}
	for _, v := range d.Templating.List {
		if m := regexp.MustCompile(`^label_values\((.*), (\w+)\)$`).FindStringSubmatch(v.Definition); m != nil {
			found[filepath.Base(file)+": variable "+v.Name] = panelQuery{"label/" + m[2] + "/values", filledIn(m[1])}
		}
	}
	panels := d.Panels
	for _, row := range d.Panels {
		panels = append(panels, row.Panels...)
	}
	for _, p := range panels {
		for _, q := range p.Targets {
			path := "query"
			if q.Range {
				path = "query_range"
			}
			found[filepath.Base(file)+": "+p.Title+" "+q.RefID] = panelQuery{path, filledIn(q.Expr)}
		}
	}
	return found
}

// scraping is a Prometheus server that scrapes the exporter.
type scraping struct{ *process }

// startScraping starts Prometheus with additions to its global settings and to its whole
// configuration.
func startScraping(t *testing.T, program string, exporter *process, global, more string) scraping {
	t.Helper()
	config := write(t, "prometheus.yml", `
global: {`+global+`}
scrape_configs:
  - job_name: ogg
    static_configs: [{targets: ['`+strings.TrimPrefix(exporter.url, "http://")+`']}]
`+more)
	// An alert is not sent again: of two servers, one would now and then say that it fires just after the other has ended it.
	// There is little to keep, and garbage is collected less often.
	return scraping{startListening(t, "env", "GOGC=400", program, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(t.TempDir(), "data"), "--rules.alert.resend-delay=1h")}
}

// count returns how many results there are of a request to the API.
func (s scraping) count(path string, parameters url.Values) (int, error) {
	text, err := fetch(s.url + "/api/v1/" + path + "?" + parameters.Encode())
	if err != nil {
		return 0, err
	}
	var answer struct{ Data json.RawMessage }
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return 0, err
	}
	var list []any
	if json.Unmarshal(answer.Data, &list) == nil {
		return len(list), nil
	}
	var data struct{ Result []any }
	err = json.Unmarshal(answer.Data, &data)
	return len(data.Result), err
}

// firingAtRest are the alerts about the demo that receivers get.
var firingAtRest = []string{
	`pager OggDeploymentDown{deployment="madrid",service_manager="emea",severity="critical",status="stopped"}`,
	`pager OggPipelineDown{deployment="frankfurt",hop_state="abended",kind="replicat",microservice="adminsrvr",name="REPBILL",process="REPBILL",process_type="replicat",service_manager="emea",severity="critical"}`,
	`tickets OggCertificateExpires{deployment="london",service_manager="emea",severity="warning"}`,
	`tickets OggLongTransaction{deployment="london",microservice="pmsrvr",process="EXTORD",process_type="extract",service_manager="emea",severity="warning"}`,
	`tickets OggOCIBackupTooOld{deployment="billing",oci="cloud",severity="warning"}`,
	`tickets OggOCIConnectionFailed{oci="cloud",severity="warning",status="failed"}`,
	`tickets OggOCIDeploymentUnhealthy{deployment="billing",oci="cloud",severity="warning",status="needs_attention"}`,
	`tickets OggOCIUpgradeDue{deployment="billing",oci="cloud",severity="warning"}`,
	`tickets OggOCIVersionSupportEnds{deployment="billing",oci="cloud",severity="warning"}`,
	`tickets OggPipelineDown{deployment="london",hop_state="unexpected",kind="distribution_path",microservice="distsrvr",name="archive",path="archive",service_manager="emea",severity="warning"}`,
	`tickets OggProcessNotResponsive{deployment="tokyo",microservice="pmsrvr",process="EXTHR",process_type="extract",service_manager="apac",severity="warning"}`,
	`tickets OggServiceUnhealthy{deployment="sydney",microservice="distsrvr",service_manager="apac",severity="warning"}`,
	`tickets OggUnexpectedState{deployment="tokyo",kind="process",microservice="adminsrvr",name="REPHR",process="REPHR",process_type="replicat",service_manager="apac",severity="warning"}`,
}

// mutingAtRest are the alerts that nobody is notified of: those that mute others, of the hops of the
// pipelines from EXTBILL and to the archive, and that the archive is nowhere.
var mutingAtRest = []string{
	`nobody OggPipelineHopMuted{cause="distribution_path",deployment="london",kind="distribution_path",microservice="distsrvr",muted="warning",name="archive",path="archive",service_manager="emea",severity="info"}`,
	`nobody OggPipelineHopMuted{cause="distribution_path",deployment="london",kind="extract",microservice="adminsrvr",muted="warning",name="EXTORD",process="EXTORD",process_type="extract",service_manager="emea",severity="info"}`,
	`nobody OggPipelineHopMuted{cause="replicat",deployment="frankfurt",kind="receiver_path",microservice="recvsrvr",muted="critical",name="billing",path="billing",service_manager="emea",severity="info"}`,
	`nobody OggPipelineHopMuted{cause="replicat",deployment="frankfurt",kind="replicat",microservice="adminsrvr",muted="critical",name="REPBILL",process="REPBILL",process_type="replicat",service_manager="emea",severity="info"}`,
	`nobody OggPipelineHopMuted{cause="replicat",deployment="london",kind="distribution_path",microservice="distsrvr",muted="critical",name="billing",path="billing",service_manager="emea",severity="info"}`,
	`nobody OggPipelineHopMuted{cause="replicat",deployment="london",kind="extract",microservice="adminsrvr",muted="critical",name="EXTBILL",process="EXTBILL",process_type="extract",service_manager="emea",severity="info"}`,
	`nobody OggPipelineUnjoined{deployment="london",kind="distribution_path",name="archive",reason="host",service_manager="emea",severity="info"}`,
}

// inhibitedAtRest are the alerts that no receiver gets: what the hops of a pipeline say of themselves that
// is down, and that what is down is not as expected.
var inhibitedAtRest = []string{
	`pager OggProcessAbended{deployment="frankfurt",microservice="adminsrvr",process="REPBILL",process_type="replicat",service_manager="emea",severity="critical"}`,
	`tickets OggDistributionPathDown{deployment="london",microservice="distsrvr",path="archive",service_manager="emea",severity="warning",status="stopped"}`,
	`tickets OggHeartbeatLag{deployment="london",name="EXTBILL",process="EXTBILL",process_type="extract",service_manager="emea",severity="warning"}`,
	`tickets OggHeartbeatLag{deployment="london",name="billing",process="DISTSRVR",process_type="distserver",service_manager="emea",severity="warning"}`,
	`tickets OggLagUnknown{deployment="tokyo",microservice="adminsrvr",process="EXTHR",process_type="extract",service_manager="apac",severity="warning"}`,
	`tickets OggPathLag{deployment="frankfurt",microservice="recvsrvr",path="billing",service_manager="emea",severity="warning"}`,
	`tickets OggPathLag{deployment="london",microservice="distsrvr",path="billing",service_manager="emea",severity="warning"}`,
	`tickets OggProcessLag{deployment="frankfurt",microservice="adminsrvr",process="REPBILL",process_type="replicat",service_manager="emea",severity="warning"}`,
	`tickets OggProcessLag{deployment="london",microservice="adminsrvr",process="EXTBILL",process_type="extract",service_manager="emea",severity="warning"}`,
	`tickets OggUnexpectedState{deployment="frankfurt",kind="process",microservice="adminsrvr",name="REPBILL",process="REPBILL",process_type="replicat",service_manager="emea",severity="warning"}`,
	`tickets OggUnexpectedState{deployment="london",kind="path",microservice="distsrvr",name="archive",path="archive",service_manager="emea",severity="warning"}`,
}

// TestAlerting: two Prometheus servers and Alertmanager, with the rules and the example of this
// repository, notify of a deployment that stops and starts again, once each and of
// nothing else. A minute of the rules and of Alertmanager takes a second here, or more on a machine
// on which Prometheus cannot scrape and evaluate that often. All other incidents are in
// dashboards/oncall, where these programs are libraries.
//
// The Service Managers and the compartment are copies of those of --demo, so that the
// test can stop a deployment, and their clock is frozen: no counter and no lag grows into
// an alert meanwhile.
func TestAlerting(t *testing.T) {
	t.Parallel()
	neededProgram(t, "prometheus", "package prometheus")
	if underRace {
		t.Skip("make test runs it: the race detector sees nothing of rules and Alertmanager, and slows the exporter down until scrapes are lost")
	}
	slow := true
	for minute := time.Second; slow && !t.Failed(); minute *= 2 {
		t.Run("a minute in "+minute.String(), func(t *testing.T) {
			a := startAlerting(t, minute)
			err := a.stopDeployment()
			if late := a.late(); err != nil && late != nil && minute < 4*time.Second {
				t.Logf("this says nothing, because %v: %v", late, err)
				return
			}
			slow = false
			must(t, err)
		})
	}
}

// alerting is a demo with Prometheus, its rules, and an Alertmanager.
type alerting struct {
	scraping
	servers      []scraping // the same, and the other one
	managers     map[string]*oggtest.Server
	panel        panelQuery // of firing alerts
	alertmanager *process
	notified     *receivers
	minute       time.Duration // of rules
}

// startAlerting starts all of it.
func startAlerting(t *testing.T, minute time.Duration) alerting {
	t.Helper()
	a := alerting{notified: newReceivers(t), panel: panelQueries(t, "../dashboards/overview.json")["overview.json: Firing alerts A"], minute: minute}
	a.alertmanager = startAlertmanager(t, a.notified.url, minute)
	var file string
	a.managers, file = startFrozenDemo(t)
	exporter, alertmanager := startListening(t, buildExporter(t), "--config.file="+file), strings.TrimPrefix(a.alertmanager.url, "http://")
	for _, replica := range []string{"a", "b"} {
		a.scraping = startScraping(t, neededProgram(t, "prometheus", "package prometheus"), exporter,
			fmt.Sprintf("scrape_interval: %[1]dms, scrape_timeout: %[1]dms, evaluation_interval: %dms, external_labels: {replica: %s}",
				2*minute.Milliseconds(), minute.Milliseconds()/2, replica), `
rule_files: ['`+fastRules(t, minute)+`/*.yml']
alerting:
  alert_relabel_configs: [{action: labeldrop, regex: replica}]
  alertmanagers: [{static_configs: [{targets: ['`+alertmanager+`']}]}]
`)
		a.servers = append(a.servers, a.scraping)
	}
	return a
}

// late says that a server was too late to scrape or to evaluate rules: what it then has is another story.
func (a alerting) late() error {
	for _, s := range a.servers {
		slow := fmt.Sprintf("max_over_time(scrape_duration_seconds[1h]) > %v", a.minute.Seconds())
		if n, err := s.count("query", panelQuery{expr: slow}.parameters()); err == nil && n > 0 {
			return errors.New("a scrape has taken more than half of its time")
		}
		own, _ := fetch(s.url + "/metrics")
		if missed := regexp.MustCompile(`(?m)^prometheus_rule_group_iterations_missed_total\S* [1-9].*$`).FindString(own); missed != "" {
			return errors.New(missed)
		}
	}
	return nil
}

// await tries until there is no error. It returns the last error after a time that is enough.
func (a alerting) await(try func() error) error {
	for deadline := time.Now().Add(180 * a.minute); ; time.Sleep(100 * time.Millisecond) {
		err := try()
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

// atRest checks that exactly those alerts fire that the demo has at rest, and that dashboards know which are muted.
func (a alerting) atRest() error {
	return errors.Join(a.expectNonePending(), a.expectMuted(a.panel, inhibitedAtRest), a.notified.expectFiring(firingAtRest),
		expectAlerts(a.alertmanager, "inhibited=false", slices.Sorted(slices.Values(slices.Concat(mutingAtRest, firingAtRest)))), expectAlerts(a.alertmanager, "active=false", inhibitedAtRest))
}

// stopDeployment stops and starts a deployment of the demo at rest: receivers are notified of that alone.
func (a alerting) stopDeployment() error {
	const down = `pager OggDeploymentDown{deployment="frankfurt",service_manager="emea",severity="critical",status="stopped"}`
	if err := a.await(a.atRest); err != nil {
		return err
	}
	// Depending on the order in which alerts came, receivers may have been notified of one
	// that is inhibited now. So notifications count from here.
	a.notified.forget()
	a.managers["emea"].SetDeploymentStatus("frankfurt", "stopped")
	if err := a.await(func() error { return a.notified.expect("firing " + down) }); err != nil {
		return err
	}
	// What else fires continues for a while and then ends: receivers get neither. Nor do they get that
	// the deployment is not as expected, and that pipelines stop there.
	err := a.await(func() error {
		return a.expectAlerts("frankfurt", "OggDeploymentDown", "OggPipelineDown", "OggPipelineHopMuted", "OggUnexpectedState")
	})
	if err != nil {
		return err
	}
	both, err := a.count("query_range", panelQuery{expr: `
		ALERTS{alertstate="firing", deployment="frankfurt", alertname="OggProcessAbended"}
		and on () ALERTS{alertstate="firing", deployment="frankfurt", alertname="OggDeploymentDown"}`}.parameters())
	if err != nil || both == 0 {
		return fmt.Errorf("nothing was to be inhibited: %w", err)
	}
	a.managers["emea"].SetDeploymentStatus("frankfurt", "running")
	return a.untilRest(down)
}

// untilRest waits until the alert is resolved, and the demo at rest, of which nobody else was notified.
func (a alerting) untilRest(alert string) error {
	expect := func() error { return a.notified.expect("firing "+alert, "resolved "+alert) }
	if err := a.await(expect); err != nil {
		return err
	}
	if err := a.await(a.atRest); err != nil {
		return err
	}
	return expect()
}

// demoNames are the names under which --demo reads its Service Managers.
var demoNames = []string{"emea", "apac"}

// startFrozenDemo starts the Service Managers and the compartment of the demo with
// frozen clocks, and returns the former and a configuration file that reads them all.
func startFrozenDemo(t *testing.T) (managers map[string]*oggtest.Server, file string) {
	t.Helper()
	managers = map[string]*oggtest.Server{}
	var config []any
	for i, installation := range oggtest.Demo() {
		installation.Clock = oggtest.NewManualClock(time.Now())
		s, err := oggtest.Start(installation)
		must(t, err)
		t.Cleanup(s.Close)
		managers[demoNames[i]] = s
		config = append(config, elementOf(demoNames[i], s))
	}
	return managers, write(t, "ogg_exporter.yml", asYAML(t, map[string]any{"service_managers": config, "oci": []any{frozenDemoCloud(t)}}))
}

// frozenDemoCloud starts the compartment of the demo, with a managed deployment whose
// clock is frozen, and returns the entry of a configuration file that reads it.
func frozenDemoCloud(t *testing.T) map[string]any {
	t.Helper()
	installation := oggtest.DemoManaged()
	installation.Clock = oggtest.NewManualClock(time.Now())
	sales, err := oggtest.Start(installation)
	must(t, err)
	t.Cleanup(sales.Close)
	plane := ocitest.Demo(time.Now())
	plane.Deployments[0].URL, plane.Deployments[0].OGGName = sales.URL(), installation.Deployments[0].Name
	cloud, err := ocitest.Start(plane)
	must(t, err)
	t.Cleanup(cloud.Close)
	file, err := cloud.WriteConfig(t.TempDir())
	must(t, err)
	return map[string]any{
		"name": "cloud", "config_file": file, "endpoint": cloud.URL(),
		"compartment_ids": []string{ocitest.Compartment}, "scrape": loginOf(sales), "scrape_hosts": `127\.0\.0\.1`,
	}
}

// faster gives each minute another length in the durations that follow what a pattern matches.
func faster(t *testing.T, minute time.Duration, text string, before string) string {
	t.Helper()
	pattern := regexp.MustCompile(`(?m)(` + before + `)(\d+[smh])\b`)
	if !pattern.MatchString(text) {
		t.Fatalf("nothing of %s in:\n%s", before, text)
	}
	return pattern.ReplaceAllStringFunc(text, func(line string) string {
		m := pattern.FindStringSubmatch(line)
		d, err := time.ParseDuration(m[2])
		must(t, err)
		return m[1] + strconv.FormatFloat(1000*d.Minutes()*minute.Seconds(), 'f', 0, 64) + "ms"
	})
}

// fastRules returns a directory with the rules, with times that a test can wait for.
func fastRules(t *testing.T, minute time.Duration) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"recording.yml", "alerts.yml"} {
		text, err := os.ReadFile(filepath.Join("..", "dashboards", "rules", name))
		must(t, err)
		fast := string(text)
		for _, before := range []string{`(?:last|max)_over_time\([^\[]*\[`, `\] offset `, `^\s*interval: `} {
			fast = faster(t, minute, fast, before)
		}
		if name == "alerts.yml" {
			fast = faster(t, minute, fast, `^\s*(?:for|keep_firing_for): `)
		}
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(fast), 0o600))
	}
	return dir
}

// startAlertmanager starts Alertmanager with the example, with the receivers of the test
// and times that it can wait for.
func startAlertmanager(t *testing.T, receivers string, minute time.Duration) *process {
	t.Helper()
	program, err := exec.LookPath("alertmanager")
	if err != nil {
		program = neededProgram(t, "prometheus-alertmanager", "package prometheus-alertmanager")
	}
	example, err := os.ReadFile("../dashboards/alertmanager.example.yml")
	must(t, err)
	text := regexp.MustCompile(`https://(\w+)\.example\.com/\S+`).ReplaceAllString(string(example), receivers+"/$1")
	text = faster(t, minute, text, `^\s*(?:group_wait|group_interval|repeat_interval): `)
	return startListening(t, program, "--config.file="+write(t, "alertmanager.yml", text),
		"--storage.path="+t.TempDir(), "--cluster.listen-address=")
}

// receivers get the notifications of Alertmanager.
type receivers struct {
	url  string
	mu   sync.Mutex
	last map[string]string // the latest status of an alert: firing or resolved
	all  []string          // the changes of status
}

// newReceivers starts a server on which each path is a receiver.
func newReceivers(t *testing.T) *receivers {
	t.Helper()
	r := &receivers{last: map[string]string{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err == nil {
			err = r.take(strings.TrimPrefix(request.URL.Path, "/"), body)
		}
		if err != nil {
			t.Error(err)
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// take receives a notification, which is about all alerts of a group.
func (r *receivers) take(receiver string, body []byte) error {
	var notification struct {
		Alerts []struct {
			Status string
			Labels map[string]string
		}
	}
	if err := json.Unmarshal(body, &notification); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range notification.Alerts {
		name := receiver + " " + alertText(a.Labels)
		if a.Status == "resolved" && r.last[name] == "" {
			continue // it ended together with what muted it, and nobody knew of it
		}
		if r.last[name] != a.Status {
			r.last[name] = a.Status
			r.all = append(r.all, a.Status+" "+name)
		}
	}
	return nil
}

// alertText is an alert as PromQL would have it.
func alertText(labels map[string]string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		if name != "alertname" {
			pairs = append(pairs, fmt.Sprintf("%s=%q", name, labels[name]))
		}
	}
	return labels["alertname"] + "{" + strings.Join(pairs, ",") + "}"
}

// forget forgets the notifications, but not what fires.
func (r *receivers) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = nil
}

// expect checks that exactly these notifications came since.
func (r *receivers) expect(want ...string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return difference("notifications", r.all, want)
}

// expectFiring checks that receivers know that these alerts fire.
func (r *receivers) expectFiring(want []string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var err error
	for _, name := range want {
		if r.last[name] != "firing" {
			err = errors.Join(err, fmt.Errorf("no receiver knows of %s", name))
		}
	}
	for name, last := range r.last {
		if last == "firing" && !slices.Contains(want, name) && !slices.Contains(inhibitedAtRest, name) {
			err = errors.Join(err, fmt.Errorf("a receiver has yet to learn that it is over: %s", name))
		}
	}
	return err
}

// difference is nil if the lists are the same.
func difference(what string, got, want []string) error {
	if slices.Equal(got, want) {
		return nil
	}
	return fmt.Errorf("%s:\n%s\nwant:\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
}

// expectAlerts checks that Alertmanager has exactly these alerts for the parameter.
func expectAlerts(alertmanager *process, parameter string, want []string) error {
	text, err := fetch(alertmanager.url + "/api/v2/alerts?" + parameter)
	if err != nil {
		return err
	}
	var alerts []struct {
		Labels    map[string]string
		Receivers []struct{ Name string }
	}
	if err := json.Unmarshal([]byte(text), &alerts); err != nil {
		return err
	}
	var got []string
	for _, a := range alerts {
		for _, r := range a.Receivers {
			got = append(got, r.Name+" "+alertText(a.Labels))
		}
	}
	slices.Sort(got)
	return difference("alerts with "+parameter, got, want)
}

// firing is an alert as Prometheus has it.
type firing struct {
	Labels map[string]string
	State  string
}

func (s scraping) alerts() ([]firing, error) {
	text, err := fetch(s.url + "/api/v1/alerts")
	if err != nil {
		return nil, err
	}
	var answer struct{ Data struct{ Alerts []firing } }
	err = json.Unmarshal([]byte(text), &answer)
	return answer.Data.Alerts, err
}

// expectNonePending checks that no alert is about to fire.
func (s scraping) expectNonePending() error {
	alerts, err := s.alerts()
	for _, a := range alerts {
		if a.State != "firing" {
			err = errors.Join(err, fmt.Errorf("%s is %s", alertText(a.Labels), a.State))
		}
	}
	return err
}

// expectMuted checks that the panel of firing alerts shows exactly these alerts of receivers as muted.
func (s scraping) expectMuted(panel panelQuery, want []string) error {
	text, err := fetch(s.url + "/api/v1/query?" + panel.parameters().Encode())
	if err != nil {
		return err
	}
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return err
	}
	var got, muted []string
	for _, r := range answer.Data.Result {
		if r.Value[1] == "0" {
			got = append(got, r.Metric["alertname"]+" "+r.Metric["deployment"])
		}
	}
	for _, alert := range want {
		m := regexp.MustCompile(`(\w+)\{deployment="(\w+)"`).FindStringSubmatch(alert)
		muted = append(muted, m[1]+" "+m[2])
	}
	slices.Sort(got)
	slices.Sort(muted)
	return difference("muted on the dashboard", got, muted)
}

// expectAlerts checks that exactly these alerts, once or several times, are about the deployment.
func (s scraping) expectAlerts(deployment string, want ...string) error {
	alerts, err := s.alerts()
	if err != nil {
		return err
	}
	var got []string
	for _, a := range alerts {
		if a.Labels["deployment"] == deployment {
			got = append(got, a.Labels["alertname"])
		}
	}
	return difference("alerts about "+deployment, slices.Compact(slices.Sorted(slices.Values(got))), want)
}
