package rest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// hungGrace is how long a request may take to end after its context did. Nearly all end at once;
// what is longer under way does not heed its context.
const hungGrace = 50 * time.Millisecond

// hungLong is after which time a request that hangs is not expected to end soon: on a busy machine
// others end a moment after they were left.
const hungLong = 5 * time.Second

// maxHung is how many requests of one Pool may hang. It is far more than the slots of a service,
// but services may come under new names all the time, each with slots of its own.
const maxHung = 1000

// outcome is what one request brought.
type outcome struct {
	status      int
	contentType string
	body        body
	err         error
}

// call is one request under way, in a goroutine of its own, so that its caller can leave when the
// context ends, whatever the request waits for: a file on a hung file system, or a bug in HTTP/2.
type call struct {
	ctx context.Context
	url string

	outcome
	done chan struct{} // has one item when outcome is complete and the caller still waits
	over atomic.Bool   // set by whoever is first: the request that ends, or the caller that leaves
}

// guard runs the requests to one service.
type guard struct {
	pool   *Pool
	stats  *Stats
	panics *wire.Panics
	// send sends a request, and abandon is called with its outcome if it ended after its caller
	// had left.
	send    func(ctx context.Context, url string) outcome
	abandon func(*outcome)

	hung  atomic.Int64 // of this service
	since atomic.Int64 // when the latest of them was left, in Unix nanoseconds
	calls sync.Pool    // of *call that have ended
}

// errHung says that a request did not end although its context did.
var errHung = errors.New("the request hangs")

// enter returns an error if too many requests hang already for another one to be sent. A service
// may have as many as it has slots.
func (g *guard) enter(slots int) error {
	switch n, all := g.hung.Load(), g.pool.hung.Load(); {
	case n >= int64(slots) && time.Since(time.Unix(0, g.since.Load())) >= hungLong:
		return fmt.Errorf("not sent: %d requests to the service hang", n)
	case all >= maxHung:
		return fmt.Errorf("not sent: %d requests with the same login hang", all)
	}
	return nil
}

// run sends a request and returns its outcome. It reports false, with an error that says so, if the
// request hangs: then whatever belongs to it is still in use, until abandon is called. A panic of
// the request is raised again.
func (g *guard) run(ctx context.Context, url string) (outcome, bool) {
	if g.pool.heeds {
		return g.send(ctx, url), true
	}
	c, is := g.calls.Get().(*call)
	if !is {
		c = &call{done: make(chan struct{}, 1)}
	}
	c.ctx, c.url = ctx, url
	go g.call(c)
	select {
	case <-c.done:
		return g.take(c), true
	case <-ctx.Done():
	}
	grace := time.NewTimer(hungGrace)
	defer grace.Stop()
	select {
	case <-c.done:
		return g.take(c), true
	case <-grace.C:
	}
	g.since.Store(time.Now().UnixNano())
	g.count(1)
	if c.over.Swap(true) { // it ended just now
		g.count(-1)
		<-c.done
		return g.take(c), true
	}
	return outcome{err: errHung}, false
}

// call sends the request.
func (g *guard) call(c *call) {
	// Without a logger, because whoever catches it again logs it.
	err := (*wire.Panics)(nil).Catch("request", func() error {
		c.outcome = g.send(c.ctx, c.url)
		return nil
	})
	if err != nil {
		c.err = err
	}
	if !c.over.Swap(true) {
		c.done <- struct{}{}
		return
	}
	_ = g.panics.Catch("request", func() error {
		c.raise()
		return nil
	})
	g.count(-1)
	g.abandon(&c.outcome)
}

// take returns the outcome of a call that has ended.
func (g *guard) take(c *call) outcome {
	o := c.outcome
	c.ctx, c.outcome = nil, outcome{}
	c.over.Store(false)
	g.calls.Put(c)
	o.raise()
	return o
}

// raise raises the panic of the request again if it had one.
func (o *outcome) raise() {
	if caught, is := errors.AsType[*wire.PanicError](o.err); is {
		panic(caught)
	}
}

// count adds to the requests that hang.
func (g *guard) count(n int64) {
	g.hung.Add(n)
	g.pool.hung.Add(n)
	g.stats.hang(n)
}
