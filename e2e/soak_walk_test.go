//go:build soak

package e2e

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// happenForCertain makes happen what a short test may otherwise do without: a Service Manager
// that is seen to be down, and a reload.
func (s *soak) happenForCertain() {
	m := s.anyConfigured()
	end := m.Fault(oggtest.Target{}, oggtest.Fault{Refused: true})
	s.lasts("everything of "+m.name+" refuses connections", end)
	s.until(func() error {
		if s.down.Load() == 0 {
			return errors.New("no scrape has seen that " + m.name + " is down")
		}
		return nil
	})
	s.reconfigure()
}

// happen makes one thing happen.
func (s *soak) happen() {
	things := []struct {
		weight int
		do     func()
	}{
		{8, s.fault},
		{3, s.planeFault},
		{3, s.planeChange},
		{1, s.spoilCredentials},
		{1, s.obstructProxy},
		{1, s.reconfigureCloud},
		{5, s.mend},
		{2, s.restart},
		{2, s.standstill},
		{2, s.come},
		{2, s.rotate},
		{2, s.spoilSecret},
		{2, s.spoilTokens},
		{1, s.storm},
		{4, s.reconfigure},
		{2, s.misconfigure},
		{1, s.secretComesLate},
	}
	total := 0
	for _, thing := range things {
		total += thing.weight
	}
	if len(s.troubles) > 8 {
		s.mend()
	}
	s.look()
	n := s.rng.IntN(total)
	for _, thing := range things {
		if n -= thing.weight; n < 0 {
			thing.do()
			return
		}
	}
}

// note writes into the journal.
func (s *soak) note(format string, args ...any) {
	_, _ = fmt.Fprintf(&s.journal, "%s %s\n", time.Since(s.begin).Round(100*time.Millisecond), fmt.Sprintf(format, args...))
}

// lasts records a trouble until it is mended.
func (s *soak) lasts(name string, end func()) {
	s.note("%s", name)
	s.troubles = append(s.troubles, trouble{name, end})
}

// mend ends one of the troubles.
func (s *soak) mend() {
	if len(s.troubles) == 0 {
		return
	}
	i := s.rng.IntN(len(s.troubles))
	over := s.troubles[i]
	s.troubles = slices.Delete(s.troubles, i, i+1)
	s.note("over: %s", over.name)
	over.end()
}

// choose picks one of the values.
func choose[T any](s *soak, of ...T) T { return of[s.rng.IntN(len(of))] }

// anyone picks one of the Service Managers to which something may happen.
func (s *soak) anyone() *simulated { return choose(s, s.troubled...) }

// anyConfigured picks one of those that are in the configuration.
func (s *soak) anyConfigured() *simulated {
	return choose(s, slices.DeleteFunc(slices.Clone(s.troubled), func(m *simulated) bool { return m.cloud != nil })...)
}

// services are those that each deployment has.
var services = []string{"adminsrvr", "distsrvr", "recvsrvr", "pmsrvr"}

// fault makes something fail for a number of requests or until it is mended.
func (s *soak) fault() {
	m := s.anyone()
	at := choose(s, oggtest.Target{},
		oggtest.Target{Service: "ServiceManager"},
		oggtest.Target{Deployment: choose(s, m.deployments...)},
		oggtest.Target{Deployment: choose(s, m.deployments...), Service: choose(s, services...)},
		oggtest.Target{Service: choose(s, services...)},
		oggtest.Target{Path: choose(s, "/services/v2/extracts", "/services/v2/replicats/*/info/status", "/services/v2/mpoints", "/services/v2/installation", "/services/v2/deployments", "/services/v2/sources", "/services/v2/trails", "/services/v2/config/health", "/services/v2/connections")},
	)
	faults := hostileFaults()
	if s.rng.IntN(3) > 0 {
		faults = soakFaults
	}
	name := choose(s, slices.Sorted(maps.Keys(faults))...)
	f := faults[name]
	f.Times = choose(s, 0, 0, 1, 3, 20)
	if isBusy(name) {
		f.Times = choose(s, 1, 3)
	}
	f.Latency = max(f.Latency, choose(s, 0, 0, 0, 200*time.Millisecond))
	s.faults.Add(1)
	s.lasts(fmt.Sprintf("fault of %s at %+v: %s (%d times, %s)", m.name, at, name, f.Times, f.Latency), m.Fault(at, f))
}

// busy are the faults that keep the machine busy.
var busy = []string{"endless body", "nested deeply", "gzip of too much", "a large answer"}

// soakFaults are all the ways in which a service can fail.
var soakFaults = map[string]oggtest.Fault{
	"refused":            {Refused: true},
	"reset":              {Reset: true},
	"hangs":              {Hang: true},
	"endless body":       {EndlessBody: true},
	"slow body":          {SlowBody: 300 * time.Millisecond},
	"very slow body":     {SlowBody: 5 * time.Second},
	"truncated":          {Truncated: true},
	"wrong types":        {WrongTypes: true},
	"HTML":               {HTML: true},
	"empty":              {Status: http.StatusNoContent},
	"redirect elsewhere": {Redirect: "http://127.0.0.2:1/services/v2/extracts"},
	"401":                {Unauthorized401: true},
	"403":                {Forbidden403: true},
	"404":                {Status: http.StatusNotFound},
	"429":                {Status: http.StatusTooManyRequests, RetryAfter: "3600"},
	"429, soon again":    {Status: http.StatusTooManyRequests, RetryAfter: "1"},
	"500":                {Status: http.StatusInternalServerError},
	"502":                {Status: http.StatusBadGateway, HTML: true},
	"503":                {Status: http.StatusServiceUnavailable, RetryAfter: "1"},
	"latency":            {Latency: 10 * time.Second},
	"no response":        {Body: `{"messages":[]}`},
	"an array":           {Body: `[1]`},
	"not JSON":           {Body: `status: running`},
	"nested deeply":      {Body: `{"response":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`},
	"a large answer":     {Body: `{"response":{"items":[],"padding":"` + strings.Repeat("x", 1<<20) + `"}}`},
	"odd items":          {Body: `{"response":{"items":[7,null,"x",[],{},{"name":{}},{"name":"EXT00000","status":[]}]}}`},
	"odd members":        {Body: `{"response":{"name":7,"status":{},"lag":"NaN","lastStarted":"yesterday","isSsl":"yes","port":-1,"healthy":"N/A"}}`},
	"gzip":               {Body: string(oggtest.Gzipped([]byte(`{"response":{"items":[]}}`))), Header: gzipped},
	"gzip of too much":   {Body: string(oggtest.Gzipped(make([]byte, 40<<20))), Header: gzipped},
	"gzip that ends":     {Body: string(oggtest.Gzipped([]byte(`{"response":{"items":[]}}`))[:20]), Header: gzipped},
	"no gzip":            {Body: "nor JSON", Header: gzipped},
	"another encoding":   {Header: http.Header{"Content-Encoding": {"br"}}},
	"a strange header":   {Header: http.Header{"Content-Encoding": {"gzip"}, "X-Long": {strings.Repeat("x", 100_000)}}},
}

// gzipped are the headers of an answer in gzip.
var gzipped = http.Header{"Content-Encoding": {"gzip"}}

// anyProcess returns the name of one of the processes of each deployment.
func (s *soak) anyProcess() string { return choose(s, "EXT00000", "REP00001", "EXT00002", "REP00003") }

// restart restarts something.
func (s *soak) restart() {
	m := s.anyone()
	deployment := choose(s, m.deployments...)
	switch s.rng.IntN(4) {
	case 0:
		s.note("restart of the Service Manager %s", m.name)
		m.RestartService("ServiceManager", "ServiceManager")
	case 1:
		service := choose(s, services...)
		s.note("restart of %s/%s/%s", m.name, deployment, service)
		m.RestartService(deployment, service)
	case 2:
		process := s.anyProcess()
		s.note("restart of %s/%s/%s", m.name, deployment, process)
		m.RestartProcess(deployment, process)
	default:
		s.note("restart of the path of %s/%s", m.name, deployment)
		m.RestartPath(deployment, "PATH00000")
	}
}

// standstill stops something for some time.
func (s *soak) standstill() {
	m := s.anyone()
	deployment := m.deployments[0]
	name, status := m.name+"/"+deployment, choose(s, "stopped", "killed", "abended")
	switch s.rng.IntN(4) {
	case 0:
		m.SetDeploymentStatus(deployment, status)
		s.lasts(name+" is "+status, func() { m.SetDeploymentStatus(deployment, "running") })
	case 1:
		service := choose(s, services...)
		status = choose(s, status, "starting", "restart")
		m.SetServiceStatus(deployment, service, status)
		s.lasts(name+"/"+service+" is "+status, func() { m.SetServiceStatus(deployment, service, "running") })
	case 2:
		process := s.anyProcess()
		status = choose(s, status, "suspended")
		m.SetProcessStatus(deployment, process, status)
		s.lasts(name+"/"+process+" is "+status, func() { m.SetProcessStatus(deployment, process, "running") })
	default:
		service := choose(s, services...)
		m.SetServiceHealth(deployment, service, false)
		s.lasts(name+"/"+service+" is not healthy", func() { m.SetServiceHealth(deployment, service, true) })
	}
}

// come adds something for some time.
func (s *soak) come() {
	m := s.anyone()
	s.secrets++ // also makes a new name
	if m.cloud != nil || s.rng.IntN(2) == 0 {
		process, deployment := fmt.Sprintf("EXT%05d", s.secrets), m.deployments[0]
		must(s.t, m.AddProcess(deployment, oggtest.Process{Name: process}))
		s.lasts(m.name+" has the new process "+process, func() { m.RemoveProcess(deployment, process) })
		return
	}
	name := fmt.Sprintf("new%d", s.secrets)
	must(s.t, m.AddDeployment(oggtest.Deployment{Name: name, Processes: []oggtest.Process{{Name: "EXT00000"}}}))
	m.takes(m.secret, name)
	m.deployments = append(m.deployments, name)
	// Things happen to these in any deployment, so this one needs them as well.
	for _, p := range []string{"REP00001", "EXT00002", "REP00003"} {
		must(s.t, m.AddProcess(name, oggtest.Process{Name: p}))
	}
	must(s.t, m.AddDistributionPath(name, oggtest.DistributionPath{Name: "PATH00000"}))
	s.lasts(m.name+" has the new deployment "+name, func() {
		m.RemoveDeployment(name)
		m.deployments = slices.DeleteFunc(m.deployments, func(d string) bool { return d == name })
	})
}

// takes makes deployments of the simulation, and its Service Manager, accept only this
// secret.
func (m *simulated) takes(secret string, deployments ...string) {
	m.secret = secret
	for _, d := range append([]string{"ServiceManager"}, deployments...) {
		m.SetCredentials(d, oggtest.DefaultUser, secret)
		m.SetToken(d, secret)
	}
}

// changeSecret makes the simulation accept only a new secret, which the exporter does not
// know yet.
func (s *soak) changeSecret(m *simulated) {
	m.takes(s.newSecret(), m.deployments...)
}

// changeCloudSecret changes the secret of all deployments of the cloud. Nothing is scraped
// meanwhile, because nothing may happen to one of them.
func (s *soak) changeCloudSecret() {
	s.scraping.Lock()
	defer s.scraping.Unlock()
	s.pass(time.Second) // in which polls end that nobody waits for
	s.cloud.secret = s.newSecret()
	for _, m := range s.cloud.managed {
		m.takes(s.cloud.secret, m.deployments...)
	}
	s.replace(s.cloud.secretFile, s.cloud.secret)
}

// writeSecret writes the file from which the exporter takes the secret.
func (s *soak) writeSecret(m *simulated, secret string) { s.replace(m.secretFile, secret) }

// replace gives a file another text in one of the usual ways.
func (s *soak) replace(file, text string) {
	switch s.rng.IntN(3) {
	case 0:
		must(s.t, os.WriteFile(file+"~", []byte(text), 0o600))
		must(s.t, os.Rename(file+"~", file))
	case 1:
		must(s.t, os.WriteFile(file, []byte(text), 0o600))
	default:
		if err := os.Remove(file); !errors.Is(err, os.ErrNotExist) {
			must(s.t, err)
		}
		must(s.t, os.WriteFile(file, []byte(text), 0o600))
	}
}

// rotate changes a secret, and informs the exporter a moment later.
func (s *soak) rotate() {
	m := s.anyConfigured()
	s.note("new secret of %s", m.name)
	s.changeSecret(m)
	s.pass(s.moment())
	if m.secretFile != "" {
		s.writeSecret(m, m.secret)
		return
	}
	s.restoreFiles()
	s.load(s.configuration(), true)
}

// spoilSecret gives the exporter a wrong secret, or none, for some time.
func (s *soak) spoilSecret() {
	m := s.anyConfigured()
	if m.secretFile == "" {
		return
	}
	if s.rng.IntN(3) == 0 {
		must(s.t, os.RemoveAll(m.secretFile))
		s.lasts("the secret of "+m.name+" is not there", func() { s.writeSecret(m, m.secret) })
		return
	}
	s.writeSecret(m, s.newSecret())
	s.lasts("the secret of "+m.name+" is wrong", func() { s.writeSecret(m, m.secret) })
}

// heal ends all troubles and waits until everything can be read again.
func (s *soak) heal() {
	for len(s.troubles) > 0 {
		s.mend()
	}
	names := []string{cloudName}
	for _, m := range s.sims {
		if m.cloud != nil {
			continue
		}
		m.configured = true
		names = append(names, m.name)
		if m.name == steady || m.name == identified {
			continue
		}
		// Otherwise a rejected user would be held back for minutes more. No service is
		// restarted: that would end connections that should already have been closed.
		s.changeSecret(m)
		if m.secretFile != "" {
			s.writeSecret(m, m.secret)
		}
	}
	s.changeCloudSecret()
	s.cloud.configured = true
	s.note("all troubles are over")
	s.changing(func() { s.loadBy("POST", s.configuration(), true, names...) })
	s.awaitCloud()
	var left []string // what has failed in each scrape: a slow machine may not be able to read all in one
	s.until(func() error {
		a, _ := s.ask(http.MethodGet, "/metrics", "X-Prometheus-Scrape-Timeout-Seconds", "10")
		failed := regexp.MustCompile(`(?m)^ogg_(up|scrape_collector_success|oci_up|oci_read_success)\{.* 0$`).FindAllString(a.body, -1)
		if left == nil {
			left = append([]string{}, failed...)
		}
		left = slices.DeleteFunc(left, func(one string) bool { return !slices.Contains(failed, one) })
		if len(left) > 0 || a.status != http.StatusOK {
			return fmt.Errorf("status %d, and what has failed does not come back by itself: %q", a.status, left)
		}
		return s.missingConstants(scraper{s, nil}.parse("/metrics", a.body))
	})
}

// until is until, of which an error is a violation.
func (s *soak) until(try func() error) {
	var err error
	begin := time.Now()
	for deadline := begin.Add(patience); time.Now().Before(deadline); s.pass(100 * time.Millisecond) {
		latest := try()
		if latest == nil {
			s.t.Logf("waited %s for: %v", time.Since(begin).Round(time.Second), err)
			return
		}
		err = latest
	}
	s.violation("for %s: %v", patience, err)
	s.t.FailNow()
}
