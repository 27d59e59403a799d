package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"runtime/pprof"
	"sync"
	"time"

	"github.com/icholy/digest"
	"golang.org/x/sync/errgroup"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// Replay says how a Client sends requests.
type Replay struct {
	Requests []Request
	// Concurrency is how many requests are in flight to one service. If 0, requests are
	// sent one at a time, across all services.
	Concurrency int
	// Total is how many are in flight to one Service Manager; not limited if 0.
	Total int
}

// ClientOptions say how a Client reaches the fleet.
type ClientOptions struct {
	CA     []byte // in PEM, for TLS
	Digest bool
}

// Client is the role of the process that the exporter is compared with: a bare net/http loop that
// sends requests and discards the answers.
type Client struct {
	ctx     context.Context // of the process
	http    *http.Client
	profile bytes.Buffer
}

// Open makes the client reach the fleet in another way than over plain HTTP with basic
// authentication.
func (c *Client) Open(o ClientOptions, _ *struct{}) error { //nolint:unparam // net/rpc wants an error
	transport := newTransport()
	if o.CA != nil {
		transport.TLSClientConfig = &tls.Config{RootCAs: poolOf(o.CA), MinVersion: tls.VersionTLS12}
	}
	c.http = &http.Client{Transport: transport}
	if o.Digest {
		c.http.Transport = &digests{under: transport}
	}
	return nil
}

// Send sends all requests and reports how long that took.
func (c *Client) Send(r Replay, took *time.Duration) error {
	begin := time.Now()
	var group errgroup.Group
	if r.Concurrency == 0 {
		group.Go(func() error { return c.sendSome(channelOf(r.Requests), make(places, 1)) })
	} else {
		free := map[int]places{} // of each Service Manager
		for _, requests := range byService(r.Requests) {
			manager := requests[0].Manager
			if free[manager] == nil {
				free[manager] = make(places, cmp.Or(r.Total, len(r.Requests)))
			}
			waiting, free := channelOf(requests), free[manager]
			for range min(r.Concurrency, len(requests)) {
				group.Go(func() error { return c.sendSome(waiting, free) })
			}
		}
	}
	err := group.Wait()
	*took = time.Since(begin)
	return err
}

// places limit the requests that are in flight.
type places chan struct{}

// StartProfile begins a CPU profile of the process.
func (c *Client) StartProfile(struct{}, *struct{}) error {
	c.profile.Reset()
	return pprof.StartCPUProfile(&c.profile)
}

// StopProfile ends the profile and reports it.
func (c *Client) StopProfile(_ struct{}, profile *[]byte) error { //nolint:unparam // net/rpc wants an error
	pprof.StopCPUProfile()
	*profile = c.profile.Bytes()
	return nil
}

// newTransport returns a transport with a pool that never closes a connection.
func newTransport() *http.Transport {
	return &http.Transport{
		MaxIdleConns: 20_000, MaxIdleConnsPerHost: 1000, IdleConnTimeout: 5 * time.Minute,
		DisableCompression: true,
	}
}

func newClient() *http.Client { return &http.Client{Transport: newTransport()} }

// digests logs in by digest authentication, with the challenge of each service's first answer for
// all requests to that service.
type digests struct {
	under http.RoundTripper
	hosts sync.Map // of *digest.Transport
}

// RoundTrip implements http.RoundTripper.
func (d *digests) RoundTrip(r *http.Request) (*http.Response, error) {
	t, found := d.hosts.Load(r.URL.Host)
	if !found {
		t, _ = d.hosts.LoadOrStore(r.URL.Host, &digest.Transport{
			Username: oggtest.DefaultUser, Password: oggtest.DefaultPassword, Transport: d.under,
		})
	}
	return t.(*digest.Transport).RoundTrip(r)
}

// channelOf returns a closed channel that holds the requests.
func channelOf(requests []Request) <-chan Request {
	c := make(chan Request, len(requests))
	for _, r := range requests {
		c <- r
	}
	close(c)
	return c
}

// sendSome sends waiting requests, one after the other, each in a free place.
func (c *Client) sendSome(waiting <-chan Request, free places) error {
	for r := range waiting {
		free <- struct{}{}
		err := c.send(r)
		<-free
		if err != nil {
			return err
		}
	}
	return nil
}

// send sends one request as the exporter does, and discards the answer.
func (c *Client) send(r Request) error {
	request, err := http.NewRequestWithContext(c.ctx, http.MethodGet, r.URL, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "bench")
	if _, computes := c.http.Transport.(*digests); !computes {
		request.SetBasicAuth(oggtest.DefaultUser, oggtest.DefaultPassword)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: status %d", r.URL, answer.StatusCode)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

// client is the driver's side of a Client.
type client struct{ *role }

// startClient starts a client of the fleet in a process of its own.
func startClient(ctx context.Context, f *fleet) (*client, error) {
	r, err := startRole(ctx, "client")
	if err != nil {
		return nil, err
	}
	c := &client{r}
	if err := c.call("Open", ClientOptions{f.CA, f.options.Digest}, nil); err != nil {
		c.end()
		return nil, err
	}
	return c, nil
}

// send sends requests, with the exporter's defaults for a Service Manager, and returns how long that
// took.
func (c *client) send(requests []Request, concurrency int) (time.Duration, error) {
	var took time.Duration
	err := c.call("Send", Replay{requests, concurrency, max(mostToOneHost, concurrency)}, &took)
	return took, err
}

// wall returns how long it takes, in seconds, to send the requests of a step side by side, and one
// step after the other.
func (c *client) wall(steps [][]Request, concurrency int) (float64, error) {
	var took time.Duration
	for _, step := range steps {
		one, err := c.send(step, concurrency)
		if err != nil {
			return 0, err
		}
		took += one
	}
	return took.Seconds(), nil
}
