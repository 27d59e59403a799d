package oggtest

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
)

// Network is a network in memory, in the place of the machine's: what listens there can be
// reached through its DialContext alone. Nothing in it waits for the kernel, so that inside a
// bubble of testing/synctest the fake clock moves when all there is to do is to wait.
// All methods are safe for concurrent use.
type Network struct {
	mu        sync.Mutex
	listeners map[netip.AddrPort]*memoryListener
	last      uint16 // port that Listen gave out
}

// NewNetwork returns a network on which nothing listens.
func NewNetwork() *Network {
	return &Network{listeners: map[netip.AddrPort]*memoryListener{}, last: 9999}
}

// Listen listens on an IP address and port, on a free port in the place of 0. It fails when
// the port is taken.
func (n *Network) Listen(address string) (net.Listener, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if at.Port() == 0 {
		n.last++
		at = netip.AddrPortFrom(at.Addr(), n.last)
	}
	if n.listeners[at] != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Addr: net.TCPAddrFromAddrPort(at), Err: syscall.EADDRINUSE}
	}
	l := &memoryListener{network: n, at: at, arrived: make(chan net.Conn), closed: make(chan struct{})}
	n.listeners[at] = l
	return l, nil
}

// DialContext connects to a listener, in the manner of net.Dialer. Its connections are refused
// where nothing listens, and have no buffers.
func (n *Network) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	n.mu.Lock()
	l := n.listeners[at]
	n.mu.Unlock()
	if l == nil {
		return nil, refusedBy(at)
	}
	client, server := l.pipe()
	select {
	case l.arrived <- server:
		return client, nil
	case <-l.closed:
		return nil, refusedBy(at)
	case <-ctx.Done():
		return nil, &net.OpError{Op: "dial", Net: network, Addr: l.Addr(), Err: ctx.Err()}
	}
}

func refusedBy(at netip.AddrPort) error {
	return &net.OpError{Op: "dial", Net: "tcp", Addr: net.TCPAddrFromAddrPort(at), Err: syscall.ECONNREFUSED}
}

// memoryListener is a net.Listener on a Network.
type memoryListener struct {
	network *Network
	at      netip.AddrPort
	arrived chan net.Conn
	once    sync.Once
	closed  chan struct{}
}

// Accept implements net.Listener.
func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.arrived:
		return c, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
	}
}

// Addr implements net.Listener.
func (l *memoryListener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.at) }

// Close implements net.Listener.
func (l *memoryListener) Close() error {
	l.once.Do(func() {
		l.network.mu.Lock()
		defer l.network.mu.Unlock()
		delete(l.network.listeners, l.at)
		close(l.closed)
	})
	return nil
}

// pipe returns the two ends of a connection to the listener.
func (l *memoryListener) pipe() (client, server net.Conn) {
	c, s := net.Pipe()
	from, reset := net.TCPAddrFromAddrPort(netip.AddrPortFrom(l.at.Addr(), 0)), &atomic.Bool{}
	return &memoryConn{Conn: c, local: from, remote: l.Addr(), reset: reset},
		&memoryConn{Conn: s, local: l.Addr(), remote: from, reset: reset}
}

// memoryConn is an end of a connection, with the errors of TCP in the place of net.Pipe's.
type memoryConn struct {
	net.Conn
	local, remote net.Addr
	abortive      atomic.Bool
	reset         *atomic.Bool // of both ends
}

// LocalAddr implements net.Conn.
func (c *memoryConn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements net.Conn.
func (c *memoryConn) RemoteAddr() net.Addr { return c.remote }

// SetLinger makes Close reset the connection when sec is 0, in the manner of net.TCPConn.
func (c *memoryConn) SetLinger(sec int) error {
	c.abortive.Store(sec == 0)
	return nil
}

// Close implements net.Conn.
func (c *memoryConn) Close() error {
	if c.abortive.Load() {
		c.reset.Store(true)
	}
	return c.Conn.Close()
}

// Read implements net.Conn.
func (c *memoryConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, io.EOF) && c.reset.Load() {
		err = c.failed("read", syscall.ECONNRESET)
	}
	return n, err
}

// Write implements net.Conn.
func (c *memoryConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if errors.Is(err, io.ErrClosedPipe) {
		err = c.failed("write", syscall.EPIPE)
	}
	return n, err
}

func (c *memoryConn) failed(op string, err error) error {
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}
