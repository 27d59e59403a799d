package ogg

import (
	"context"
)

// Waiting returns the number of scrapes that wait for polls of the client.
func Waiting(c *Client) int {
	c.flights.mu.Lock()
	defer c.flights.mu.Unlock()
	n := 0
	for _, f := range c.flights.all {
		n += f.waiting
	}
	return n
}

// AddOverdue gives the client a poll that is out of time but does not end.
func AddOverdue(c *Client) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(context.DeadlineExceeded)
	c.flights.all = append(c.flights.all, &flight{ctx: ctx, cancel: cancel, begun: true, done: make(chan struct{})})
}

// Polls returns how many polls of the client are in progress, and how many wait for a place.
func Polls(c *Client) (begun, queued int) {
	c.flights.mu.Lock()
	defer c.flights.mu.Unlock()
	for _, f := range c.flights.all {
		if f.begun {
			begun++
		} else {
			queued++
		}
	}
	return begun, queued
}
