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
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/server"
)

//go:embed VERSION
var versionFile string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the exporter: it serves until ctx ends and returns the exit status.
func run(ctx context.Context, args []string, env func(string) (string, bool), stdout, stderr io.Writer) int {
	version.Version = cmp.Or(version.Version, strings.TrimSpace(versionFile))
	f, exit, err := parseFlags(args, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "ogg_exporter: error:", err)
		return 1
	}
	if exit {
		return 0
	}
	options, err := f.collectors.options()
	if err != nil {
		fmt.Fprintln(stderr, "ogg_exporter: error:", err)
		return 1
	}
	c, closeDemo, err := f.load(env, stdout)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	defer closeDemo()
	if f.check {
		fmt.Fprintf(stdout, "Configuration is valid: %d Service Manager(s)\n", len(c.ServiceManagers))
		return 0
	}
	log := newLogger(f.logLevel, f.logFormat, stderr)
	options.UserAgent, options.Logger = "ogg_exporter/"+version.Version, log
	clients, err := newClients(c, options)
	if err != nil {
		fmt.Fprintln(stderr, "ogg_exporter: error:", err)
		return 1
	}
	defer func() {
		for _, client := range clients {
			client.Close()
		}
	}()
	log.Info("Starting ogg_exporter", "version", version.Info(), "build_context", version.BuildContext(), "service_managers", len(clients))
	s := server.New(clients, server.Options{
		TelemetryPath: f.telemetryPath, Collectors: options.Collectors, TimeoutOffset: f.timeoutOffset, Logger: log,
	})
	if err := serve(ctx, s.Handler(), f.web, log); err != nil {
		log.Error("Serving failed", "err", err)
		return 1
	}
	log.Info("Stopped")
	return 0
}

// newClients makes a client for each Service Manager, or for none.
func newClients(c *config.Config, options ogg.Options) ([]*ogg.Client, error) {
	clients := make([]*ogg.Client, 0, len(c.ServiceManagers))
	var errs []error
	for _, sm := range c.ServiceManagers {
		client, err := ogg.NewClient(sm, options)
		clients, errs = append(clients, client), append(errs, err)
	}
	return clients, errors.Join(errs...)
}

// When ctx ends, a scrape in flight may read for pollGrace longer, and is then
// answered with what it has; shutdownGrace bounds the whole.
const (
	pollGrace     = 4 * time.Second
	shutdownGrace = pollGrace + 700*time.Millisecond
)

// serve listens as flags say until ctx ends, and lets the scrapes in flight end.
func serve(ctx context.Context, handler http.Handler, flags *web.FlagConfig, log *slog.Logger) error {
	polls, cancelPolls := context.WithCancel(context.WithoutCancel(ctx))
	defer cancelPolls()
	httpServer := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return polls },
	}
	stopped := make(chan error, 1)
	stopWaiting := context.AfterFunc(ctx, func() {
		log.Info("Stopping")
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
		defer cancel()
		defer time.AfterFunc(pollGrace, cancelPolls).Stop()
		stopped <- httpServer.Shutdown(limit)
	})
	err := web.ListenAndServe(httpServer, flags, log)
	if !errors.Is(err, http.ErrServerClosed) {
		stopWaiting()
		return err
	}
	return <-stopped
}
