// Package oci reads the control plane of OCI GoldenGate, the Oracle Cloud service, which knows
// the deployments of a compartment: a Client refreshes one entry of the configuration into an
// Inventory. Only GET requests go there. What the deployments themselves tell belongs to package
// ogg. Metrics, and anything else of Prometheus's client library, must not enter here.
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

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Options are what a Client needs beside its configuration.
type Options struct {
	// UserAgent is sent with each request.
	UserAgent string
	// Now is the clock of Inventory.Begin and of the clock skew; time.Now if nil. Requests are
	// dated by the machine's clock.
	Now func() time.Time
	// Dial connects to the control plane or its proxy; nil is the machine's network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Logger gets a line when something begins to fail and when it works again. nil discards them.
	Logger *slog.Logger
}

// Client reads the compartments of one entry of the configuration. It may be used by several
// goroutines. Close it after use.
type Client struct {
	config  config.OCI
	options Options
	log     *slog.Logger
	pool    http.RoundTripper
	http    *http.Client // through the pool
	traffic traffic
	last    atomic.Pointer[Inventory]

	mu        sync.Mutex // held by the refresh that runs, which alone uses the following
	principal *principal
	failing   *wire.Failing[string] // by part
}

// NewClient returns a Client for the entry that c describes. It sends nothing and reads no
// credentials. It fails when the certificates of c cannot be used.
func NewClient(c config.OCI, o Options) (*Client, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	pool, err := promconfig.NewRoundTripperFromConfig(promconfig.HTTPClientConfig{
		TLSConfig: c.TLSConfig, ProxyConfig: c.ProxyConfig, EnableHTTP2: true,
	}, "oci", promconfig.WithDialContextFunc(o.Dial))
	if err != nil {
		return nil, fmt.Errorf("oci %s: %w", c.Name, err)
	}
	client := &Client{config: c, options: o, log: o.Logger.With("oci", c.Name), pool: pool, failing: wire.NewFailing[string](isSame)}
	client.traffic.now = o.Now
	client.http = &http.Client{
		Transport: &observer{next: pool, traffic: &client.traffic},
		// A signature is good for one URL only.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return client, nil
}

// Name returns the configured name.
func (c *Client) Name() string { return c.config.Name }

// Last returns what the latest Refresh returned; nil before the first has ended.
func (c *Client) Last() *Inventory { return c.last.Load() }

// Refresh reads everything anew, for no longer than the configured timeout. What fails is in the
// Inventory and, when it begins and when it ends, in the log. One refresh runs at a time.
func (c *Client) Refresh(ctx context.Context) *Inventory {
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	before, began := c.last.Load(), time.Now()
	inv := &Inventory{OCI: c.config.Name, Begin: c.options.Now(), config: c.config}
	if s, err := c.newSession(ctx); err != nil {
		inv.fail(err, before)
	} else {
		s.read(ctx, inv, before)
	}
	inv.Took = time.Since(began)
	inv.ClockSkew, inv.Requests = c.traffic.told()
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

// Close closes the connections that no request uses.
func (c *Client) Close() { c.http.CloseIdleConnections() }
