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
)

// flags are what the command line says.
type flags struct {
	configFile    string
	check         bool
	expandEnv     bool
	demo          bool
	url           string
	username      string
	passwordFile  string
	telemetryPath string
	timeoutOffset time.Duration
	logLevel      string
	logFormat     string
	collectors    collectorFlags
	web           *web.FlagConfig
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
	app.Flag("ogg.url", "URL of one Service Manager to read, in place of a configuration file ($OGG_URL).").StringVar(&f.url)
	app.Flag("ogg.username", "User of the Service Manager at --ogg.url ($OGG_USERNAME).").StringVar(&f.username)
	app.Flag("ogg.password-file", "File with that user's password (or the password itself in $OGG_PASSWORD).").StringVar(&f.passwordFile)
	app.Flag("demo", "Read two simulated Service Managers that run within the exporter.").BoolVar(&f.demo)
	app.Flag("scrape.timeout-offset", "Time kept back from Prometheus's scrape timeout for sending the answer.").Default("500ms").DurationVar(&f.timeoutOffset)
	f.collectors.register(app)
	app.Flag("web.telemetry-path", "Path under which to expose metrics.").Default("/metrics").StringVar(&f.telemetryPath)
	f.web = kingpinflag.AddFlags(app, ":17809")
	app.Flag("log.level", "Only log messages with the given severity or above. One of: [debug, info, warn, error]").
		Default("info").EnumVar(&f.logLevel, "debug", "info", "warn", "error")
	app.Flag("log.format", "Output format of log messages. One of: [logfmt, json]").
		Default("logfmt").EnumVar(&f.logFormat, "logfmt", "json")

	_, err := app.Parse(args)
	return f, exit, err
}

// load makes the configuration from the file, from the flags and environment
// for a single Service Manager, or of the demo. The function it returns ends
// the demo.
func (f *flags) load(env func(string) (string, bool), stdout io.Writer) (*config.Config, func(), error) {
	url := fallback(f.url, env, "OGG_URL")
	if (f.configFile != "" || f.demo) && (f.username != "" || f.passwordFile != "") {
		return nil, func() {}, errors.New("ogg_exporter: error: --ogg.username and --ogg.password-file go with --ogg.url")
	}
	nothing := func() {}
	switch {
	case f.demo && (f.configFile != "" || f.url != ""), f.configFile != "" && f.url != "":
		return nil, nothing, errors.New("ogg_exporter: error: give one of --config.file, --ogg.url and --demo")
	case f.demo:
		return startDemo(f.web, f.telemetryPath, stdout)
	case f.configFile != "":
		c, err := config.Load(f.configFile, config.Options{ExpandEnv: f.expandEnv, LookupEnv: env})
		return c, nothing, err
	case url != "":
		c, err := config.Single(url, fallback(f.username, env, "OGG_USERNAME"), fallback("", env, "OGG_PASSWORD"), f.passwordFile)
		return c, nothing, err
	default:
		return nil, nothing, errors.New("ogg_exporter: error: nothing to read: give --config.file, --ogg.url (or OGG_URL) or --demo")
	}
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
