package oggtest

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// endpoint is a port on 127.0.0.1 that can be closed and reopened. Its owner must serialize open
// and close.
type endpoint struct {
	server   *Server
	handler  http.HandlerFunc
	tls      *tls.Config // plain HTTP if nil
	redirect bool        // redirect plain HTTP on the TLS port with 307, as NGINX is configured to
	address  string      // kept while closed
	shut     func()      // nil while closed
}

func newEndpoint(s *Server, handler http.HandlerFunc, config *tls.Config) *endpoint {
	return &endpoint{server: s, handler: handler, tls: config}
}

// open starts serving, on the previous port if that is still free.
func (e *endpoint) open() error {
	if e.shut != nil {
		return nil
	}
	l, err := e.server.bind(cmp.Or(e.address, "127.0.0.1:0"))
	if err != nil {
		if l, err = e.server.bind("127.0.0.1:0"); err != nil {
			return err
		}
	}
	e.address = l.Addr().String()
	if e.redirect {
		l = redirecting{l, e.address}
	}
	if e.tls != nil {
		l = tls.NewListener(l, e.tls)
	}
	e.serve(l)
	return nil
}

// bind listens on the simulation's own network, or else on the machine's.
func (s *Server) bind(address string) (net.Listener, error) {
	if s.spec.Network != nil {
		return s.spec.Network.Listen(address)
	}
	return listen(address)
}

func listen(address string) (net.Listener, error) {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	return net.ListenTCP("tcp", net.TCPAddrFromAddrPort(a))
}

func (e *endpoint) serve(l net.Listener) {
	c := &connections{running: &e.server.running}
	srv := &http.Server{
		Handler:           e.handler,
		ConnState:         c.changed,
		ErrorLog:          log.New(io.Discard, "", 0),
		ReadHeaderTimeout: time.Minute,
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, connectionKey{}, conn)
		},
	}
	e.server.running.Go(func() { _ = srv.Serve(l) }) // ends with ErrServerClosed
	e.shut = func() {
		c.shut()
		_ = srv.Close()
		_ = l.Close() // Serve may not have started yet
	}
}

// close refuses new connections and closes existing ones. Requests end soon after.
func (e *endpoint) close() {
	if e.shut != nil {
		e.shut()
		e.shut = nil
	}
}

// connections counts the connections of one listener in running, and closes those that were
// accepted while it was being closed.
type connections struct {
	running *sync.WaitGroup
	mu      sync.Mutex
	closed  bool
}

func (c *connections) changed(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		c.running.Add(1)
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.closed {
			_ = conn.Close()
		}
	case http.StateHijacked, http.StateClosed:
		c.running.Done()
	case http.StateActive, http.StateIdle:
	}
}

func (c *connections) shut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
}

// redirecting redirects clients that speak plain HTTP to the same URL over TLS.
type redirecting struct {
	net.Listener
	host string
}

func (l redirecting) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &sniffed{Conn: conn, host: l.host}, nil
}

// sniffed is a connection that examines the first byte from the client.
type sniffed struct {
	net.Conn
	host   string
	reader *bufio.Reader
}

// NetConn returns the underlying connection.
func (c *sniffed) NetConn() net.Conn { return c.Conn }

// Read is called by the TLS handshake, on the connection's own goroutine.
func (c *sniffed) Read(p []byte) (int, error) {
	if c.reader != nil {
		return c.reader.Read(p)
	}
	c.reader = bufio.NewReader(c.Conn)
	const handshake = 0x16
	if first, err := c.reader.Peek(1); err != nil || first[0] == handshake {
		return c.reader.Read(p)
	}
	c.answer()
	return 0, io.EOF
}

func (c *sniffed) answer() {
	req, err := http.ReadRequest(c.reader)
	if err != nil {
		return
	}
	res := http.Response{
		StatusCode: http.StatusTemporaryRedirect, ProtoMajor: 1, ProtoMinor: 1, Close: true,
		Header: http.Header{"Location": {"https://" + cmp.Or(req.Host, c.host) + req.RequestURI}},
	}
	_ = res.Write(c.Conn) // the client may have gone away
}
