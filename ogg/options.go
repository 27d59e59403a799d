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
	// Collectors names the collectors to read for; nil is all.
	Collectors []string
	// Performance narrows the collector performance.
	Performance PerformanceOptions
	// Tables limits the collector table.
	Tables TableOptions
	// HeartbeatTable adds the heartbeat tables of the databases to the collector heartbeat.
	HeartbeatTable HeartbeatTableOptions
	// MessageCodes has messages counted by code, too.
	MessageCodes bool
	// Mask replaces everything in a text of GoldenGate's that may be a name or a secret, so that it
	// can be shown; if nil, none is.
	Mask func(text string) string
	// BodyMemory limits the memory for large answers; nil is DefaultBodyMemory for this
	// client alone.
	BodyMemory *BodyMemory
	// Now is the clock that decides when to read again what is not read in each poll, when to
	// ask again for what was lacking, and when to retry a rejected user; time.Now if nil.
	Now func() time.Time
	// Dial connects to GoldenGate or its proxy; nil uses the host's network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Connections limits the connections of all clients that share it; nil is no limit.
	Connections *Connections
	// Panics catches the panics of reads; if nil, they are logged to Logger and counted by nobody.
	Panics *wire.Panics
	// Logger gets a line when something starts to fail and when it recovers; nil discards
	// them.
	Logger *slog.Logger
}

// PerformanceOptions narrow the collector performance. The zero value reads everything.
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

// TableOptions limit the collector table.
type TableOptions struct {
	// Wants reports whether a table is counted; nil is all.
	Wants func(table string) bool
	// Max is how many tables of a process have their own series; 0 is none.
	Max int
}

// wants reports whether a table is counted.
func (o TableOptions) wants(table string) bool { return o.Wants == nil || o.Wants(table) }

// HeartbeatTableOptions say whether and how often the collector heartbeat reads the heartbeat
// tables of the databases.
type HeartbeatTableOptions struct {
	// Read enables it.
	Read bool
	// Interval is the time between two reads of a deployment's tables: each request for one
	// opens a database session.
	Interval time.Duration
}
