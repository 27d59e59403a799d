package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// collectorFlags are what the command line says about collectors.
type collectorFlags struct {
	enabled           map[string]*bool // by collector
	points            string
	processes, tables nameFlags
	maxTables         int
	heartbeatTable    ogg.HeartbeatTableOptions
}

// nameFlags are two regular expressions that select names.
type nameFlags struct{ include, exclude string }

// register makes the flags.
func (f *collectorFlags) register(app *kingpin.Application) {
	f.enabled = map[string]*bool{}
	for _, c := range collector.Collectors {
		f.enabled[c.Name] = app.Flag("collector."+c.Name, "Collect the "+c.Help+".").Default(strconv.FormatBool(c.Default)).Bool()
	}
	app.Flag("collector.performance.points", "Points of the Performance Metrics Service to read, with commas between; all if empty. Of: "+strings.Join(ogg.PerformancePoints(), ", ")+".").
		StringVar(&f.points)
	f.processes.register(app, "collector.performance.process-", "processes whose points and tables are read")
	f.tables.register(app, "collector.table.", "tables that are counted")
	app.Flag("collector.table.max", "Tables of a process that have series of their own; the others are summed up as _other.").
		Default("100").IntVar(&f.maxTables)
	app.Flag("collector.heartbeat.table", "Let the collector heartbeat read the heartbeat tables in the databases, too; each request for one opens a database session.").
		BoolVar(&f.heartbeatTable.Read)
	app.Flag("collector.heartbeat.table-interval", "Time for which heartbeat tables are left alone after they were read.").
		Default("5m").DurationVar(&f.heartbeatTable.Interval)
}

// register makes the flags prefix+include and prefix+exclude.
func (f *nameFlags) register(app *kingpin.Application, prefix, what string) {
	app.Flag(prefix+"include", "Regular expression for the whole name of the "+what+"; all if empty.").StringVar(&f.include)
	app.Flag(prefix+"exclude", "Regular expression for the whole name of the "+what+" not; wins over include.").StringVar(&f.exclude)
}

// matcher returns what reports whether a name is selected, nil for all.
func (f *nameFlags) matcher(prefix string) (func(string) bool, error) {
	include, includeErr := pattern(prefix+"include", f.include)
	exclude, excludeErr := pattern(prefix+"exclude", f.exclude)
	return func(name string) bool {
		return (include.IsZero() || include.MatchString(name)) && (exclude.IsZero() || !exclude.MatchString(name))
	}, errors.Join(includeErr, excludeErr)
}

// pattern reads the regular expression of a flag.
func pattern(flag, expr string) (config.Pattern, error) {
	if expr == "" {
		return config.Pattern{}, nil
	}
	p, err := config.NewPattern(expr)
	if err != nil {
		return p, fmt.Errorf("--%s: %w", flag, err)
	}
	return p, nil
}

// names are the collectors that are on.
func (f *collectorFlags) names() []string {
	var names []string
	for _, c := range collector.Collectors {
		if *f.enabled[c.Name] {
			names = append(names, c.Name)
		}
	}
	return names
}

// options are what the clients need to know of the flags.
func (f *collectorFlags) options() (ogg.Options, error) {
	o := ogg.Options{Collectors: f.names(), Tables: ogg.TableOptions{Max: f.maxTables}, HeartbeatTable: f.heartbeatTable}
	var processErr, tableErr, pointsErr, maxErr, intervalErr error
	o.Performance.Process, processErr = f.processes.matcher("collector.performance.process-")
	o.Tables.Wants, tableErr = f.tables.matcher("collector.table.")
	if f.points != "" {
		o.Performance.Points = strings.Split(f.points, ",")
	}
	for _, point := range o.Performance.Points {
		if !slices.Contains(ogg.PerformancePoints(), point) {
			pointsErr = fmt.Errorf("--collector.performance.points: no point %q; there are %s", point, strings.Join(ogg.PerformancePoints(), ", "))
		}
	}
	if f.maxTables < 0 {
		maxErr = errors.New("--collector.table.max: must not be negative")
	}
	if f.heartbeatTable.Interval < 0 {
		intervalErr = errors.New("--collector.heartbeat.table-interval: must not be negative")
	}
	return o, errors.Join(processErr, tableErr, pointsErr, maxErr, intervalErr)
}
