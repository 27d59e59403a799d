package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// build builds the exporter as the Makefile does.
func (b *bench) build(ctx context.Context) error {
	b.program = filepath.Join(b.dir, "ogg_exporter")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", b.program, //nolint:gosec // a file in its own directory
		"github.com/ogg-exporter/ogg_exporter")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the exporter: %w\n%s", err, out)
	}
	return nil
}

type exporter struct {
	process
	url    string
	client *http.Client
}

// listening matches the log line with the exporter's address.
var listening = regexp.MustCompile(`msg="Listening on" address=(\S+)`)

// startExporter starts the exporter and waits until it is listening.
func (b *bench) startExporter(ctx context.Context, args ...string) (*exporter, error) {
	args = append(args, "--web.listen-address=127.0.0.1:0", "--web.enable-pprof")
	cmd := exec.CommandContext(ctx, b.program, args...) //nolint:gosec // built above
	log, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	e := &exporter{process: process{cmd}, client: &http.Client{Transport: &http.Transport{DisableCompression: true}}}
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			e.url = "http://" + m[1]
			go func() { _, _ = io.Copy(io.Discard, log) }()
			return e, nil
		}
	}
	e.end()
	return nil, errors.Join(errors.New("the exporter did not start listening"), lines.Err())
}

// readFleet starts an exporter that reads the fleet.
func (b *bench) readFleet(ctx context.Context, f *fleet, concurrency int) (*exporter, error) {
	var text strings.Builder
	text.WriteString("service_managers:\n")
	total := max(concurrency, config.DefaultMaxConcurrentRequestsTotal)
	for i, url := range f.urls {
		fmt.Fprintf(&text, "  - {name: %s, url: %q, timeout: 60s, max_concurrent_requests: %d, max_concurrent_requests_total: %d, basic_auth: {username: %s, password: %s}}\n",
			targetName(i), url, concurrency, total, oggtest.DefaultUser, oggtest.DefaultPassword)
	}
	file := filepath.Join(b.dir, "ogg_exporter.yml")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		return nil, err
	}
	return b.startExporter(ctx, "--config.file="+file)
}

// targetName returns the name of a Service Manager in the configuration.
func targetName(i int) string { return fmt.Sprintf("sm%03d", i+1) }

// statusAndLag are the parameters of a scrape that reads the status and lag of everything.
const statusAndLag = "?collect[]=deployment&collect[]=service&collect[]=process"

// Defaults of Prometheus 3: its Accept header, and the scrape timeout for its default
// interval.
const (
	prometheusAccept = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," +
		"application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4," +
		"text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
	prometheusTimeout = 10 * time.Second
)

// exposition is the outcome of a scrape.
type exposition struct {
	took    time.Duration
	size    int // compressed, in bytes
	samples int
}

// scrape scrapes as Prometheus does. It fails if anything could not be read.
func (e *exporter) scrape(ctx context.Context, path string, timeout time.Duration) (exposition, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url+path, nil)
	if err != nil {
		return exposition{}, err
	}
	request.Header.Set("Accept", prometheusAccept)
	request.Header.Set("Accept-Encoding", "gzip")
	request.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", strconv.FormatFloat(timeout.Seconds(), 'f', -1, 64))
	begin := time.Now()
	answer, err := e.client.Do(request)
	if err != nil {
		return exposition{}, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	x := exposition{took: time.Since(begin), size: len(body)}
	if err != nil {
		return x, err
	}
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Encoding") != "gzip" {
		return x, fmt.Errorf("GET %s: status %d, encoding %q", path, answer.StatusCode, answer.Header.Get("Content-Encoding"))
	}
	x.samples, err = samplesIn(body)
	return x, err
}

// failed matches a sample of something that could not be read.
var failed = regexp.MustCompile(`^(ogg_up|ogg_scrape_collector_success)\{.*\} 0(\.0)?$`)

// samplesIn counts the samples in a compressed exposition.
func samplesIn(body []byte) (int, error) {
	plain, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	samples, failures := 0, 0
	lines := bufio.NewScanner(plain)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if !bytes.HasPrefix(lines.Bytes(), []byte("#")) {
			samples++
		}
		if failed.Match(lines.Bytes()) {
			failures++
		}
	}
	if failures > 0 {
		return samples, fmt.Errorf("%d samples report something that could not be read", failures)
	}
	return samples, lines.Err()
}

// profile writes a profile of the exporter to the file, if -profiles is set. It returns
// once the profile is written.
func (b *bench) profile(ctx context.Context, e *exporter, kind, file string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url+"/debug/pprof/"+kind, nil)
	if err != nil {
		return err
	}
	answer, err := e.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(b.profiles, file), text, 0o600)
}
