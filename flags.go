package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/alecthomas/units"
	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"
	"go.yaml.in/yaml/v3"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/files"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/capture"
	"github.com/ogg-exporter/ogg_exporter/server"
	"github.com/ogg-exporter/ogg_exporter/source"
)

// flags is the command line.
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
	status        string // the form; "" to serve
	once          bool
	cardinality   bool
	bodyMemory    units.Base2Bytes
	timeoutOffset time.Duration
	maxRequests   int
	maxSeries     int
	collectors    collectorFlags
	telemetryPath string
	enableDebug   bool
	enablePprof   bool
	lifecycle     bool
	maxConns      int
	licenses      bool
	web           *web.FlagConfig
	logLevel      string
	logFormat     string
}

// parseFlags parses the command line. It returns true when there is nothing more to
// do, such as after --help.
func parseFlags(args []string, stdout, stderr io.Writer) (*flags, bool, error) {
	f := &flags{}
	about := version.Print("ogg_exporter")
	if slices.Contains(args, "--help-man") {
		about = version.Version // in the title of the page, which is one line
	}
	app := f.commandLine(about, stdout, stderr)
	exit := false
	app.Terminate(func(int) { exit = true })
	var given *kingpin.ParseContext
	app.PreAction(func(c *kingpin.ParseContext) error { given = c; return nil })
	args, f.status = withStatusForm(args)
	if _, err := app.Parse(args); errors.As(err, new(*fs.PathError)) {
		return f, exit, err // what was asked for could not be printed
	} else if err != nil {
		return f, exit, fmt.Errorf("%w, try --help", named(err, given))
	}
	if f.licenses && !exit {
		_, err := io.WriteString(stdout, licenses)
		return f, true, err
	}
	return f, exit, nil
}

// commandLine returns a command line that sets the flags.
func (f *flags) commandLine(about string, stdout, stderr io.Writer) *kingpin.Application {
	app := kingpin.New("ogg_exporter", "Prometheus exporter for Oracle GoldenGate Microservices.")
	app.Version(about)
	app.HelpFlag.Short('h')
	app.UsageWriter(stdout).ErrorWriter(stderr)

	app.Flag("config.file", "Configuration file with the Service Managers to read.").StringVar(&f.configFile)
	app.Flag("config.check", "Validate the flags, the configuration and the file of --web.config.file, and exit.").BoolVar(&f.check)
	app.Flag("config.expand-env", "Replace ${NAME} in the configuration file with the environment variable of that name; $$ stands for a dollar sign.").BoolVar(&f.expandEnv)
	app.Flag("config.enable-auto-reload", "Reload the configuration file when it changes.").BoolVar(&f.autoReload)
	app.Flag("config.auto-reload-interval", "How often to check whether the configuration file has changed.").
		Default("30s").DurationVar(&f.reloadEvery)
	app.Flag("ogg.url", "URL of a single Service Manager to read instead of using a configuration file ($OGG_URL). Beside it, $OGG_CA_FILE names the CA of its certificate, and $OGG_REVERSE_PROXY=true says that it is behind NGINX.").StringVar(&f.url)
	app.Flag("ogg.username", "User name for the Service Manager at --ogg.url ($OGG_USERNAME).").StringVar(&f.username)
	app.Flag("ogg.password-file", "File with the password of that user (or set the password itself in $OGG_PASSWORD).").StringVar(&f.passwordFile)
	app.Flag("ogg.max-body-memory", "Memory that all responses of GoldenGate over 256 KiB share. A response may have at most this size, and at most 32 MiB. As much again is for what is kept of long lists.").
		Default("64MiB").BytesVar(&f.bodyMemory)
	app.Flag("demo", "Read two simulated Service Managers and a simulated compartment of Oracle Cloud that run inside the exporter.").BoolVar(&f.demo)
	app.Flag("replay", "Read a directory that --capture wrote instead of GoldenGate.").PlaceHolder("DIR").StringVar(&f.replay)
	app.Flag("capture", "Read every Service Manager once, write the responses, with names and secrets replaced, to this directory, and exit.").PlaceHolder("DIR").StringVar(&f.capture)
	app.Flag("status", "Read every Service Manager once, print a table like that of INFO ALL, problems first, the pipelines, and what could not be read, then exit: with 0 if all is as expected, 1 if not, 2 if something could not be read. --status alone prints text, --status=json JSON.").
		PlaceHolder(statusText).EnumVar(&f.status, statusText, statusJSON)
	app.Flag("once", "Read everything once, print the metrics of a scrape without those of the exporter's process, and exit: for cron and node_exporter's textfile collector. The metrics say what could not be read.").BoolVar(&f.once)
	app.Flag("print-cardinality", "Read everything once, print how many series each collector and each Service Manager has, and exit: with 0 if everything could be read, 1 if not.").BoolVar(&f.cardinality)
	app.Flag("scrape.timeout-offset", "Time to subtract from Prometheus's scrape timeout, so that the response arrives before it.").Default("500ms").DurationVar(&f.timeoutOffset)
	app.Flag("scrape.max-requests", "Maximum number of scrapes that read at the same time; more wait up to 1 second, then get 503. 0 means no limit.").Default("40").IntVar(&f.maxRequests)
	app.Flag("scrape.max-series", "Maximum number of series per Service Manager in a scrape; beyond it the least important metrics are dropped. 0 means no limit.").Default("100000").IntVar(&f.maxSeries)
	f.collectors.register(app)
	app.Flag("web.telemetry-path", "Path under which to expose metrics.").Default("/metrics").StringVar(&f.telemetryPath)
	app.Flag("web.enable-debug", "Show each request to GoldenGate and its outcome at /probe?target=NAME&debug=1.").BoolVar(&f.enableDebug)
	app.Flag("web.enable-pprof", "Serve Go profiles under /debug/pprof/.").BoolVar(&f.enablePprof)
	app.Flag("web.enable-lifecycle", "Reload the configuration on POST /-/reload.").Default("true").BoolVar(&f.lifecycle)
	app.Flag("web.max-connections", "Maximum number of open connections; beyond it a new one replaces the one longest without a request. 0 means no limit.").Default("512").IntVar(&f.maxConns)
	f.web = kingpinflag.AddFlags(app, ":17809")
	app.Flag("log.level", "Only log messages with the given severity or above. One of: [debug, info, warn, error]").
		Default("info").EnumVar(&f.logLevel, "debug", "info", "warn", "error")
	app.Flag("log.format", "Output format of log messages. One of: [logfmt, json]").
		Default("logfmt").EnumVar(&f.logFormat, "logfmt", "json")

	app.Flag("licenses", "Show the licenses of the exporter and of the modules in it, and exit.").BoolVar(&f.licenses)
	exactly(app)
	return app
}

// options returns what the server needs to know of the flags, with an error for each
// flag that is invalid.
func (f *flags) options() (server.Options, error) {
	client, err := f.collectors.options()
	client.Mask = capture.Masked
	client.UserAgent = "ogg_exporter/" + version.Version
	client.Connections = ogg.NewConnections()
	client.BodyMemory = ogg.NewBodyMemory(int(max(f.bodyMemory, minBodyMemory)))
	return server.Options{
		TelemetryPath: f.telemetryPath, TimeoutOffset: f.timeoutOffset,
		MaxRequests: f.maxRequests, MaxSeries: f.maxSeries, MaxPipelines: f.collectors.maxPipelines,
		MaxConnections: f.maxConns, EnableDebug: f.enableDebug, EnablePprof: f.enablePprof, DisableLifecycle: !f.lifecycle,
		Client: client,
	}, errors.Join(f.validate(), err)
}

// minBodyMemory is the least that --ogg.max-body-memory may be.
const minBodyMemory = units.Mebibyte

// validate returns an error for each flag that is invalid.
func (f *flags) validate() error {
	var errs []error
	must := func(ok bool, mistake string) {
		if !ok {
			errs = append(errs, errors.New(mistake))
		}
	}
	must(f.bodyMemory >= minBodyMemory, "--ogg.max-body-memory: must be at least 1MiB")
	must(f.reloadEvery > 0, "--config.auto-reload-interval: must be greater than 0")
	must(!f.autoReload || f.configFile != "", "--config.enable-auto-reload requires --config.file")
	must(count(f.status != "", f.capture != "", f.once, f.cardinality, f.check) <= 1,
		"give only one of --status, --capture, --once, --print-cardinality and --config.check")
	must(count(f.configFile != "", f.url != "", f.demo, f.replay != "") <= 1, "give only one of --config.file, --ogg.url, --demo and --replay")
	must(f.username == "" && f.passwordFile == "" || f.configFile == "" && !f.demo && f.replay == "",
		"--ogg.username and --ogg.password-file require --ogg.url")
	errs = append(errs, checkListenAddresses(*f.web.WebListenAddresses), server.CheckTelemetryPath(f.telemetryPath), checkWebFiles(*f.web.WebConfigFile))
	return errors.Join(errs...)
}

// count returns how many are true.
func count(given ...bool) int {
	n := 0
	for _, is := range given {
		if is {
			n++
		}
	}
	return n
}

// checkListenAddresses returns an error for each address without a port, for which any would be taken, or with one
// that is not valid.
func checkListenAddresses(addresses []string) error {
	var errs []error
	for _, address := range addresses {
		at, vsock := strings.CutPrefix(address, "vsock://")
		if _, port, err := net.SplitHostPort(at); err != nil || !isPort(port, vsock) {
			errs = append(errs, fmt.Errorf("--web.listen-address: must be a port with or without a host, such as :17809, not %q", address))
		}
	}
	return errors.Join(errs...)
}

// isPort reports whether a text is a port: a number, or, but for vsock, the name of a service such as http.
func isPort(text string, vsock bool) bool {
	bits := 16
	if vsock {
		bits = 32
	}
	if _, err := strconv.ParseUint(text, 10, bits); err == nil {
		return true
	}
	if vsock || !regexp.MustCompile(`^[A-Za-z]`).MatchString(text) { // +80 would be resolved
		return false
	}
	_, err := net.ResolveTCPAddr("tcp", "127.0.0.1:"+text)
	return err == nil
}

// checkWebConfig returns an error if the web configuration is to be used, and invalid. checkWebFiles comes first.
func (f *flags) checkWebConfig() error {
	if f.ends() && !f.check {
		return nil
	}
	if err := web.Validate(*f.web.WebConfigFile); err != nil {
		return fmt.Errorf("--web.config.file: %w", err)
	}
	return nil
}

// checkWebFiles returns an error if the web configuration, or a file that it names, is one that
// exporter-toolkit would read without an end. It says itself what else is wrong.
func checkWebFiles(name string) error {
	if name == "" {
		return nil
	}
	text, err := files.Read(name)
	if files.IsUnusable(err) {
		return fmt.Errorf("--web.config.file: %w", err)
	}
	var c struct {
		TLS map[string]any `yaml:"tls_server_config"`
	}
	_ = yaml.Unmarshal(text, &c)
	var errs []error
	for _, key := range []string{"cert_file", "key_file", "client_ca_file"} {
		file, is := c.TLS[key].(string)
		if err := files.Check(promconfig.JoinDir(filepath.Dir(name), file)); is && file != "" && files.IsUnusable(err) {
			errs = append(errs, fmt.Errorf("--web.config.file: tls_server_config.%s: %w", key, err))
		}
	}
	return errors.Join(errs...)
}

// collectorFlags are the flags about collectors.
type collectorFlags struct {
	enabled                        map[string]*bool // by collector
	points                         string
	includeProcess, excludeProcess string
	includeTable, excludeTable     string
	maxTables                      int
	maxPipelines                   int
	heartbeatTable                 ogg.HeartbeatTableOptions
	messageCodes                   bool
}

// register adds the flags to the command line.
func (f *collectorFlags) register(app *kingpin.Application) {
	f.enabled = map[string]*bool{}
	for _, c := range collector.Collectors {
		f.enabled[c.Name] = app.Flag("collector."+c.Name, "Collect the "+c.Help+".").Default(strconv.FormatBool(c.Default)).Bool()
	}
	app.Flag("collector.performance.points", "Comma-separated points of the Performance Metrics Service to read; empty means all. Available: "+strings.Join(ogg.PerformancePoints(), ", ")+".").
		Default("").StringVar(&f.points)
	app.Flag("collector.performance.process-include", "Regular expression that must match the whole name of a process for its points and tables to be read; empty matches all.").
		Default("").StringVar(&f.includeProcess)
	app.Flag("collector.performance.process-exclude", "Regular expression for the whole names of processes whose points and tables are not read; takes precedence over include.").
		Default("").StringVar(&f.excludeProcess)
	app.Flag("collector.table.include", "Regular expression that must match the whole name of a table for it to be counted; empty matches all.").
		Default("").StringVar(&f.includeTable)
	app.Flag("collector.table.exclude", "Regular expression for the whole names of tables that are not counted; takes precedence over include.").
		Default("").StringVar(&f.excludeTable)
	app.Flag("collector.table.max", "Maximum number of tables per process with series of their own; the others are summed up as _other.").
		Default("100").IntVar(&f.maxTables)
	app.Flag("collector.pipeline.max", "Maximum number of pipelines with series of their own; the others are only counted. 0 means no limit.").
		Default("500").IntVar(&f.maxPipelines)
	app.Flag("collector.message.codes", "Let the message collector also count messages by code; the 50 most frequent codes of a deployment have series of their own.").
		BoolVar(&f.messageCodes)
	app.Flag("collector.heartbeat.table", "Let the heartbeat collector also read the heartbeat tables in the databases; each request for one opens a database session.").
		BoolVar(&f.heartbeatTable.Read)
	app.Flag("collector.heartbeat.table-interval", "Minimum time between two reads of the heartbeat tables.").
		Default("5m").DurationVar(&f.heartbeatTable.Interval)
}

// options returns what the clients need to know of the flags, with an error for each
// flag that is invalid.
func (f *collectorFlags) options() (ogg.Options, error) {
	o := ogg.Options{Collectors: f.names(), Tables: ogg.TableOptions{Max: f.maxTables}, HeartbeatTable: f.heartbeatTable, MessageCodes: f.messageCodes}
	var processErr, tableErr error
	o.Performance.Process, processErr = selection("--collector.performance.process-include", f.includeProcess, "--collector.performance.process-exclude", f.excludeProcess)
	o.Tables.Wants, tableErr = selection("--collector.table.include", f.includeTable, "--collector.table.exclude", f.excludeTable)
	if f.points != "" {
		o.Performance.Points = strings.Split(f.points, ",")
	}
	return o, errors.Join(processErr, tableErr, checkPoints(o.Performance.Points))
}

// names returns the collectors that are on.
func (f *collectorFlags) names() []string {
	var names []string
	for _, c := range collector.Collectors {
		if *f.enabled[c.Name] {
			names = append(names, c.Name)
		}
	}
	return names
}

// checkPoints returns an error if one of the points does not exist.
func checkPoints(points []string) error {
	for _, point := range points {
		if all := ogg.PerformancePoints(); !slices.Contains(all, point) {
			return fmt.Errorf("--collector.performance.points: no point %q; there are %s", point, strings.Join(all, ", "))
		}
	}
	return nil
}

// selection returns a function that reports whether the regular expressions of two flags
// select a name.
func selection(includeFlag, include, excludeFlag, exclude string) (func(name string) bool, error) {
	included, includeErr := pattern(includeFlag, include)
	excluded, excludeErr := pattern(excludeFlag, exclude)
	return func(name string) bool {
		return (included.IsZero() || included.MatchString(name)) && !excluded.MatchString(name)
	}, errors.Join(includeErr, excludeErr)
}

// pattern compiles the regular expression of a flag.
func pattern(flag, expr string) (config.Pattern, error) {
	p, err := config.NewPattern(expr)
	if err != nil {
		return p, fmt.Errorf("%s: %w", flag, err)
	}
	return p, nil
}

// source says where the configuration comes from. A flag takes precedence over the
// environment.
func (f *flags) source(env func(string) (string, bool), stdout io.Writer) source.Options {
	if f.ends() {
		stdout = io.Discard // there is nothing to open
	}
	return source.Options{
		File: f.configFile, ExpandEnv: f.expandEnv, LookupEnv: env,
		Single: config.Single{
			URL: fallback(f.url, env, "OGG_URL"), Username: fallback(f.username, env, "OGG_USERNAME"),
			Password: fallback("", env, "OGG_PASSWORD"), PasswordFile: f.passwordFile,
			ReverseProxy: fallback("", env, "OGG_REVERSE_PROXY"), CAFile: fallback("", env, "OGG_CA_FILE"),
		},
		Demo: f.demo, Replay: f.replay, MetricsURL: f.urlOf(f.telemetryPath), PageURL: f.urlOf("/"), Stdout: stdout,
	}
}

// reports reports whether the exporter reads once and prints what it has read.
func (f *flags) reports() bool { return f.status != "" || f.once || f.cardinality }

// ends reports whether the exporter does something once, instead of serving.
func (f *flags) ends() bool { return f.reports() || f.check || f.capture != "" }

// level returns the level of the log. Beside a report, what is only for information is in the way.
func (f *flags) level() string {
	if f.reports() && f.logLevel == "info" {
		return "warn"
	}
	return f.logLevel
}

// urlOf is where a person on this machine finds a page of the exporter.
func (f *flags) urlOf(path string) string {
	scheme := "http"
	if *f.web.WebConfigFile != "" {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort((*f.web.WebListenAddresses)[0])
	if err != nil {
		return path
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	at := url.URL{Scheme: scheme, Host: net.JoinHostPort(host, port), Path: path}
	return at.String()
}

// fallback returns the value of the flag or, without one, of the environment variable.
func fallback(flag string, env func(string) (string, bool), name string) string {
	if flag != "" {
		return flag
	}
	value, _ := env(name)
	return value
}
