package rest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// Connections limits the connections to GoldenGate that the process has open, so that some file
// descriptors remain for files and for those who scrape it. When there are too many, it closes
// those that no request uses, of all pools. A nil Connections has no limit.
type Connections struct {
	most int

	mu    sync.Mutex
	open  int
	pools map[*func()]bool // each closes the idle connections of a pool
}

// keptDescriptors is how many file descriptors are kept for all else, or half of them if that is
// less.
const keptDescriptors = 640

// NewConnections returns the limit for a process that may have so many file descriptors open.
func NewConnections(descriptors int) *Connections {
	return &Connections{most: descriptors - min(descriptors/2, keptDescriptors), pools: map[*func()]bool{}}
}

// add adds a pool, by the function that closes its idle connections, and returns the function
// that removes it.
func (c *Connections) add(closeIdle func()) (remove func()) {
	if c == nil {
		return func() {}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pools[&closeIdle] = true
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.pools, &closeIdle)
	}
}

// closeIdle closes the idle connections of all pools.
func (c *Connections) closeIdle() {
	if c == nil {
		return
	}
	c.mu.Lock()
	all := make([]*func(), 0, len(c.pools))
	for closeIdle := range c.pools {
		all = append(all, closeIdle)
	}
	c.mu.Unlock()
	for _, closeIdle := range all {
		(*closeIdle)()
	}
}

// limited returns a dialer that waits while there are too many connections.
func (c *Connections) limited(dial promconfig.DialContextFunc) promconfig.DialContextFunc {
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	if c == nil {
		return dial
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if err := c.enter(ctx); err != nil {
			return nil, fmt.Errorf("dial %s: no file descriptor was free: %w", address, err)
		}
		conn, err := dial(ctx, network, address)
		if isExhausted(err) {
			c.closeIdle()
			conn, err = dial(ctx, network, address)
		}
		if err != nil {
			c.leave()
			return nil, err
		}
		return &limitedConn{conn, sync.OnceFunc(c.leave)}, nil
	}
}

// idleCheck is how often those who wait for a connection close the ones that became idle.
const idleCheck = 20 * time.Millisecond

// enter waits until there may be one more connection.
func (c *Connections) enter(ctx context.Context) error {
	for !c.tryEnter() {
		c.closeIdle()
		if c.tryEnter() {
			return nil
		}
		timer := time.NewTimer(idleCheck)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
	}
	return nil
}

// tryEnter reports whether there may be one more connection, which then counts.
func (c *Connections) tryEnter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open >= c.most {
		return false
	}
	c.open++
	return true
}

// leave notes that a connection was closed.
func (c *Connections) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
}

// limitedConn is a connection that counts until it is closed.
type limitedConn struct {
	net.Conn

	leave func()
}

// Close closes the connection.
func (c *limitedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}

// isExhausted reports whether the process, or the machine, has no file descriptor left.
func isExhausted(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}
