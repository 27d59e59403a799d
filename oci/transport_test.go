package oci

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// deaf is a transport that heeds no context.
type deaf struct{ released chan struct{} }

func (d deaf) RoundTrip(*http.Request) (*http.Response, error) {
	<-d.released
	return nil, io.EOF
}

func (d deaf) CloseIdleConnections() { <-d.released }

// TestGuarded: a request is left when its context ends, not too many of them hang, and closing
// waits for none.
func TestGuarded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := deaf{make(chan struct{})}
		g := newGuarded(d)
		for i := range maxRequests + 1 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost", nil)
			if err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			_, err = g.RoundTrip(request)
			if !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "not sent") != (i == maxRequests) {
				t.Errorf("%d: got %v", i, err)
			}
			if took := time.Since(begin); took != time.Second {
				t.Errorf("%d: took %s", i, took)
			}
			cancel()
		}
		g.CloseIdleConnections()
		close(d.released)
		synctest.Wait()
		if n := len(g.slots); n != 0 {
			t.Errorf("%d requests are still under way", n)
		}
	})
}

// TestOddAnswers: an answer that ends the use of HTTP, and one with an endless header, are errors
// at once.
func TestOddAnswers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\nConnection: Upgrade\r\n\r\n": "what follows is not read",
		"HTTP/1.1 200 OK\r\nX-A: " + strings.Repeat("x", 70<<10):                        "response headers exceeded",
	} {
		t.Run(want, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				l := bubble.Listen(t)
				ended := make(chan struct{})
				t.Cleanup(func() { close(ended); _ = l.Close() })
				go func() {
					for {
						c, err := l.Accept()
						if err != nil {
							return
						}
						go answerRaw(c, text, ended)
					}
				}()
				transport, err := newTransport(config.OCI{}, bubble.Dialer(t))
				if err != nil {
					t.Fatal(err)
				}
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String(), nil)
				if err != nil {
					t.Fatal(err)
				}
				if _, err = newGuarded(transport).RoundTrip(request); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// answerRaw answers a request with a text, and keeps the connection open.
func answerRaw(c net.Conn, text string, ended chan struct{}) {
	defer func() { _ = c.Close() }()
	_, _ = c.Read(make([]byte, 4096))
	_, _ = io.WriteString(c, text)
	<-ended
}

// TestCredentialsHang: a refresh leaves credentials that cannot be read when its time is over, and
// the next one takes what has come meanwhile.
func TestCredentialsHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, err := NewClient(config.OCI{}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		hung := &userReading{done: make(chan struct{})}
		client.reading = hung
		for range 2 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if _, err := client.identifyUser(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			cancel()
		}
		hung.id.region = "eu-frankfurt-1"
		close(hung.done)
		if id, err := client.identifyUser(t.Context()); err != nil || id.region != "eu-frankfurt-1" || client.reading != nil {
			t.Errorf("got %v, %v", id, err)
		}
	})
}
