package ogg_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// scarce is a network on which no more than some connections can be open.
type scarce struct {
	most, open atomic.Int64
	dial       func(ctx context.Context, network, address string) (net.Conn, error)
}

func (s *scarce) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if s.open.Add(1) > s.most.Load() {
		s.open.Add(-1)
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.EMFILE}
	}
	conn, err := s.dial(ctx, network, address)
	if err != nil {
		s.open.Add(-1)
		return nil, err
	}
	return &scarceConn{Conn: conn, end: sync.OnceFunc(func() { s.open.Add(-1) })}, nil
}

type scarceConn struct {
	net.Conn

	end func()
}

func (c *scarceConn) Close() error {
	defer c.end()
	return c.Conn.Close()
}

// TestFewDescriptors: many services are read with few descriptors, again and again, by clients
// that each would like to keep their connections.
func TestFewDescriptors(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		i := oggtest.Installation{Release: oggtest.Release26ai}
		for n := range 20 {
			i.Deployments = append(i.Deployments, oggtest.Deployment{Name: fmt.Sprintf("d%d", n), Processes: []oggtest.Process{{Name: "EXT1"}}})
		}
		network := &scarce{dial: bubble.Dialer(t)}
		network.most.Store(32)
		connections := rest.NewConnections(64)
		var clients []*ogg.Client
		for range 2 {
			_, sm := simulate(t, i)
			c, err := ogg.NewClient(sm, ogg.Options{Collectors: []string{"deployment", "service", "process"}, Dial: network.DialContext, Connections: connections})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Close)
			clients = append(clients, c)
		}
		for range 3 {
			for _, c := range clients {
				poll(t, c)
			}
			together := []func() *ogg.Installation{polling(t.Context(), clients[0]), polling(t.Context(), clients[1])}
			for _, poll := range together {
				if err := failure(poll()); err != nil {
					t.Error(err)
				}
			}
		}
		network.most.Store(0) // others have taken all
		if err := failure(clients[0].Poll(t.Context())); !errors.Is(err, syscall.EMFILE) {
			t.Errorf("without descriptors: got %v", err)
		}
		network.most.Store(32)
		poll(t, clients[0])
	})
}
