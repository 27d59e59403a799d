package main

import (
	"context"
	"io"
	"log/slog"
	"strings"

	gokitlog "github.com/go-kit/log"
	sloggokit "github.com/tjhop/slog-gokit"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// newLogger returns a logger for log/slog that writes through go-kit/log.
func newLogger(level, format string, stderr io.Writer) *slog.Logger {
	sink := gokitlog.NewLogfmtLogger(gokitlog.NewSyncWriter(stderr))
	if format == "json" {
		sink = gokitlog.NewJSONLogger(gokitlog.NewSyncWriter(stderr))
	}
	var l slog.Level
	_ = l.UnmarshalText([]byte(strings.ToUpper(level))) // the flag takes no other values
	return slog.New(shortHandler{sloggokit.NewGoKitHandler(sink, l)})
}

// shortHandler bounds the length of each line of the log, whoever logs it, and keeps out what could
// forge or hide a part of it on a terminal.
type shortHandler struct{ slog.Handler }

// Handle implements slog.Handler.
func (h shortHandler) Handle(ctx context.Context, r slog.Record) error {
	short := slog.NewRecord(r.Time, r.Level, wire.Line(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		short.AddAttrs(shortened(a))
		return true
	})
	return h.Handler.Handle(ctx, short)
}

// WithAttrs implements slog.Handler.
func (h shortHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	short := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		short[i] = shortened(a)
	}
	return shortHandler{h.Handler.WithAttrs(short)}
}

// WithGroup implements slog.Handler.
func (h shortHandler) WithGroup(name string) slog.Handler {
	return shortHandler{h.Handler.WithGroup(name)}
}

// shortened returns an attribute whose text, if it is one, fits into a line: an error in full, as a
// rule, and of a name and the like the beginning. The stack of a panic has lines, and is bounded
// where it is logged.
func shortened(a slog.Attr) slog.Attr {
	if err, is := a.Value.Any().(error); is {
		return slog.String(a.Key, wire.Line(err.Error()))
	}
	switch {
	case a.Value.Kind() != slog.KindString || a.Key == "stack":
		return a
	case a.Key == "err":
		return slog.String(a.Key, wire.Line(a.Value.String()))
	default:
		return slog.String(a.Key, wire.OneLine(a.Value.String()))
	}
}

// printable returns the text of an error for a terminal, on as many lines as it has.
func printable(err error) string {
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	for i, line := range lines {
		lines[i] = wire.Line(line)
	}
	return strings.Join(lines, "\n")
}
