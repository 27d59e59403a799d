package rest

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// TestConnections: a connection waits until another is closed, or its context ends; idle ones are
// closed for it; and where there is no descriptor in spite of that, a second attempt is made.
func TestConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewConnections(4)
		var mu sync.Mutex
		idle, exhausted := []net.Conn(nil), 0
		remove := c.add(func() {
			mu.Lock()
			defer mu.Unlock()
			for _, conn := range idle {
				_ = conn.Close()
			}
			idle = nil
		})
		dial := c.limited(func(context.Context, string, string) (net.Conn, error) {
			if exhausted > 0 {
				exhausted--
				return nil, syscall.EMFILE
			}
			near, _ := net.Pipe()
			return near, nil
		})
		connect := func() (net.Conn, error) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			return dial(ctx, "tcp", "localhost:1")
		}
		first, err := connect()
		second, err2 := connect()
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if _, err := connect(); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no file descriptor was free") {
			t.Errorf("one too many: got %v", err)
		}
		_, _ = first.Close(), first.Close() // twice counts once
		third, err := connect()
		if err != nil {
			t.Errorf("one was closed: got %v", err)
		}
		time.AfterFunc(100*time.Millisecond, func() {
			mu.Lock()
			defer mu.Unlock()
			idle = []net.Conn{second, third}
		})
		exhausted = 1
		if _, err := connect(); err != nil {
			t.Errorf("two became idle: got %v", err)
		}
		remove()
		exhausted = 2
		if _, err := connect(); !errors.Is(err, syscall.EMFILE) || c.open != 1 || len(c.pools) != 0 {
			t.Errorf("got %v, %d open, %d pools", err, c.open, len(c.pools))
		}
	})
}

// TestKeptDescriptors: half of few descriptors are kept, and of many no more than is needed.
func TestKeptDescriptors(t *testing.T) {
	t.Parallel()
	for descriptors, want := range map[int]int{64: 32, 1024: 512, 65536: 64896} {
		if got := NewConnections(descriptors).most; got != want {
			t.Errorf("%d of %d, want %d", got, descriptors, want)
		}
	}
	if n := Descriptors(); n < 3 {
		t.Errorf("%d descriptors", n)
	}
}
