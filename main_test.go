package main

import (
	"bufio"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// running is an exporter that a test has started.
type running struct {
	url    string
	output string // what it wrote until it listened
	stop   context.CancelFunc
	code   chan int
}

var listening = regexp.MustCompile(`msg="Listening on" address=(\S+)`)

// startExporter runs the exporter until the test ends or stops it.
func startExporter(t *testing.T, env map[string]string, args ...string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	r := &running{stop: stop, code: make(chan int, 1)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.code <- run(ctx, append(args, "--web.listen-address=127.0.0.1:0"), lookup(env), writer, writer)
		_ = writer.Close()
	}()
	lines := bufio.NewScanner(reader)
	for r.url == "" && lines.Scan() {
		r.output += lines.Text() + "\n"
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			r.url = "http://" + m[1]
		}
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	t.Cleanup(func() {
		stop()
		http.DefaultClient.CloseIdleConnections()
		<-ended // what it does while it stops is not the next test's
	})
	if r.url == "" {
		t.Fatalf("it does not listen: %s", r.output)
	}
	return r
}

func lookup(env map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}
}

// metrics scrapes.
func (r *running) metrics(t *testing.T) string {
	t.Helper()
	answer, err := http.Get(r.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v", answer.StatusCode, err)
	}
	return string(body)
}

// simulate starts a small simulation.
func simulate(t *testing.T) *oggtest.Server {
	t.Helper()
	s, err := oggtest.Start(oggtest.Installation{
		Deployments: []oggtest.Deployment{{Name: "north", Processes: []oggtest.Process{{Name: "EXT1"}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestDemo: everything that the demo promises is there, and moves.
func TestDemo(t *testing.T) {
	r := startExporter(t, nil, "--demo")
	if !strings.Contains(r.output, "Open http://127.0.0.1:0/ for the status page, and http://127.0.0.1:0/metrics ") {
		t.Errorf("it says %q", r.output)
	}
	first := r.metrics(t)
	for what, pattern := range map[string]string{
		"two Service Managers":   `(?s)ogg_up\{service_manager="apac"\} 1.*ogg_up\{service_manager="emea"\} 1`,
		"a stopped deployment":   `ogg_deployment_status\{deployment="madrid",.*status="stopped"\} 1`,
		"a lagging Extract":      `ogg_process_lag_seconds\{.*process_type="extract".*\} [1-9][0-9]{2}`,
		"an abended Replicat":    `ogg_process_status\{.*process_type="replicat",.*status="abended"\} 1`,
		"an unhealthy service":   `ogg_service_healthy\{.*\} 0`,
		"the exporter's version": `ogg_exporter_build_info\{.*version="\d+\.\d+\.\d+.*"\} 1`,
	} {
		if !regexp.MustCompile(pattern).MatchString(first) {
			t.Errorf("no %s", what)
		}
	}
	if strings.Contains(first, "ogg_scrape_collector_success") && regexp.MustCompile(`ogg_scrape_collector_success\{.*\} 0`).MatchString(first) {
		t.Error("a read fails")
	}
	offsets := regexp.MustCompile(`(?m)^ogg_process_trail_offset_bytes.*$`)
	before := strings.Join(offsets.FindAllString(first, -1), "\n")
	for deadline := time.Now().Add(time.Minute); ; {
		if after := strings.Join(offsets.FindAllString(r.metrics(t), -1), "\n"); after != before {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("nothing moves")
		}
	}
	r.stop()
	if code := <-r.code; code != 0 {
		t.Errorf("exit status %d", code)
	}
}

// TestConfigFile reads a simulated Service Manager that a file configures.
func TestConfigFile(t *testing.T) {
	s := simulate(t)
	password := write(t, "password", oggtest.DefaultPassword)
	file := write(t, "ogg_exporter.yml", `
service_managers:
  - name: prod
    url: ${GG}
    basic_auth: {username: oggadmin, password_file: `+password+`}
`)
	env := map[string]string{"GG": s.URL()}
	r := startExporter(t, env, "--config.file="+file, "--config.expand-env", "--no-collector.service")
	got := r.metrics(t)
	if !strings.Contains(got, `ogg_process_up{deployment="north",process="EXT1",process_type="extract",service_manager="prod"} 1`) {
		t.Error("EXT1 is not there")
	}
	if strings.Contains(got, "ogg_service_up") {
		t.Error("a collector that is switched off collects")
	}
}

// TestSingle reads a simulated Service Manager as flags and environment say.
func TestSingle(t *testing.T) {
	s := simulate(t)
	password := write(t, "password", oggtest.DefaultPassword)
	for name, c := range map[string]struct {
		env  map[string]string
		args []string
	}{
		"flags":       {nil, []string{"--ogg.url=" + s.URL(), "--ogg.username=oggadmin", "--ogg.password-file=" + password}},
		"environment": {map[string]string{"OGG_URL": s.URL(), "OGG_USERNAME": "oggadmin", "OGG_PASSWORD": oggtest.DefaultPassword}, nil},
		"both":        {map[string]string{"OGG_URL": "http://127.0.0.1:1", "OGG_USERNAME": "other", "OGG_PASSWORD": oggtest.DefaultPassword}, []string{"--ogg.url=" + s.URL(), "--ogg.username=oggadmin"}},
	} {
		t.Run(name, func(t *testing.T) {
			want := `ogg_up{service_manager="` + strings.TrimPrefix(s.URL(), "http://") + `"} 1`
			if got := startExporter(t, c.env, c.args...).metrics(t); !strings.Contains(got, want) {
				t.Errorf("no %s", want)
			}
		})
	}
}

// TestExit: what exits immediately says why, and has the right status.
func TestExit(t *testing.T) {
	good := write(t, "good.yml", "service_managers: [{url: 'http://gg:7809'}, {url: 'http://gg:7810'}]")
	bad := write(t, "bad.yml", "service_managers:\n- url: http://user:hunter2@gg:7809\n  timeout: -1s\n  colour: red\n")
	for name, c := range map[string]struct {
		args []string
		env  map[string]string
		code int
		want []string
	}{
		"nothing to read":      {nil, nil, 1, []string{"give --config.file, --ogg.url (or OGG_URL), --demo or --replay"}},
		"two of them":          {[]string{"--demo", "--config.file=" + good}, nil, 1, []string{"one of --config.file, --ogg.url, --demo and --replay"}},
		"two others":           {[]string{"--replay=/no/such", "--ogg.url=http://gg:1"}, nil, 1, []string{"one of --config.file, --ogg.url, --demo and --replay"}},
		"a flag wins":          {[]string{"--demo", "--config.check"}, map[string]string{"OGG_URL": "ftp://gg"}, 0, []string{"is valid. Service Managers: 2, entries of oci: 1"}},
		"users of no URL":      {[]string{"--demo", "--ogg.username=u"}, nil, 1, []string{"require --ogg.url"}},
		"users of a replay":    {[]string{"--replay=/no/such", "--ogg.password-file=p"}, nil, 1, []string{"require --ogg.url"}},
		"reload of no file":    {[]string{"--demo", "--config.enable-auto-reload"}, nil, 1, []string{"--config.enable-auto-reload requires --config.file"}},
		"no time to look":      {[]string{"--config.file=" + good, "--config.auto-reload-interval=0s"}, nil, 1, []string{"--config.auto-reload-interval: "}},
		"too little memory":    {[]string{"--demo", "--ogg.max-body-memory=512KiB"}, nil, 1, []string{"--ogg.max-body-memory: must be at least 1MiB"}},
		"negative numbers":     {[]string{"--demo", "--scrape.max-requests=-1", "--scrape.max-series=-1", "--scrape.timeout-offset=-1s"}, nil, 1, []string{"--scrape.max-requests: ", "--scrape.max-series: ", "--scrape.timeout-offset: "}},
		"a path of metrics":    {[]string{"--config.file=" + good, "--web.telemetry-path=metrics"}, nil, 1, []string{`"metrics"`}},
		"no such point":        {[]string{"--demo", "--collector.performance.points=positionEr,cpu"}, nil, 1, []string{"--collector.performance.points: no point \"cpu\"", "processPerformance"}},
		"bad expressions":      {[]string{"--demo", "--collector.table.include=(", "--collector.performance.process-exclude=["}, nil, 1, []string{"--collector.table.include: ", "--collector.performance.process-exclude: "}},
		"negative connections": {[]string{"--demo", "--web.max-connections=-1"}, nil, 1, []string{`error: --web.max-connections: must be a whole number from 0 to 999999999, not "-1"`}},
		"a negative cap":       {[]string{"--demo", "--collector.table.max=-1", "--collector.pipeline.max=-1"}, nil, 1, []string{"--collector.table.max: ", "--collector.pipeline.max: "}},
		"nowhere to capture":   {[]string{"--demo", "--capture="}, nil, 1, []string{"error: --capture: must not be empty"}},
		"any port":             {[]string{"--demo", "--config.check", "--web.listen-address="}, nil, 1, []string{`error: --web.listen-address: must be a port with or without a host, such as :17809, not ""`}},
		"no port":              {[]string{"--demo", "--config.check", "--web.listen-address=localhost", "--web.listen-address=[::1]:+1"}, nil, 1, []string{`not "localhost"`, `not "[::1]:+1"`}},
		"no such service":      {[]string{"--demo", "--config.check", "--web.listen-address=:nosuch", "--web.listen-address=vsock://:http"}, nil, 1, []string{`not ":nosuch"`, `not "vsock://:http"`}},
		"a check, a capture":   {[]string{"--demo", "--config.check", "--capture=/no/such"}, nil, 1, []string{"give only one of --status, --capture"}},
		"a path, check":        {[]string{"--demo", "--config.check", "--web.telemetry-path=/sd"}, nil, 1, []string{"error: --web.telemetry-path: "}},
		"no web configuration": {[]string{"--demo", "--config.check", "--web.config.file=/no/such.yml"}, nil, 1, []string{"error: --web.config.file: open /no/such.yml"}},
		"bad TLS":              {[]string{"--demo", "--web.config.file=" + write(t, "web.yml", "tls_server_config: {cert_file: /no/such.pem}")}, nil, 1, []string{"error: --web.config.file: "}},
		"a web config unused":  {[]string{"--demo", "--once", "--web.config.file=/no/such.yml"}, nil, 0, []string{"ogg_up"}},
		"three mistakes":       {[]string{"--log.level=loud", "--scrape.max-series=1.5", "--demo", "--demo", "x"}, nil, 1, []string{"--log.level: ", "--scrape.max-series: ", "--demo: must not be given twice, try --help"}},
		"nothing but a word":   {[]string{""}, nil, 1, []string{`error: unexpected argument "", try --help`}},
		"no such flag":         {[]string{"--colour"}, nil, 1, []string{"--colour", ", try --help"}},
		"no such level":        {[]string{"--demo", "--log.level=loud"}, nil, 1, []string{"error: --log.level: ", "'loud', try --help"}},
		"no number":            {[]string{"--web.listen-address=:1", "--collector.pipeline.max=many"}, nil, 1, []string{`error: --collector.pipeline.max: must be a whole number from 0 to 999999999, not "many"`}},
		"no such report":       {[]string{"--demo", "--status=xml"}, nil, 2, []string{"error: --status: "}},
		"no such file":         {[]string{"--config.file=/no/such.yml"}, nil, 1, []string{"/no/such.yml"}},
		"two reports":          {[]string{"--demo", "--once", "--print-cardinality"}, nil, 1, []string{"give only one of --status, --capture, --once, --print-cardinality and --config.check"}},
		"a warning":            {[]string{"--config.file=" + write(t, "literal.yml", "service_managers: [{url: 'https://gg:1', labels: {site: '${SITE}'}}]"), "--config.check"}, nil, 0, []string{"warning: ", "literal.yml:1: service_managers[0].labels.site: contains ${...}, which stays", "Configuration is valid"}},
		"a valid file":         {[]string{"--config.file=" + good, "--config.check"}, nil, 0, []string{"is valid. Service Managers: 2, entries of oci: 0"}},
		"mistakes":             {[]string{"--config.file=" + bad}, nil, 1, []string{"bad.yml:2: ", "bad.yml:3: ", "bad.yml:4: ", "url: ", "timeout: ", "colour"}},
		"mistakes, check":      {[]string{"--config.file=" + bad, "--config.check"}, nil, 1, []string{"bad.yml:2: "}},
		"a URL from outside":   {nil, map[string]string{"OGG_URL": "ftp://gg"}, 1, []string{"--ogg.url"}},
		"user, no password":    {[]string{"--ogg.url=http://gg:1", "--ogg.username=u"}, nil, 1, []string{"password"}},
		"help": {[]string{"--help"}, map[string]string{"OGG_PASSWORD": "hunter2", "OGG_URL": "http://u:hunter2@gg"}, 0, []string{
			"--config.file", "--[no-]config.check", "--[no-]config.expand-env", "--[no-]config.enable-auto-reload", "--config.auto-reload-interval=30s",
			"--ogg.url", "--ogg.username", "--ogg.password-file", "--[no-]demo", "--replay=DIR", "--capture=DIR", "--status=text", "--status=json", "--[no-]once", "--[no-]print-cardinality", "$OGG_CA_FILE", "$OGG_REVERSE_PROXY",
			"--scrape.timeout-offset=500ms", "--scrape.max-requests=40", "--scrape.max-series=100000", "--ogg.max-body-memory=64MiB", "--[no-]collector.process", "--collector.table.max=100", "--[no-]collector.pipeline", "--collector.pipeline.max=500",
			"--web.telemetry-path", "--[no-]web.enable-debug", "--[no-]web.enable-pprof", "--[no-]web.enable-lifecycle", "--web.max-connections=512", "--web.listen-address", "--web.config.file", "--log.level", "--log.format",
		}},
		"version":             {[]string{"--version"}, nil, 0, []string{"ogg_exporter, version "}},
		"licenses":            {[]string{"--licenses"}, nil, 0, []string{"(Apache-2.0)", "github.com/prometheus/common v", "Permission is hereby granted"}},
		"a listener is taken": {[]string{"--config.file=" + good, "--web.listen-address=256.0.0.1:1"}, nil, 1, []string{"serving failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			code := run(t.Context(), c.args, lookup(c.env), &out, &out)
			if code != c.code {
				t.Errorf("exit status %d, want %d", code, c.code)
			}
			for _, want := range c.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("no %q in:\n%s", want, out.String())
				}
			}
			if strings.Contains(out.String(), "hunter2") {
				t.Errorf("it shows a secret:\n%s", out.String())
			}
		})
	}
}

// TestNothingToOpen: what only checks or reads once does not say where to look.
func TestNothingToOpen(t *testing.T) {
	for _, flag := range []string{"--config.check", "--print-cardinality", "--capture=" + filepath.Join(t.TempDir(), "new")} {
		var out strings.Builder
		if code := run(t.Context(), []string{"--demo", flag}, lookup(nil), &out, &out); code != 0 || strings.Contains(out.String(), "Open http") {
			t.Errorf("%s: exit status %d:\n%s", flag, code, out.String())
		}
	}
}

// TestStop: scrapes in flight are answered, each with what there is, when the
// exporter is stopped, and that within 5 s.
func TestStop(t *testing.T) {
	s := simulate(t)
	s.Fault(oggtest.Target{Path: "/services/v2/extracts"}, oggtest.Fault{Hang: true})
	r := startExporter(t, map[string]string{"OGG_PASSWORD": oggtest.DefaultPassword}, "--ogg.url="+s.URL(), "--ogg.username=oggadmin")
	scraped := make(chan string, 2)
	for range cap(scraped) {
		go func() { scraped <- r.metrics(t) }()
	}
	for polling() < cap(scraped) || !asked(s, "/services/v2/extracts") {
		time.Sleep(time.Millisecond)
	}
	begin, stalls := time.Now(), bubble.WatchStalls(t)
	r.stop()
	if code := <-r.code; code != 0 {
		t.Errorf("exit status %d", code)
	}
	if took := time.Since(begin); took > 5*time.Second+stalls.Lost() {
		t.Errorf("it took %s to end", took)
	}
	for range cap(scraped) {
		if got := <-scraped; !strings.Contains(got, `ogg_deployment_up{deployment="north"`) {
			t.Error("a scrape in flight was cut off")
		}
	}
}

// polling is how many scrapes wait for a poll, be it the same.
func polling() int {
	stacks := make([]byte, 4<<20)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "ogg.(*Client).Poll(")
}

// TestExitIfStuck: the process ends in time whatever it waits for, but not before.
func TestExitIfStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		exited := make(chan int, 1)
		exitIfStuck(ctx, stuck{t.Context().Done()}, func(code int) { exited <- code })
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(exited) > 0 {
			t.Error("it exits without a signal")
		}
		begin := time.Now()
		cancel()
		code := <-exited
		if took := time.Since(begin); code != 1 || took >= 5*time.Second || took <= shutdownGrace+closeGrace+2*watchGrace {
			t.Errorf("exit status %d after %s", code, took)
		}
	})
}

// stuck is a log that nobody reads until done is closed.
type stuck struct{ done <-chan struct{} }

func (s stuck) Write(p []byte) (int, error) {
	<-s.done
	return len(p), nil
}

// TestStopBusy: whatever clients do, the exporter stops within 5 s.
func TestStopBusy(t *testing.T) {
	const scrape = "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Prometheus-Scrape-Timeout-Seconds: 60\r\n\r\n"
	r := startExporter(t, nil, "--demo")
	for _, text := range []string{"", "GET", "POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n", scrape, strings.Repeat(scrape, 1000)} {
		c, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
	}
	r.metrics(t)
	begin, stalls := time.Now(), bubble.WatchStalls(t)
	r.stop()
	if code := <-r.code; code != 0 {
		t.Errorf("exit status %d", code)
	}
	if took := time.Since(begin); took > 5*time.Second+stalls.Lost() {
		t.Errorf("it took %s to end", took)
	}
}

// TestStopIdle: a connection on which nothing is asked makes the end no failure.
func TestStopIdle(t *testing.T) {
	t.Parallel()
	r := startExporter(t, nil, "--demo")
	idle, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = idle.Close() }()
	r.metrics(t) // by now the connection before is accepted, too
	r.stop()
	if code := <-r.code; code != 0 {
		t.Errorf("exit status %d", code)
	}
}

// asked reports whether the simulation got a request for the path.
func asked(s *oggtest.Server, path string) bool {
	for _, r := range s.Requests() {
		if r.Path == path {
			return true
		}
	}
	return false
}

// TestLogFormat: the log has the format and the level of the flags.
func TestLogFormat(t *testing.T) {
	if r := startExporter(t, nil, "--demo", "--log.format=logfmt"); !strings.Contains(r.output, "level=info") {
		t.Errorf("got %s", r.output)
	}
	var out strings.Builder
	newLogger("warn", "json", &out).Info("quiet")
	newLogger("warn", "json", &out).Warn("loud", "n", 1)
	if !strings.HasPrefix(out.String(), "{") || !strings.Contains(out.String(), `"msg":"loud"`) || strings.Contains(out.String(), "quiet") {
		t.Errorf("got %s", out.String())
	}
}

// TestNotifyNobody: a socket that is gone is a warning.
func TestNotifyNobody(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "nobody"))
	var out strings.Builder
	notify("READY=1", newLogger("info", "logfmt", &out))
	if !strings.Contains(out.String(), "level=warn") {
		t.Errorf("it logs %q", out.String())
	}
}

// TestNoOtherLog checks that nothing is logged but by the exporter itself: net/http would log, for
// each request, what a service sends after the end of its answer.
func TestNoOtherLog(t *testing.T) {
	run(t.Context(), []string{"--version"}, os.LookupEnv, io.Discard, io.Discard)
	if log.Writer() != io.Discard {
		t.Error("the standard logger writes")
	}
}
