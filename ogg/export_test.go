package ogg

import "context"

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
