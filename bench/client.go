package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// Replay says how a Client sends requests.
type Replay struct {
	Requests []Request
	// Concurrency is how many requests are in flight to one service. If 0, requests are
	// sent one at a time, across all services.
	Concurrency int
}

// Client is the role of the process that the exporter is compared with. It sends the
// exporter's requests and discards the answers.
type Client struct {
	ctx  context.Context // of the process
	http *http.Client
}

// Send sends all requests and reports how long that took.
func (c *Client) Send(r Replay, took *time.Duration) error {
	begin := time.Now()
	var group errgroup.Group
	if r.Concurrency == 0 {
		group.Go(func() error { return c.sendSome(channelOf(r.Requests)) })
	} else {
		for _, requests := range byService(r.Requests) {
			waiting := channelOf(requests)
			for range min(r.Concurrency, len(requests)) {
				group.Go(func() error { return c.sendSome(waiting) })
			}
		}
	}
	err := group.Wait()
	*took = time.Since(begin)
	return err
}

// newClient returns a client with the exporter's pool settings.
func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		MaxIdleConns: 20_000, MaxIdleConnsPerHost: 1000, IdleConnTimeout: 5 * time.Minute,
		DisableCompression: true,
	}}
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

// sendSome sends waiting requests, one after the other.
func (c *Client) sendSome(waiting <-chan Request) error {
	for r := range waiting {
		if err := c.send(r); err != nil {
			return err
		}
	}
	return nil
}

// send sends one request as the exporter does, and discards the answer. Its status must
// equal the one that the exporter got.
func (c *Client) send(r Request) error {
	request, err := http.NewRequestWithContext(c.ctx, http.MethodGet, r.URL, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "bench")
	request.SetBasicAuth(oggtest.DefaultUser, oggtest.DefaultPassword)
	answer, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != r.Status {
		return fmt.Errorf("GET %s: status %d", r.URL, answer.StatusCode)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}
