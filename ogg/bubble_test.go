package ogg_test

import (
	"context"
	"net"
	"testing"
	"testing/synctest"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// bubble is a test with the fake clock of testing/synctest, whose simulations and clients use
// an in-memory network.
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

// networkOf returns the network of a test in a bubble, nil for any other.
func networkOf(t testing.TB) *oggtest.Network {
	if b, is := t.(*bubble); is {
		return b.network
	}
	return nil
}

// dialer returns a dialer for the network of the test; nil uses the host's.
func dialer(t testing.TB) func(ctx context.Context, network, address string) (net.Conn, error) {
	if n := networkOf(t); n != nil {
		return n.DialContext
	}
	return nil
}
