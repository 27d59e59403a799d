// Package ogg reads Oracle GoldenGate Microservices over their REST API v2
// (releases 12.3 to 26ai): a Client polls one Service Manager, with all that it
// manages, into an Installation. Only GET requests leave it. Metrics, and
// anything else of Prometheus's client library, must not enter here.
package ogg

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
)

// Options are what a Client needs beside its configuration.
type Options struct {
	// UserAgent is sent with each request.
	UserAgent string
	// Collectors names what is read, of the rows of readers; nil is everything.
	Collectors []string
	// Performance narrows the collector performance.
	Performance PerformanceOptions
	// Tables bounds the collector table.
	Tables TableOptions
	// HeartbeatTable adds the databases' heartbeat tables to the collector
	// heartbeat.
	HeartbeatTable HeartbeatTableOptions
	// Now is the clock by which the interval of HeartbeatTable and the time for
	// which a refused user is not tried run; time.Now if nil.
	Now func() time.Time
	// Dial connects to GoldenGate or its proxy; nil is the machine's network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Logger gets a line when something begins to fail and when it works again.
	// nil discards them.
	Logger *slog.Logger
}

// Client reads one Service Manager and the deployments that it manages. It may
// be used by several goroutines. Close it after use.
type Client struct {
	config  config.ServiceManager
	options Options
	log     *slog.Logger

	serviceManager *endpoint
	pool           http.RoundTripper            // with the Service Manager's credentials
	pools          map[string]http.RoundTripper // by deployment, of those with credentials of their own
	bodies         bodies
	managed        managed
	last           atomic.Pointer[Installation]

	mu        sync.Mutex
	flights   []*flight
	endpoints map[string]*endpoint       // by deployment and microservice
	trails    map[string]*trailNames     // by deployment
	tables    map[string]*heartbeatTable // by deployment
	stats     map[string]*requestStats   // by microservice
	failing   map[failed]error           // as the latest polls found it
}

// NewClient returns a Client for the Service Manager that c describes. It sends
// nothing. It fails when a certificate or key of c cannot be used.
func NewClient(c config.ServiceManager, o Options) (*Client, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	client := &Client{
		config: c, options: o, log: o.Logger.With("service_manager", c.Name),
		pools:     map[string]http.RoundTripper{},
		endpoints: map[string]*endpoint{},
		trails:    map[string]*trailNames{},
		tables:    map[string]*heartbeatTable{},
		stats:     map[string]*requestStats{},
		failing:   map[failed]error{},
	}
	var err error
	if client.pool, err = newPool(c.HTTPClient, o.Dial); err != nil {
		return nil, fmt.Errorf("service manager %s: %w", c.Name, err)
	}
	for _, d := range c.Deployments {
		if client.pools[d.Name], err = newPool(d.HTTPClient, o.Dial); err != nil {
			return nil, fmt.Errorf("service manager %s: deployment %s: %w", c.Name, d.Name, err)
		}
	}
	client.serviceManager = client.newEndpoint(ServiceManager, ServiceManager, client.serviceManagerURL())
	return client, nil
}

// Name returns the configured name of the Service Manager.
func (c *Client) Name() string { return c.config.Name }

// URL returns the configured URL of the Service Manager, which has no
// credentials in it.
func (c *Client) URL() string { return c.config.URL.String() }

// Last returns what the latest Poll found; nil before the first has ended.
func (c *Client) Last() *Installation { return c.last.Load() }

// Close closes the connections that no request uses.
func (c *Client) Close() {
	for _, pool := range append(slices.Collect(maps.Values(c.pools)), c.pool) {
		if p, ok := pool.(interface{ CloseIdleConnections() }); ok {
			p.CloseIdleConnections()
		}
	}
}

// newEndpoint makes the endpoint of a service whose API is at base. The caller
// holds c.mu, or is alone.
func (c *Client) newEndpoint(deployment, microservice, base string) *endpoint {
	e := &endpoint{
		deployment: deployment, microservice: microservice, base: base,
		slots:     make(chan struct{}, c.config.MaxConcurrentRequests),
		userAgent: c.options.UserAgent, bodies: &c.bodies,
		stats: c.statsOf(microservice),
	}
	pool, client := c.pool, c.config.HTTPClient
	if own, ok := c.pools[deployment]; ok {
		pool, client = own, c.config.HTTPClientFor(deployment)
	}
	e.gate.login = login{
		now: c.options.Now, log: c.log.With("deployment", deployment, "microservice", microservice),
		secrets: secretFiles(client),
	}
	e.connect(pool, client)
	return e
}

// endpointOf returns the endpoint of a service that a poll lists, the same for as
// long as it is listed at that place.
func (c *Client) endpointOf(deployment, microservice, base string) *endpoint {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := deployment + "/" + microservice
	if e := c.endpoints[key]; e != nil && e.base == base {
		e.gate.begin()
		return e
	}
	c.endpoints[key] = c.newEndpoint(deployment, microservice, base)
	return c.endpoints[key]
}

// prune forgets the services, trails and heartbeat tables of what is no longer
// listed.
func (c *Client) prune(inst *Installation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	deployments, services := map[string]bool{}, map[string]bool{}
	for _, d := range inst.Deployments {
		deployments[d.Name] = true
		for _, s := range d.Services {
			services[d.Name+"/"+s.Name] = true
		}
	}
	maps.DeleteFunc(c.endpoints, func(key string, _ *endpoint) bool { return !services[key] })
	maps.DeleteFunc(c.trails, func(key string, _ *trailNames) bool { return !deployments[key] })
	maps.DeleteFunc(c.tables, func(key string, _ *heartbeatTable) bool { return !deployments[key] })
}

// trailsOf returns the memory of a deployment's trails.
func (c *Client) trailsOf(deployment string) *trailNames {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.trails[deployment] == nil {
		c.trails[deployment] = &trailNames{}
	}
	return c.trails[deployment]
}

// heartbeatTableOf returns what is kept of a deployment's heartbeat tables.
func (c *Client) heartbeatTableOf(deployment string) *heartbeatTable {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tables[deployment] == nil {
		c.tables[deployment] = &heartbeatTable{known: map[string]tableRead{}}
	}
	return c.tables[deployment]
}

// statsOf returns the statistics of a microservice, which outlive its endpoints.
// The caller holds c.mu, or is alone.
func (c *Client) statsOf(microservice string) *requestStats {
	if c.stats[microservice] == nil {
		c.stats[microservice] = newRequestStats(microservice)
	}
	return c.stats[microservice]
}

// requests returns the statistics of all microservices, sorted by name.
func (c *Client) requests() []RequestStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]RequestStats, 0, len(c.stats))
	for _, name := range slices.Sorted(maps.Keys(c.stats)) {
		all = append(all, c.stats[name].copy())
	}
	return all
}
