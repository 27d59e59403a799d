//go:build soak

package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ogg-exporter/ogg_exporter/oci/ocitest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// cloudName is the name of the entry of oci. That it is configured is a fact.
const cloudName = "cloud"

// The deployments of the compartment to which nothing happens: still, which is read, and
// archive, which has no URL.
const (
	still   = cloudName + "/still"
	archive = "archive"
)

// cloud is a control plane, of which one entry of oci reads a compartment. Its deployments
// are managed ones of the fleet.
type cloud struct {
	*ocitest.Server
	dir         string // of the credentials
	spoiled     bool   // whether the credentials are
	secret      string // of all its deployments
	secretFile  string
	configured  bool
	concurrency int
	managed     []*simulated
	constant    map[string]float64 // what the control plane reports whatever happens

	// What the scrapes have to show is not known until a refresh that began after changed
	// has shown it. None does while obstacles keep the list of deployments from being read.
	settled   bool
	changed   time.Time
	obstacles int
	ends      []func()  // of all obstacles so far
	overdue   time.Time // when a refresh that shows it is overdue
	counted   int       // requests
}

// startCloud starts the control plane and the deployments that it lists.
func (s *soak) startCloud() {
	c := &cloud{dir: s.t.TempDir(), secret: s.newSecret(), configured: true, concurrency: 2}
	c.secretFile = filepath.Join(c.dir, "secret")
	must(s.t, os.WriteFile(c.secretFile, []byte(c.secret), 0o600))
	s.cloud = c
	plane := ocitest.Demo(time.Now())
	plane.TLS = true
	archived := slices.IndexFunc(plane.Deployments, func(d ocitest.Deployment) bool { return d.DisplayName == archive })
	plane.Deployments = plane.Deployments[archived : archived+1]
	plane.Deployments[0].Backups = []ocitest.Backup{{Begin: time.Now().Add(-2 * time.Hour), End: time.Now().Add(-time.Hour)}}
	for _, m := range []struct {
		name string
		oggtest.Installation
	}{
		{still, oggtest.Installation{WithoutServiceManager: true}},
		{cloudName + "/sales", oggtest.Installation{WithoutServiceManager: true, Gzip: true}},
		{cloudName + "/billing", oggtest.Installation{}},
	} {
		m.TLS, m.ReverseProxy = true, true
		sim := s.simulate(m.name, m.Installation, c)
		plane.Deployments = append(plane.Deployments, ocitest.Deployment{DisplayName: sim.displayName(), OGGName: sim.deployments[0], URL: sim.URL()})
		c.managed = append(c.managed, sim)
	}
	var err error
	c.Server, err = ocitest.Start(plane)
	must(s.t, err)
	s.t.Cleanup(c.Close)
	s.writeCredentials()
}

// writeCredentials writes the credentials for the control plane.
func (s *soak) writeCredentials() {
	_, err := s.cloud.WriteConfig(s.cloud.dir)
	must(s.t, err)
	s.cloud.spoiled = false
}

// displayName is the deployment's name in the control plane.
func (m *simulated) displayName() string { return strings.TrimPrefix(m.name, cloudName+"/") }

// element is the cloud in the configuration.
func (c *cloud) element(s *soak) string {
	var authorities strings.Builder
	for _, m := range c.managed {
		authorities.Write(m.CACertificate())
	}
	return asYAML(s.t, map[string]any{
		"name": cloudName, "config_file": filepath.Join(c.dir, "config"), "endpoint": c.URL(), "compartment_ids": []string{ocitest.Compartment},
		"refresh_interval": "1s", "timeout": "3s", "scrape_hosts": `127\.0\.0\.1`,
		"tls_config": map[string]string{"ca": string(c.CACertificate())},
		"scrape": map[string]any{
			"timeout": s.timeout().String(), "max_concurrent_requests": c.concurrency,
			"basic_auth": map[string]string{"username": oggtest.DefaultUser, "password_file": c.secretFile},
			"tls_config": map[string]string{"ca": authorities.String()},
		},
	})
}

// What has to show

// states are those in which the control plane can list a deployment, with the status that
// the exporter has to show.
var states = map[string]string{
	"ACTIVE": "active", "INACTIVE": "inactive", "UPDATING": "updating", "NEEDS_ATTENTION": "needs_attention",
	"FAILED": "failed", "CREATING": "creating", "HIBERNATING": "unknown",
}

// seriesOfCloud begins every fact that is about a series: that it is 1.
const seriesOfCloud = "ogg_oci_"

// statusSeries is the series that is 1 if the control plane lists a deployment with this
// status.
func statusSeries(deployment, status string) string {
	return fmt.Sprintf(`ogg_oci_deployment_status{deployment=%q,oci=%q,status=%q}`, deployment, cloudName, status)
}

// truth returns the facts about the deployments: whether each is read, and its status.
func (c *cloud) truth() map[string]bool {
	are := map[string]bool{}
	for _, m := range c.managed {
		are[m.name] = false
		for _, status := range states {
			are[statusSeries(m.displayName(), status)] = false
		}
	}
	if !c.configured {
		return are
	}
	c.Change(func(plane *ocitest.ControlPlane) {
		for _, d := range plane.Deployments {
			name := cloudName + "/" + d.DisplayName
			if _, managed := are[name]; managed && d.CompartmentID == ocitest.Compartment && d.Status != "DELETED" {
				are[name] = strings.HasPrefix(d.URL, "https://127.0.0.1:")
				are[statusSeries(d.DisplayName, states[d.Status])] = true
			}
		}
	})
	return are
}

// facts returns the names of the facts about deployments; of these alone, if any is named.
func (c *cloud) facts(deployments ...string) []string {
	return slices.DeleteFunc(slices.Collect(maps.Keys(c.truth())), func(fact string) bool {
		about := func(d string) bool {
			return fact == cloudName+"/"+d || strings.HasPrefix(fact, seriesOfCloud) && strings.Contains(fact, fmt.Sprintf("deployment=%q", d))
		}
		return len(deployments) > 0 && !slices.ContainsFunc(deployments, about)
	})
}

// changing does something that changes the facts about deployments, or about all.
func (s *soak) changing(do func(), deployments ...string) {
	s.facts.change(s.cloud.facts(deployments...)...)
	do()
	s.cloud.settled, s.cloud.changed, s.cloud.overdue = false, time.Now(), time.Now().Add(patience)
}

// look settles the facts about the cloud if the latest change shows.
func (s *soak) look() {
	c := s.cloud
	switch {
	case c.settled:
	case !c.configured || s.shows(c.truth()):
		s.facts.settle(c.truth())
		c.settled = true
	case c.obstacles > 0:
		c.overdue = time.Now().Add(patience)
	case time.Now().After(c.overdue):
		s.violation("for %s, no refresh has shown what the control plane lists: %v", patience, c.truth())
		c.settled = true // as far as it goes
	}
}

// shows reports whether a refresh that began after the latest change has brought these
// facts into force.
func (s *soak) shows(truth map[string]bool) bool {
	a, ok := s.ask(http.MethodGet, "/probe?target="+cloudName)
	if !ok || a.status != http.StatusOK {
		return false
	}
	series := scraper{s, nil}.parse("/probe?target="+cloudName, a.body)
	began := series["ogg_oci_last_refresh_success_timestamp_seconds{"+ociLabel+"}"]
	if began <= float64(s.cloud.changed.UnixMilli()+1)/1e3 {
		return false
	}
	listed, ok := s.discovered()
	for fact, holds := range truth {
		is := listed[fact]
		if strings.HasPrefix(fact, seriesOfCloud) {
			is = series[fact] == 1
		}
		ok = ok && is == holds
	}
	return ok
}

// awaitCloud waits until the latest change shows.
func (s *soak) awaitCloud() {
	for s.look(); !s.cloud.settled; s.look() {
		s.pass(50 * time.Millisecond)
	}
}

// What happens

// obstruct notes that the list of deployments cannot be read until the end of the trouble.
func (c *cloud) obstruct(end func()) func() {
	c.obstacles++
	c.ends = append(c.ends, sync.OnceFunc(func() {
		end()
		c.obstacles--
		c.overdue = time.Now().Add(patience)
	}))
	return c.ends[len(c.ends)-1]
}

// unobstruct ends all obstacles.
func (c *cloud) unobstruct() {
	for _, end := range c.ends {
		end()
	}
	c.ends = nil
}

// planeFault makes the control plane fail for a number of requests or until it is mended.
// What is listed stays what it is.
func (s *soak) planeFault() {
	c := s.cloud
	at := ocitest.Target{Path: choose(s, "", "/deployments", "/deployments", "/deployments/*", "/deploymentBackups", "/connections", "/pipelines", "/pipelines/*/runningProcesses")}
	name := choose(s, slices.Sorted(maps.Keys(planeFaults))...)
	f := planeFaults[name]
	f.Times = choose(s, 0, 0, 1, 3, 20)
	s.faults.Add(1)
	end := c.Fault(at, f)
	if at.Path == "" || at.Path == "/deployments" {
		end = c.obstruct(end)
	}
	s.lasts(fmt.Sprintf("fault of the control plane at %q: %s (%d times)", at.Path, name, f.Times), end)
}

// planeFaults are the ways in which the control plane can fail. None gives a constant
// another value, and none ends a deployment.
var planeFaults = map[string]ocitest.Fault{
	"hangs":            {Hang: true},
	"dropped":          {Drop: true},
	"broken off":       {BreakOff: true},
	"401":              {Status: http.StatusUnauthorized, Code: "NotAuthenticated", Message: "The required information is missing."},
	"404":              {Status: http.StatusNotFound, Code: "NotAuthorizedOrNotFound", Message: "Authorization failed."},
	"429":              {Status: http.StatusTooManyRequests, Code: "TooManyRequests", RetryAfter: "3600"},
	"429, soon again":  {Status: http.StatusTooManyRequests, Code: "TooManyRequests", RetryAfter: "0.5"},
	"500":              {Status: http.StatusInternalServerError, Code: "InternalServerError"},
	"502 with HTML":    {Status: http.StatusBadGateway, Body: "<html><body>Bad Gateway</body></html>"},
	"503":              {Status: http.StatusServiceUnavailable, Code: "ServiceUnavailable"},
	"HTML":             {Body: "<html><body>Please sign in.</body></html>"},
	"204":              {Status: http.StatusNoContent, Body: " "},
	"without items":    {Body: `{"opc":1}`},
	"items are null":   {Body: `{"items":null}`},
	"items are one":    {Body: `{"items":{"id":"x"}}`},
	"an array":         {Body: `[]`},
	"not JSON":         {Body: `items: []`},
	"too large":        {Body: strings.Repeat(" ", 9<<20)},
	"nested deeply":    {Body: `{"items":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`},
	"pages in a loop":  {SamePage: true},
	"odd items":        {Entries: []any{7, "x", true, []any{}, []any{map[string]any{}}}},
	"odd numbers":      {Set: map[string]any{"cpuCoreCount": "many", "storageUtilizationInBytes": map[string]any{}, "lastRecordLagInSeconds": "late"}},
	"odd truths":       {Set: map[string]any{"isHealthy": "yes", "isLatestVersion": 7, "isAutoScalingEnabled": []any{}}},
	"odd times":        {Set: map[string]any{"timeOggVersionSupportedUntil": "yesterday", "timeNextBackupScheduled": 1, "timeBackupFinished": true, "timeLastProcessed": "N/A"}},
	"odd inside":       {Set: map[string]any{"oggData": "none"}},
	"odd and unwanted": {Set: map[string]any{"lifecycleSubState": []any{7}, "deploymentType": map[string]any{}, "licenseModel": 1, "unheardOf": map[string]any{"a": 1}}},
}

// planeChange changes what the control plane lists for some time.
func (s *soak) planeChange() {
	m := choose(s, s.cloud.managed[1:]...)
	switch s.rng.IntN(5) {
	case 0:
		s.replan("of the deployment "+m.name+" nothing is left", m, func(d *ocitest.Deployment) { d.CompartmentID = "ocid1.compartment.oc1..elsewhere" })
	case 1:
		s.replan(m.name+" is listed as deleted", m, func(d *ocitest.Deployment) { d.Status = "DELETED" })
	case 2:
		url := choose(s, strings.Replace(m.URL(), "127.0.0.1", "localhost", 1), strings.Replace(m.URL(), "https", "http", 1), "")
		s.replan(fmt.Sprintf("%s has the URL %q", m.name, url), m, func(d *ocitest.Deployment) { d.URL = url })
	case 3:
		status := choose(s, slices.Sorted(maps.Keys(states))...)
		s.replan(m.name+" is "+status, m, func(d *ocitest.Deployment) { d.Status = status })
	default:
		size, empty := choose(s, 1, 3), choose(s, true, false)
		s.cloud.Change(func(p *ocitest.ControlPlane) { p.PageSize, p.EmptyPages = size, empty })
		s.note("pages of %d, some empty: %t", size, empty)
	}
}

// replan changes how a deployment is listed for some time, and mostly until that has been
// seen. If it is stopped, so is the GoldenGate behind it.
func (s *soak) replan(name string, m *simulated, change func(*ocitest.Deployment)) {
	if m.replanned {
		return
	}
	m.replanned = true
	var was ocitest.Deployment
	s.changing(func() { was = s.plan(m, change) }, m.displayName())
	s.lasts(name, func() {
		if s.rng.IntN(4) > 0 {
			s.cloud.unobstruct()
			s.awaitCloud()
		}
		s.changing(func() { s.plan(m, func(d *ocitest.Deployment) { *d = was }) }, m.displayName())
		m.replanned = false
	})
}

// plan changes how a deployment is listed, and returns how it was.
func (s *soak) plan(m *simulated, change func(*ocitest.Deployment)) (was ocitest.Deployment) {
	s.cloud.Change(func(plane *ocitest.ControlPlane) {
		i := slices.IndexFunc(plane.Deployments, func(d ocitest.Deployment) bool { return d.DisplayName == m.displayName() })
		was = plane.Deployments[i]
		change(&plane.Deployments[i])
		m.SetFront(plane.Deployments[i].Status != "INACTIVE")
	})
	return was
}

// spoilCredentials takes the credentials for the control plane from the exporter for some
// time.
func (s *soak) spoilCredentials() {
	key := filepath.Join(s.cloud.dir, "api_key.pem")
	s.cloud.spoiled = true
	if s.rng.IntN(2) == 0 {
		must(s.t, os.RemoveAll(key))
		s.lasts("the key for the control plane is not there", s.cloud.obstruct(s.writeCredentials))
		return
	}
	must(s.t, os.WriteFile(key, []byte("-----BEGIN RSA PRIVATE KEY-----\n"+hush+"\n"), 0o600))
	s.lasts("the key for the control plane is broken", s.cloud.obstruct(s.writeCredentials))
}

// reconfigureCloud adds or removes the entry of oci, or changes how its deployments are
// read.
func (s *soak) reconfigureCloud() {
	c := s.cloud
	if s.rng.IntN(4) == 0 {
		c.concurrency = choose(s, 1, 2, 4)
	} else {
		c.configured = !c.configured
	}
	s.note("new configuration of the cloud, configured: %t", c.configured)
	s.restoreFiles()
	s.changing(func() { s.load(s.configuration(), true, cloudName) })
	s.look()
}

// What is checked

// ociLabel is how samples say of which entry of oci they are.
const ociLabel = `oci="` + cloudName + `"`

// checkFact checks what a fact about a series says. The cloud belongs to no collector that
// can be selected.
func (c scraper) checkFact(path, one string, series map[string]float64, holds bool) {
	holds = holds && !strings.Contains(path, "collect[]")
	if got, is := series[one]; (got == 1) != holds {
		c.violation("%s: %s is %v (there: %t), which has to be 1: %t", path, one, got, is, holds)
	}
}

// checkCloud checks what the control plane reports whatever happens: a constant may be
// missing, but never has another value.
func (c scraper) checkCloud(path string, series map[string]float64) {
	for one, value := range series {
		if want, known := c.cloud.constant[one]; isConstant(one) && (!known || value != want) {
			c.violation("%s: %s is %v, want %v (%t)", path, one, value, want, known)
		}
	}
}

// isConstant reports whether a series is a constant: of archive, connections and
// pipelines. What says how they are has a label for each member, and is left out: a
// member that cannot be read is empty.
func isConstant(one string) bool {
	return strings.HasPrefix(one, seriesOfCloud+"connections") || strings.HasPrefix(one, seriesOfCloud+"pipeline") ||
		strings.Contains(one, fmt.Sprintf(`deployment=%q`, archive)) && !strings.HasPrefix(one, seriesOfCloud+"deployment_info")
}

// learnConstants takes the constants from a scrape.
func (s *soak) learnConstants() {
	a, _ := s.ask(http.MethodGet, "/probe?target="+cloudName)
	s.cloud.constant = scraper{s, nil}.parse("/probe?target="+cloudName, a.body)
	maps.DeleteFunc(s.cloud.constant, func(one string, _ float64) bool { return !isConstant(one) })
	if len(s.cloud.constant) < 20 {
		s.t.Fatalf("the control plane reports too little:\n%s", a.body)
	}
}

// missingConstants returns an error while a constant is missing.
func (s *soak) missingConstants(series map[string]float64) error {
	for one := range s.cloud.constant {
		if _, is := series[one]; !is {
			return fmt.Errorf("%s does not come back by itself", one)
		}
	}
	return nil
}

// methods returns the methods of the requests since the previous call.
func (c *cloud) methods() []string {
	var methods []string
	requests := c.Requests()
	for _, r := range requests[c.counted:] {
		methods = append(methods, r.Method)
	}
	c.counted = len(requests)
	return methods
}
