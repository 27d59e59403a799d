package main

import (
	"context"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/version"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/pipeline"
	"github.com/ogg-exporter/ogg_exporter/status"
)

// The forms in which --status shows the status.
const (
	statusText = "text"
	statusJSON = "json"
)

// withStatusForm returns the command line with a form for a --status that has none, which kingpin would
// not take: a flag has a value always, or never. It also returns the form to go by if kingpin takes none;
// empty without --status.
func withStatusForm(args []string) (with []string, form string) {
	with = slices.Clone(args)
	for i, arg := range with {
		switch {
		case arg == "--":
			return with, form
		case arg == "--status":
			with[i], form = "--status="+statusText, statusText
		case strings.HasPrefix(arg, "--status="):
			form = statusText
		}
	}
	return with, form
}

// statusCollectors are those whose data the status is made of.
var statusCollectors = []string{
	"deployment", "service", "process", "definition", "message", "distribution_path", "receiver_path", "data_stream", "trail", "heartbeat",
}

// showStatus reads every Service Manager once, writes how everything does, and returns the exit status
// if that succeeds.
func showStatus(ctx context.Context, c *config.Config, o ogg.Options, form string, stdout io.Writer, color bool) (int, error) {
	o.Collectors = slices.DeleteFunc(slices.Clone(statusCollectors), func(name string) bool { return !slices.Contains(o.Collectors, name) })
	read, err := readOnce(ctx, c, o)
	if err != nil {
		return 0, err
	}
	s := statusOf(read)
	if form == statusJSON {
		err = status.WriteJSON(stdout, s)
	} else {
		err = status.WriteText(stdout, s, color)
	}
	if err != nil {
		return 0, err
	}
	return s.ExitCode(), nil
}

// statusOf returns the status of what was read.
func statusOf(read []latest) *status.Status {
	sources, joined := make([]status.Source, len(read)), make([]pipeline.Source, len(read))
	for i, r := range read {
		sources[i], joined[i] = r.status, r.pipeline
	}
	return status.New(sources, pipeline.New(joined, -1), time.Now(), version.Version)
}

// usesColor reports whether to write in colors: to a terminal, unless NO_COLOR forbids it or the terminal
// has none.
func usesColor(stdout io.Writer, env func(string) (string, bool)) bool {
	file, is := stdout.(*os.File)
	if no, _ := env("NO_COLOR"); no != "" || !is || runtime.GOOS == "windows" {
		return false
	}
	if term, _ := env("TERM"); term == "" || term == "dumb" {
		return false
	}
	about, err := file.Stat()
	return err == nil && about.Mode()&os.ModeCharDevice != 0
}
