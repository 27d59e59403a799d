// Package bubble runs tests whose time is the fake clock of testing/synctest, and whose
// simulations and clients are on a network in memory.
package bubble

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// T is a test in a bubble.
type T struct {
	*testing.T

	network *oggtest.Network
}

// Run runs a test in a bubble, in parallel with others.
func Run(t *testing.T, test func(t *T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { test(&T{t, oggtest.NewNetwork()}) })
}

// Network returns the network of a test in a bubble, nil for any other.
func Network(t testing.TB) *oggtest.Network {
	if b, is := t.(*T); is {
		return b.network
	}
	return nil
}

// Dialer returns a dialer for the network of the test; nil uses the host's.
func Dialer(t testing.TB) func(ctx context.Context, network, address string) (net.Conn, error) {
	if n := Network(t); n != nil {
		return n.DialContext
	}
	return nil
}

// Timeout returns d for a test in a bubble, whose clock stands still while anything runs. Any other test gets a time that
// is enough for the slowest machine: there, a timeout that nobody waits for would come by chance.
func Timeout(t testing.TB, d time.Duration) time.Duration {
	if Network(t) != nil {
		return d
	}
	return 5 * time.Minute
}

// Listen listens on a free port of the network of the test, or else on the host's loopback.
func Listen(t testing.TB) net.Listener {
	t.Helper()
	const address = "127.0.0.1:0"
	listen := net.Listen
	if n := Network(t); n != nil {
		listen = func(_, address string) (net.Listener, error) { return n.Listen(address) }
	}
	l, err := listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
