package main

import (
	"errors"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	gokitlog "github.com/go-kit/log"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"
	sloggokit "github.com/tjhop/slog-gokit"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/server"
)

// flags are what the command line says.
type flags struct {
	configFile    string
	check         bool
	expandEnv     bool
	autoReload    bool
	reloadEvery   time.Duration
	url           string
	username      string
	passwordFile  string
	demo          bool
	replay        string
	capture       string
	timeoutOffset time.Duration
	maxRequests   int
	maxSeries     int
	collectors    collectorFlags
	telemetryPath string
	enableDebug   bool
	enablePprof   bool
	web           *web.FlagConfig
	logLevel      string
	logFormat     string
}

// parseFlags reads the command line. It reports true when there is nothing more
// to do, as after --help.
func parseFlags(args []string, stdout, stderr io.Writer) (*flags, bool, error) {
	f := &flags{}
	app := kingpin.New("ogg_exporter", "Prometheus exporter for Oracle GoldenGate Microservices.")
	app.Version(version.Print("ogg_exporter"))
	app.HelpFlag.Short('h')
	app.UsageWriter(stdout).ErrorWriter(stderr)
	exit := false
	app.Terminate(func(int) { exit = true })

	app.Flag("config.file", "Configuration file with the Service Managers to read.").StringVar(&f.configFile)
	app.Flag("config.check", "Validate the configuration and exit.").BoolVar(&f.check)
	app.Flag("config.expand-env", "Replace ${NAME} in the configuration file by the environment variable; $$ is a dollar.").BoolVar(&f.expandEnv)
	app.Flag("config.enable-auto-reload", "Reload the configuration file when it changes.").BoolVar(&f.autoReload)
	app.Flag("config.auto-reload-interval", "Time between two looks at whether the configuration file has changed.").
		Default("30s").DurationVar(&f.reloadEvery)
	app.Flag("ogg.url", "URL of one Service Manager to read, in place of a configuration file ($OGG_URL).").StringVar(&f.url)
	app.Flag("ogg.username", "User of the Service Manager at --ogg.url ($OGG_USERNAME).").StringVar(&f.username)
	app.Flag("ogg.password-file", "File with that user's password (or the password itself in $OGG_PASSWORD).").StringVar(&f.passwordFile)
	app.Flag("demo", "Read two simulated Service Managers, and a compartment of Oracle Cloud, that run within the exporter.").BoolVar(&f.demo)
	app.Flag("replay", "Directory that --capture wrote; read the Service Managers that it holds, in place of GoldenGate.").PlaceHolder("DIR").StringVar(&f.replay)
	app.Flag("capture", "Read every Service Manager once, write what it answers to this directory, and exit.").PlaceHolder("DIR").StringVar(&f.capture)
	app.Flag("scrape.timeout-offset", "Time kept back from Prometheus's scrape timeout for sending the answer.").Default("500ms").DurationVar(&f.timeoutOffset)
	app.Flag("scrape.max-requests", "Scrapes that are answered at the same time; 0 is no limit.").Default("40").IntVar(&f.maxRequests)
	app.Flag("scrape.max-series", "Series of one Service Manager in a scrape; 0 is no limit.").Default("50000").IntVar(&f.maxSeries)
	f.collectors.register(app)
	app.Flag("web.telemetry-path", "Path under which to expose metrics.").Default("/metrics").StringVar(&f.telemetryPath)
	app.Flag("web.enable-debug", "Let /probe?debug=1 show each request of its poll and how GoldenGate answered.").BoolVar(&f.enableDebug)
	app.Flag("web.enable-pprof", "Serve Go's profiles under /debug/pprof/.").BoolVar(&f.enablePprof)
	f.web = kingpinflag.AddFlags(app, ":17809")
	app.Flag("log.level", "Only log messages with the given severity or above. One of: [debug, info, warn, error]").
		Default("info").EnumVar(&f.logLevel, "debug", "info", "warn", "error")
	app.Flag("log.format", "Output format of log messages. One of: [logfmt, json]").
		Default("logfmt").EnumVar(&f.logFormat, "logfmt", "json")

	_, err := app.Parse(args)
	return f, exit, err
}

// options are what the server needs to know of the flags.
func (f *flags) options() (server.Options, error) {
	client, err := f.collectors.options()
	client.UserAgent = "ogg_exporter/" + version.Version
	return server.Options{
		TelemetryPath: f.telemetryPath, TimeoutOffset: f.timeoutOffset,
		MaxRequests: f.maxRequests, MaxSeries: f.maxSeries,
		EnableDebug: f.enableDebug, EnablePprof: f.enablePprof,
		Client: client,
	}, errors.Join(f.validate(), err)
}

// validate returns an error for each flag that cannot be as it is.
func (f *flags) validate() error {
	var errs []error
	must := func(ok bool, mistake string) {
		if !ok {
			errs = append(errs, errors.New(mistake))
		}
	}
	must(f.timeoutOffset >= 0, "--scrape.timeout-offset: must not be negative")
	must(f.maxRequests >= 0, "--scrape.max-requests: must not be negative")
	must(f.maxSeries >= 0, "--scrape.max-series: must not be negative")
	must(f.reloadEvery > 0, "--config.auto-reload-interval: must be more than 0")
	must(!f.autoReload || f.configFile != "", "--config.enable-auto-reload goes with --config.file")
	sources := 0
	for _, given := range []bool{f.configFile != "", f.url != "", f.demo, f.replay != ""} {
		if given {
			sources++
		}
	}
	must(sources <= 1, "give one of --config.file, --ogg.url, --demo and --replay")
	must(f.username == "" && f.passwordFile == "" || f.configFile == "" && !f.demo && f.replay == "",
		"--ogg.username and --ogg.password-file go with --ogg.url")
	return errors.Join(errs...)
}

// source is where the configuration comes from, at the start and at each reload.
type source struct {
	load    func() (*config.Config, error)
	changed func() bool // a load would tell something new
	end     func()      // ends a simulation
}

// source is the file, the flags and environment for a single Service Manager, or
// a simulation. A flag wins over the environment.
func (f *flags) source(env func(string) (string, bool), stdout io.Writer) (*source, error) {
	url := fallback(f.url, env, "OGG_URL")
	s := &source{changed: func() bool { return false }, end: func() {}}
	switch {
	case f.demo:
		return s.simulated(startDemo(f.web, f.telemetryPath, stdout))
	case f.replay != "":
		return s.simulated(startReplay(f.replay, stdout))
	case f.configFile != "":
		file := &configFile{path: f.configFile, options: config.Options{ExpandEnv: f.expandEnv, LookupEnv: env}}
		s.load, s.changed = file.load, file.changed
	case url != "":
		s.load = func() (*config.Config, error) {
			return config.Single(url, fallback(f.username, env, "OGG_USERNAME"), fallback("", env, "OGG_PASSWORD"), f.passwordFile)
		}
	default:
		return nil, errors.New("nothing to read: give --config.file, --ogg.url (or OGG_URL), --demo or --replay")
	}
	return s, nil
}

// simulated makes s the source of a simulation, which no reload starts anew.
func (s *source) simulated(c *config.Config, end func(), err error) (*source, error) {
	s.load, s.end = func() (*config.Config, error) { return c, nil }, end
	return s, err
}

// fallback returns the flag's value, or where there is none the environment's.
func fallback(flag string, env func(string) (string, bool), name string) string {
	if flag != "" {
		return flag
	}
	value, _ := env(name)
	return value
}

// newLogger joins the code's slog to the go-kit logger that writes.
func newLogger(level, format string, stderr io.Writer) *slog.Logger {
	sink := gokitlog.NewLogfmtLogger(gokitlog.NewSyncWriter(stderr))
	if format == "json" {
		sink = gokitlog.NewJSONLogger(gokitlog.NewSyncWriter(stderr))
	}
	var l slog.Level
	_ = l.UnmarshalText([]byte(strings.ToUpper(level))) // one of the flag's values
	return slog.New(sloggokit.NewGoKitHandler(sink, l))
}
