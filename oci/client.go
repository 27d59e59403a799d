// Package oci reads the control plane of OCI GoldenGate, the Oracle Cloud service: a Client
// refreshes one entry of the configuration into an Inventory of its compartments. It sends only GET
// requests. What a deployment itself reports belongs in package ogg. Prometheus's client library
// must not enter here.
package oci

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Options are what a Client needs besides its configuration.
type Options struct {
	// UserAgent is sent with each request.
	UserAgent string
	// Now is the clock for Inventory.Begin and the clock skew; time.Now if nil. The Date header of
	// requests always comes from the machine's clock.
	Now func() time.Time
	// Dial connects to the control plane or its proxy; nil is the machine's network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Panics catches the panics of refreshes; if nil, they are logged to Logger and counted by nobody.
	Panics *wire.Panics
	// Logger gets one line when a part starts to fail and one when it recovers. If nil, nothing is
	// logged.
	Logger *slog.Logger
}

// Client reads the compartments of one entry of the configuration. It is safe for concurrent use.
// Call Close when done.
type Client struct {
	config  config.OCI
	options Options
	log     *slog.Logger
	pool    http.RoundTripper
	http    *http.Client // through the pool
	traffic traffic
	last    atomic.Pointer[Inventory]

	mu        sync.Mutex // held during a refresh; guards the fields below
	principal *principal
	reading   *userReading
	failing   *wire.Failing[string] // by part
}

// NewClient returns a Client for one entry of the configuration. It sends nothing and reads no
// credentials. It fails if the certificates in c cannot be used.
func NewClient(c config.OCI, o Options) (*Client, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Panics == nil {
		o.Panics = wire.NewPanics(o.Logger)
	}
	transport, err := newTransport(c, o.Dial)
	if err != nil {
		return nil, fmt.Errorf("oci %s: %w", c.Name, err)
	}
	pool := newGuarded(transport)
	client := &Client{config: c, options: o, log: o.Logger.With("oci", c.Name), pool: pool, failing: wire.NewFailing[string](isSame, time.Now)}
	client.traffic.now = o.Now
	client.http = &http.Client{
		Transport: &observer{next: pool, traffic: &client.traffic},
		// A signature is valid for one URL only.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return client, nil
}

// Name returns the name of the entry, which is the label oci.
func (c *Client) Name() string { return c.config.Name }

// Last returns the result of the latest Refresh; nil before the first has finished.
func (c *Client) Last() *Inventory { return c.last.Load() }

// Refresh reads everything, within the configured timeout. Failures are recorded in the Inventory,
// and logged when they begin and when they end. Concurrent calls run one after the other.
func (c *Client) Refresh(ctx context.Context) *Inventory {
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	before, began := c.last.Load(), time.Now()
	inv := &Inventory{OCI: c.config.Name, Begin: c.options.Now(), config: c.config}
	if err := c.options.Panics.Catch("refresh", func() error { return c.read(ctx, inv, before) }); err != nil {
		inv = &Inventory{OCI: inv.OCI, Begin: inv.Begin, config: c.config}
		inv.fail(err, before)
	}
	inv.Took = time.Since(began)
	inv.ClockSkew, inv.Requests = c.traffic.seen()
	switch {
	case inv.Err == nil:
		inv.LastSuccess = inv.Begin
	case before != nil:
		inv.LastSuccess = before.LastSuccess
	}
	c.report(inv)
	c.last.Store(inv)
	return inv
}

// read reads everything into inv. It fails if that cannot begin.
func (c *Client) read(ctx context.Context, inv, before *Inventory) error {
	s, err := c.newSession(ctx)
	if err == nil {
		s.read(ctx, inv, before)
	}
	return err
}

// Close closes idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }
