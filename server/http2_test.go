package server_test

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/server"
)

// The types of frames of HTTP/2, and their flags (RFC 9113).
const (
	frameHeaders  = 1
	frameReset    = 3
	frameSettings = 4

	endStream  = 1
	ack        = 1
	endHeaders = 4
)

// frame returns a frame of HTTP/2.
func frame(kind, flags byte, stream uint32, payload []byte) []byte {
	head := make([]byte, 9, 9+len(payload))
	binary.BigEndian.PutUint32(head, uint32(len(payload))<<8|uint32(kind))
	head[4] = flags
	binary.BigEndian.PutUint32(head[5:], stream)
	return append(head, payload...)
}

// http2Get is a request for a path, in the form of HTTP/2, with no Huffman code.
func http2Get(stream uint32, path string, flags byte) []byte {
	block := []byte{0x82, 0x87, 0x04, byte(len(path))} // :method: GET, :scheme: https, :path
	block = append(block, path...)
	block = append(block, 0x01, 1, 'x') // :authority
	return frame(frameHeaders, endHeaders|flags, stream, block)
}

// newTLSExporter starts an exporter with TLS and HTTP/2.
func newTLSExporter(t *bubble.T, o server.Options, sm config.ServiceManager) *exporter {
	t.Helper()
	o.TelemetryPath, o.TimeoutOffset, o.Client = "/metrics", 500*time.Millisecond, ogg.Options{Dial: bubble.Dialer(t)}
	s, err := server.New(t.Context(), &config.Config{ServiceManagers: []config.ServiceManager{sm}}, o)
	if err != nil {
		t.Fatal(err)
	}
	e := &exporter{server: s, Server: &httptest.Server{Listener: bubble.Listen(t), EnableHTTP2: true, Config: s.HTTPServer()}}
	e.Config.ErrorLog = log.New(io.Discard, "", 0) // of connections that do not answer a ping
	e.StartTLS()
	e.client = &http.Client{Transport: &http.Transport{
		DialContext: bubble.Dialer(t), TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true,
	}}
	t.Cleanup(e.close)
	return e
}

// dialHTTP2 connects with HTTP/2 and a window of 0 for each answer.
func (e *exporter) dialHTTP2(t *bubble.T) net.Conn {
	t.Helper()
	c := tls.Client(e.dial(t), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if err := c.Handshake(); err != nil {
		t.Fatal(err)
	}
	noWindow := []byte{0, 4, 0, 0, 0, 0} // SETTINGS_INITIAL_WINDOW_SIZE
	hello := append([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), frame(frameSettings, 0, 0, noWindow)...)
	if _, err := c.Write(append(hello, frame(frameSettings, ack, 0, nil)...)); err != nil {
		t.Fatal(err)
	}
	return c
}

// reset is an answer that was cut off.
type reset struct {
	stream uint32
	at     time.Time
}

// resets reads what comes, and passes on which answers were cut off.
func resets(c net.Conn, into chan<- reset) {
	defer close(into)
	for {
		head := make([]byte, 9)
		if _, err := io.ReadFull(c, head); err != nil {
			return
		}
		if _, err := io.CopyN(io.Discard, c, int64(binary.BigEndian.Uint32(head)>>8)); err != nil {
			return
		}
		if head[3] == frameReset {
			into <- reset{binary.BigEndian.Uint32(head[5:]), time.Now()}
		}
	}
}

// TestHTTP2Window: one connection of HTTP/2 with many requests, of whose answers it takes
// nothing, refuses nobody a scrape, and its answers are cut off in time.
func TestHTTP2Window(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/metrics", "/", "/nothing"} {
		t.Run(path, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				_, sm := simulate(t, "gg", twoDeployments(false))
				e := newTLSExporter(t, server.Options{MaxRequests: 4}, sm)
				c := e.dialHTTP2(t)
				cut := make(chan reset, 100)
				go resets(c, cut)
				begin := time.Now()
				var requests bytes.Buffer
				const streams = 50
				for i := range uint32(streams) {
					requests.Write(http2Get(2*i+1, path, endStream))
				}
				if _, err := c.Write(requests.Bytes()); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				e.scrape(t, "5")
				for range streams {
					if r := <-cut; r.at.Sub(begin) != 30*time.Second {
						t.Errorf("answer %d was cut off after %s", r.stream, r.at.Sub(begin))
					}
				}
				if e.scrape(t, "5"); time.Since(begin) != 30*time.Second {
					t.Errorf("it took %s", time.Since(begin))
				}
			})
		})
	}
}

// TestHTTP2Body: a request of HTTP/2 with a body is rejected without waiting for it.
func TestHTTP2Body(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		_, sm := simulate(t, "gg", twoDeployments(false))
		e := newTLSExporter(t, server.Options{}, sm)
		body, more := io.Pipe()
		defer func() { _ = more.Close() }()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.URL+"/metrics", body)
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		status, _, text := e.do(t, request)
		if status != http.StatusRequestEntityTooLarge || time.Since(begin) > 0 {
			t.Errorf("status %d after %s: %s", status, time.Since(begin), text)
		}
	})
}

// TestHTTP2Idle: connections of HTTP/2 are limited like others.
func TestHTTP2Idle(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		_, sm := simulate(t, "gg", twoDeployments(false))
		e := newTLSExporter(t, server.Options{MaxConnections: 2}, sm)
		for i := range 5 {
			c := e.dialHTTP2(t)
			cut := make(chan reset, 100)
			go resets(c, cut)
			begin := time.Now()
			if e.scrape(t, "5"); time.Since(begin) > 0 {
				t.Errorf("beside %d others a scrape took %s", i+1, time.Since(begin))
			}
			e.client.CloseIdleConnections()
		}
		c := e.dialHTTP2(t)
		cut := make(chan reset)
		begin := time.Now()
		go resets(c, cut)
		if _, open := <-cut; open || time.Since(begin) > 4*time.Minute {
			t.Errorf("a silent connection was closed after %s", time.Since(begin))
		}
	})
}
