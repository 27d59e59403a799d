package ogg

import (
	"context"
	"log/slog"
	"net"
	"slices"
	"time"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Options are what a Client needs besides its configuration.
type Options struct {
	// UserAgent is sent with each request.
	UserAgent string
	// Collectors names what is read, of the rows of readers; nil is everything.
	Collectors []string
	// Performance narrows the collector performance.
	Performance PerformanceOptions
	// Tables bounds the collector table.
	Tables TableOptions
	// HeartbeatTable adds the databases' heartbeat tables to the collector heartbeat.
	HeartbeatTable HeartbeatTableOptions
	// Now is the clock for the interval of HeartbeatTable and for how long a rejected user
	// is not tried; time.Now if nil.
	Now func() time.Time
	// Dial connects to GoldenGate or its proxy; nil is the machine's network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Panics catches the panics of reads; if nil, they are logged to Logger and counted by nobody.
	Panics *wire.Panics
	// Logger gets a line when something begins to fail and when it works again. nil
	// discards them.
	Logger *slog.Logger
}

// PerformanceOptions narrow the collector performance. The zero value is everything.
type PerformanceOptions struct {
	// Points are the points to read, of PerformancePoints; nil is all.
	Points []string
	// Process reports whether to read the points of a process; nil is all.
	Process func(name string) bool
}

// wants reports whether to read a point of a process.
func (o PerformanceOptions) wants(process, point string) bool {
	return (o.Points == nil || slices.Contains(o.Points, point)) && o.wantsProcess(process)
}

// wantsProcess reports whether to read any point of a process.
func (o PerformanceOptions) wantsProcess(process string) bool {
	return o.Process == nil || o.Process(process)
}

// TableOptions bound the collector table.
type TableOptions struct {
	// Wants reports whether a table is counted; nil is all.
	Wants func(table string) bool
	// Max is how many tables of a process have series of their own; 0 is none.
	Max int
}

// wants reports whether a table is counted.
func (o TableOptions) wants(table string) bool { return o.Wants == nil || o.Wants(table) }

// HeartbeatTableOptions say whether the collector heartbeat reads the heartbeat tables in
// the databases.
type HeartbeatTableOptions struct {
	// Read is whether it does.
	Read bool
	// Interval is how long a deployment's tables are left alone after they were read: each
	// request for one opens a database session.
	Interval time.Duration
}
