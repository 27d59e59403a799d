package server

import (
	"container/list"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
)

// connections limits the connections that are open at once. Over the limit a new one takes
// the place of the one that has gone longest without a request: otherwise clients that only
// connect could keep all others out. While all have requests, a new one waits.
type connections struct {
	max int // 0 is no limit

	mu      sync.Mutex
	open    map[net.Conn]*connection // except those closed for others
	unused  list.List                // of *connection, the longest without a request first
	changed sync.Cond                // one was closed, or has no request any more
	stopped bool
}

// connection is a client's connection.
type connection struct {
	net.Conn

	requests int           // in the exporter's hands: read, and not yet written
	place    *list.Element // in unused, or nil
}

// newConnections returns a limit without connections; 0 is no limit.
func newConnections(most int) *connections {
	c := &connections{max: most, open: map[net.Conn]*connection{}}
	c.changed.L = &c.mu
	return c
}

// limit counts the connections of a server that has not begun to serve. Its handler has to
// be inUse.
func (c *connections) limit(s *http.Server) {
	s.ConnContext = c.enter
	s.ConnState = func(conn net.Conn, state http.ConnState) {
		if state == http.StateClosed || state == http.StateHijacked {
			c.leave(conn)
		}
	}
	s.RegisterOnShutdown(c.stop)
}

// connectionKey is the key of a request's connection in its context.
type connectionKey struct{}

// enter counts a new connection as soon as there is room. The server accepts no other on
// that address meanwhile: they wait in the kernel.
func (c *connections) enter(ctx context.Context, conn net.Conn) context.Context {
	entry := &connection{Conn: conn}
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.max > 0 && len(c.open) >= c.max && !c.stopped {
		if !c.closeUnused() {
			c.changed.Wait()
		}
	}
	c.open[conn] = entry
	entry.place = c.unused.PushBack(entry)
	return context.WithValue(ctx, connectionKey{}, entry)
}

// closeUnused closes the connection that has gone longest without a request, if any. The
// caller holds c.mu.
func (c *connections) closeUnused() bool {
	first := c.unused.Front()
	if first == nil {
		return false
	}
	entry := c.unused.Remove(first).(*connection)
	entry.place = nil
	delete(c.open, entry.Conn)
	raw := entry.Conn
	if secured, is := raw.(*tls.Conn); is {
		raw = secured.NetConn() // closing TLS may wait until the client reads
	}
	_ = raw.Close()
	return true
}

// leave forgets a connection that was closed.
func (c *connections) leave(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, is := c.open[conn]
	if !is {
		return
	}
	delete(c.open, conn)
	if entry.place != nil {
		c.unused.Remove(entry.place)
		entry.place = nil
	}
	c.changed.Broadcast()
}

// stop lets in whatever waits: the server is closing its connections.
func (c *connections) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	c.changed.Broadcast()
}

// inUse answers with next, and keeps the connection of the request meanwhile.
func (c *connections) inUse(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if entry, is := r.Context().Value(connectionKey{}).(*connection); is {
			c.use(entry, 1)
			defer c.use(entry, -1)
		}
		next.ServeHTTP(w, r)
	})
}

// use adds to the requests of a connection.
func (c *connections) use(entry *connection, requests int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry.requests += requests
	if c.open[entry.Conn] != entry {
		return
	}
	switch {
	case entry.requests > 0 && entry.place != nil:
		c.unused.Remove(entry.place)
		entry.place = nil
	case entry.requests == 0 && entry.place == nil:
		entry.place = c.unused.PushBack(entry)
		c.changed.Broadcast()
	}
}
