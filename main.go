// Command ogg_exporter is the Prometheus exporter for Oracle GoldenGate
// Microservices.
package main

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/capture"
	"github.com/ogg-exporter/ogg_exporter/server"
	"github.com/ogg-exporter/ogg_exporter/source"
)

//go:embed VERSION
var versionFile string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	exitIfStuck(ctx, os.Stderr, os.Exit)
	code := run(ctx, os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// exitGrace is how long the process may take to end after a signal.
const exitGrace = 4800 * time.Millisecond

// exitIfStuck ends the process if it is still there exitGrace after ctx has ended, whatever it
// waits for: a file, or somebody who does not read its log.
func exitIfStuck(ctx context.Context, stderr io.Writer, exit func(code int)) {
	context.AfterFunc(ctx, func() {
		time.AfterFunc(exitGrace, func() { fmt.Fprintln(stderr, "ogg_exporter: error: stopping has taken too long") })
		time.AfterFunc(exitGrace+50*time.Millisecond, func() { exit(1) })
	})
}

// run runs the exporter until ctx ends and returns the exit status.
func run(ctx context.Context, args []string, env func(string) (string, bool), stdout, stderr io.Writer) int {
	version.Version = cmp.Or(version.Version, strings.TrimSpace(versionFile))
	log.SetOutput(io.Discard) // net/http logs there what a service sends after its answer
	out, code := &output{to: stdout}, 0
	f, exit, err := parseFlags(args, out, stderr)
	if err == nil && !exit {
		code, err = f.perform(ctx, env, out, stderr)
	}
	if err == nil {
		err = out.err()
	}
	if err != nil {
		return f.fail(stderr, err)
	}
	return code
}

// perform does what the flags say, and returns the exit status if that succeeds.
func (f *flags) perform(ctx context.Context, env func(string) (string, bool), out *output, stderr io.Writer) (int, error) {
	options, err := f.options()
	if err == nil {
		err = f.checkWebConfig()
	}
	if err != nil {
		return 0, err
	}
	from, err := source.New(f.source(env, out.to)) // which does not need to be read
	if err != nil {
		return 0, err
	}
	defer from.End()
	c, err := from.Load()
	if err != nil {
		fmt.Fprintln(stderr, printable(err)) // each line begins with the file or the flag
		return f.failure(), nil
	}
	if f.check {
		for _, warning := range c.Warnings {
			fmt.Fprintln(stderr, "warning:", printable(errors.New(warning)))
		}
		fmt.Fprintf(out, "Configuration is valid. Service Managers: %d, entries of oci: %d\n", len(c.ServiceManagers), len(c.OCI))
		return 0, nil
	}
	log := newLogger(f.level(), f.logFormat, stderr)
	options.Logger, options.Client.Logger, options.Load = log, log, from.Load
	switch {
	case f.capture != "":
		return 0, capture.Write(ctx, c.ServiceManagers, options.Client, f.capture, out)
	case f.once || f.cardinality:
		return 0, f.readOnce(ctx, c, options, out)
	case f.status != "":
		return showStatus(ctx, c, options.Client, f.status, out, usesColor(out.to, env))
	default:
		defer tuneGC(env)()
		return 0, f.serve(ctx, c, options, from.Changed)
	}
}

// fail reports what is wrong and returns the exit status.
func (f *flags) fail(stderr io.Writer, err error) int {
	fmt.Fprintln(stderr, "ogg_exporter: error:", printable(err))
	return f.failure()
}

// failure returns the exit status of a failure. With --status 1 means that something in GoldenGate is not
// as it should be.
func (f *flags) failure() int {
	if f.status != "" {
		return 2
	}
	return 1
}

// serve answers scrapes until ctx ends. Meanwhile it reloads the configuration.
func (f *flags) serve(ctx context.Context, c *config.Config, options server.Options, changed func() bool) error {
	log, serving := options.Logger, make(chan struct{})
	options.Serving = serving
	s, err := server.New(ctx, c, options)
	if err != nil {
		return err
	}
	defer s.Close()
	log.Info("Starting ogg_exporter", "version", version.Info(), "build_context", version.BuildContext(), "service_managers", len(c.ServiceManagers), "oci", len(c.OCI))
	interval := f.reloadEvery
	if !f.autoReload {
		interval = 0
	}
	stopWatching := watch(ctx, changed, interval, func() {
		notify(daemon.SdNotifyReloading, log)
		_ = s.Reload(ctx) // which logs what is wrong
		notify(daemon.SdNotifyReady, log)
	})
	defer stopWatching()
	if f.demo { // its status page has something to show at once
		go s.Warm(ctx)
	}
	if err := listen(ctx, s, f.web, log, func() { close(serving) }); err != nil {
		return fmt.Errorf("serving failed: %w", err)
	}
	log.Info("Stopped")
	return nil
}

// When ctx ends, a scrape in flight may read for another pollGrace, and is then
// answered with what it has. After shutdownGrace the connections are closed, which may take
// closeGrace.
const (
	pollGrace     = 3200 * time.Millisecond
	shutdownGrace = pollGrace + 500*time.Millisecond
	closeGrace    = 100 * time.Millisecond
)

// errStopping ends the reads of scrapes in flight. It is not context.Canceled,
// which would mean that nobody is waiting for the answer.
var errStopping = errors.New("the exporter is stopping")

// listen serves on the addresses in flags until ctx ends, and then lets the scrapes in
// flight finish. It calls serving once all of them have been bound.
func listen(ctx context.Context, s *server.Server, flags *web.FlagConfig, log *slog.Logger, serving func()) error {
	polls, cancelPolls := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancelPolls(errStopping)
	var ready sync.Once
	httpServer := s.HTTPServer()
	server.GuardWebFiles(httpServer, func() error { return checkWebFiles(*flags.WebConfigFile) }, log)
	// Called for each address, after all of them have been bound.
	httpServer.BaseContext = func(net.Listener) context.Context {
		ready.Do(func() {
			serving()
			notify(daemon.SdNotifyReady, log)
		})
		return polls
	}
	stopped := make(chan struct{})
	stopWaiting := context.AfterFunc(ctx, func() {
		defer close(stopped)
		log.Info("Stopping")
		notify(daemon.SdNotifyStopping, log)
		s.Stop()
		defer time.AfterFunc(pollGrace, func() { cancelPolls(errStopping) }).Stop()
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
		defer cancel()
		if err := httpServer.Shutdown(limit); err != nil {
			log.Warn("Closing connections that are still in use", "err", err)
			_ = httpServer.Close()
		}
	})
	err := web.ListenAndServe(httpServer, flags, log)
	if stopWaiting() {
		return err
	}
	select {
	case <-stopped:
	case <-time.After(shutdownGrace + closeGrace): // closing TLS may wait for a client
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// notify reports the exporter's state to systemd if it was started with Type=notify. A
// failure is only logged: the exporter works without systemd.
func notify(state string, log *slog.Logger) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		log.Warn("Notifying systemd failed", "state", state, "err", err)
	}
}
