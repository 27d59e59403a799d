package ogg

import (
	"context"
	"time"
)

// Waiting returns how many scrapes wait for polls of the client.
func Waiting(c *Client) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, f := range c.flights {
		n += f.waiting
	}
	return n
}

// AddOverdue makes the client have a poll whose time is up and that does not end.
func AddOverdue(c *Client) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(context.DeadlineExceeded)
	c.flights = append(c.flights, &flight{ctx: ctx, cancel: cancel, done: make(chan struct{})})
}

// EnterBehindScout returns what the second request to a service gets, whose first
// one has no answer yet.
func EnterBehindScout(ctx context.Context) error {
	g := gate{login: login{now: time.Now}}
	if _, err := g.enter(ctx, "/first"); err != nil {
		return err
	}
	_, err := g.enter(ctx, "/second")
	return err
}
