// Package ogg reads Oracle GoldenGate Microservices over their REST API v2 (releases 12.3
// to 26ai): a Client polls one Service Manager, with everything that it manages, into an
// Installation. It sends only GET requests. It must not contain metrics, nor import
// Prometheus's client library.
package ogg

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Client reads one Service Manager and the deployments that it manages. It is safe for
// concurrent use. Close it after use.
type Client struct {
	config  config.ServiceManager
	options Options
	log     *slog.Logger

	serviceManager *rest.Endpoint
	pool           *rest.Pool            // with the Service Manager's credentials
	pools          map[string]*rest.Pool // by deployment, of those with credentials of their own
	bodies         rest.Bodies
	turns          *rest.Turns
	managed        managed
	flights        flights
	last           atomic.Pointer[Installation]
	pace           pace
	patient        atomic.Pointer[time.Time] // when the latest poll with enough time began
	leftOut        atomic.Pointer[leaving]
	withheld       atomic.Bool
	rules          atomic.Pointer[rules]
	polls          atomic.Uint64 // that could list the deployments
	starts         starts

	mu        sync.Mutex
	endpoints map[string]*rest.Endpoint // by deployment and microservice
	accounts  map[string]*rest.Account  // by deployment
	proxies   map[string]*rest.Account  // of forward proxies, by URL
	memories  map[string]*wire.Memory   // by deployment
	stats     map[string]*rest.Stats    // by microservice
	listed    listing                   // what the latest poll that could list everything found
	failing   *wire.Failing[failure]

	seldom *wire.Seldom[string] // of what package rest logs
}

// NewClient returns a Client for the Service Manager that c describes, without connecting to
// it. It fails if a certificate or key of c cannot be used.
func NewClient(c config.ServiceManager, o Options) (*Client, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.BodyMemory == nil {
		o.BodyMemory = NewBodyMemory(DefaultBodyMemory)
	}
	if o.Panics == nil {
		o.Panics = wire.NewPanics(o.Logger)
	}
	client := &Client{
		config: c, options: o, log: o.Logger.With("service_manager", c.Name),
		pools:     map[string]*rest.Pool{},
		endpoints: map[string]*rest.Endpoint{},
		accounts:  map[string]*rest.Account{},
		proxies:   map[string]*rest.Account{},
		memories:  map[string]*wire.Memory{},
		stats:     map[string]*rest.Stats{},
		bodies:    rest.Bodies{Large: o.BodyMemory},
		turns:     rest.NewTurns(c.MaxConcurrentRequestsTotal),
		failing:   wire.NewFailing[failure](isSame, o.Now),
		seldom:    wire.NewSeldom[string](o.Now),
	}
	client.flights.log = client.log
	client.Expect(c)
	var err error
	if client.pool, err = rest.NewPool(c.HTTPClient, o.Dial, o.Connections); err != nil {
		return nil, fmt.Errorf("service manager %s: %w", c.Name, err)
	}
	for _, d := range c.Deployments {
		if client.pools[d.Name], err = rest.NewPool(d.HTTPClient, o.Dial, o.Connections); err != nil {
			return nil, fmt.Errorf("service manager %s: deployment %s: %w", c.Name, d.Name, err)
		}
	}
	client.serviceManager = client.newEndpoint(ServiceManager, ServiceManager, serviceManagerURL(c))
	return client, nil
}

// Name returns the configured name of the Service Manager.
func (c *Client) Name() string { return c.config.Name }

// URL returns the configured URL of the Service Manager, which contains no credentials.
func (c *Client) URL() string { return c.config.URL.String() }

// User returns the name of the user, or of the OAuth 2.0 client, that the services of a deployment get to
// see; empty if they get none, or if it cannot be read from its file.
func (c *Client) User(deployment string) string {
	pool, login := c.pool, c.config.HTTPClientFor(deployment)
	if own, ok := c.pools[deployment]; ok {
		pool = own
	}
	return pool.User(login)
}

// Last returns the result of the latest Poll; nil before the first has ended. Of its deployments it has
// what there is to see of processes, paths, data streams and trails, and what failed, but none of what
// only becomes samples: no figures of Performance Metrics except those of paths, no tables, messages,
// tasks, checkpoints, workers or certificates. What that poll was not to read, or could not, is from
// earlier ones: see Kept. It is not to be changed.
func (c *Client) Last() *Installation { return c.last.Load() }

// Interval returns how far apart polls are: the longest time from one of the latest five to the next, so
// that two that come shortly after each other, such as those of a pair of Prometheus servers, do not
// count as all. It is 0 before there are two.
func (c *Client) Interval() time.Duration { return c.pace.interval() }

// Answers returns how many answers have come so far. While it stays the same, a poll waits.
func (c *Client) Answers() int64 { return c.bodies.Answers.Load() }

// Expect has later polls compare what they find with the rules in c of what is expected to run, and with
// nothing else of it. The rules of the Service Manager are numbered from 1, those for all from top-1. It
// may be called at any time.
func (c *Client) Expect(sm config.ServiceManager) {
	c.rules.Store(new(rulesOf(sm)))
}

// Close closes idle connections, and does not wait for what hangs.
func (c *Client) Close() {
	for _, pool := range c.allPools() {
		pool.Close()
	}
	c.bodies.Close()
}

// allPools returns the pools of all logins.
func (c *Client) allPools() []*rest.Pool { return append(slices.Collect(maps.Values(c.pools)), c.pool) }

// newEndpoint returns a new endpoint for the service whose API is at base. The caller holds
// c.mu, or is NewClient.
func (c *Client) newEndpoint(deployment, microservice, base string) *rest.Endpoint {
	s := rest.Settings{
		Deployment: deployment, Microservice: microservice, Base: base,
		Login: c.config.HTTPClient, Pool: c.pool, MaxConcurrentRequests: c.config.MaxConcurrentRequests, Turns: c.turns,
		UserAgent: c.options.UserAgent, Bodies: &c.bodies, Stats: c.statsOf(microservice),
		Panics: c.options.Panics, Now: c.options.Now, Log: c.log, Seldom: c.seldom,
	}
	if own, ok := c.pools[deployment]; ok {
		s.Pool, s.Login = own, c.config.HTTPClientFor(deployment)
	}
	account := deployment
	if base == c.config.URL.String() { // above the version of the API somebody else may answer
		account = base
	}
	s.Account, s.Proxy = c.accountOf(account, s.Pool), c.proxyOf(s.Login, base)
	return rest.New(s)
}

// accountOf returns the account with which all services of a deployment are asked. The caller
// holds c.mu, or is alone.
func (c *Client) accountOf(deployment string, pool *rest.Pool) *rest.Account {
	if c.accounts[deployment] == nil {
		c.accounts[deployment] = pool.NewAccount(c.options.Now, c.log.With("deployment", deployment), c.seldom, deployment)
	}
	return c.accounts[deployment]
}

// proxyOf returns the account at the forward proxy through which a service is asked; nil
// without one. The caller holds c.mu, or is alone.
func (c *Client) proxyOf(login promconfig.HTTPClientConfig, base string) *rest.Account {
	proxy := rest.ProxyOf(login, base)
	if proxy == nil {
		return nil
	}
	if c.proxies[proxy.String()] == nil {
		c.proxies[proxy.String()] = rest.NewProxyAccount(proxy, c.options.Now, c.log, c.seldom)
	}
	return c.proxies[proxy.String()]
}

// beginPoll marks the start of a poll, which is hurried if it has little time.
func (c *Client) beginPoll(hurried bool) {
	for _, pool := range c.allPools() {
		pool.BeginPoll()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.serviceManager.BeginPoll(hurried)
	for _, e := range c.endpoints {
		e.BeginPoll(hurried)
	}
	for _, accounts := range []map[string]*rest.Account{c.accounts, c.proxies} {
		for _, account := range accounts {
			account.BeginPoll()
		}
	}
}

// endpointOf returns the endpoint of a listed service, the same one for as long as the service
// is listed at the same URL.
func (c *Client) endpointOf(deployment, microservice, base string) *rest.Endpoint {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := deployment + "/" + microservice
	if e := c.endpoints[key]; e != nil && e.Base() == base {
		return e
	}
	c.endpoints[key] = c.newEndpoint(deployment, microservice, base)
	c.turns.SetServices(1 + len(c.endpoints))
	return c.endpoints[key]
}

// certificateSeen returns when the server certificate of a service that is not asked now expires, as
// it was seen last; zero if it was not seen since the service has been listed.
func (c *Client) certificateSeen(deployment, microservice string) wire.Timestamp {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.endpoints[deployment+"/"+microservice]; e != nil {
		return e.CertificateNotAfter()
	}
	return wire.Timestamp{}
}

// memoryOf returns what was learned about a deployment since it has been listed.
func (c *Client) memoryOf(deployment string) *wire.Memory {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.memories[deployment] == nil {
		c.memories[deployment] = &wire.Memory{}
	}
	return c.memories[deployment]
}

// statsOf returns the statistics of a microservice, which outlive its endpoints. The caller
// holds c.mu, or is NewClient.
func (c *Client) statsOf(microservice string) *rest.Stats {
	if c.stats[microservice] == nil {
		c.stats[microservice] = rest.NewStats(microservice)
	}
	return c.stats[microservice]
}

// requests returns the statistics of all microservices, sorted by name.
func (c *Client) requests() []RequestStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]RequestStats, 0, len(c.stats))
	for _, name := range slices.Sorted(maps.Keys(c.stats)) {
		all = append(all, c.stats[name].Snapshot())
	}
	return all
}
