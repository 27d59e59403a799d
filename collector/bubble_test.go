package collector_test

import (
	"context"
	"net"
	"testing"
	"testing/synctest"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// bubble is a test whose time is the fake clock of testing/synctest, and whose simulations
// and clients are on a network in memory.
type bubble struct {
	*testing.T

	network *oggtest.Network
}

// inBubble runs a test in a bubble, in parallel with others.
func inBubble(t *testing.T, test func(t *bubble)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { test(&bubble{t, oggtest.NewNetwork()}) })
}

// networkOf returns the network of a test in a bubble, nil of any other.
func networkOf(t testing.TB) *oggtest.Network {
	if b, is := t.(*bubble); is {
		return b.network
	}
	return nil
}

// dialer connects on the network of the test; nil is the machine's.
func dialer(t testing.TB) func(ctx context.Context, network, address string) (net.Conn, error) {
	if n := networkOf(t); n != nil {
		return n.DialContext
	}
	return nil
}

// listen listens on a network in memory.
func listen(t testing.TB, n *oggtest.Network) net.Listener {
	t.Helper()
	l, err := n.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}
