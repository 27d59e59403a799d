package ogg_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// listenRaw answers each connection on l with what write writes, and keeps it open until the test
// ends.
func listenRaw(t testing.TB, write func(net.Conn)) string {
	t.Helper()
	l := bubble.Listen(t)
	t.Cleanup(func() { _ = l.Close() })
	ended := make(chan struct{})
	t.Cleanup(func() { close(ended) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				_, _ = c.Read(make([]byte, 4096))
				write(c)
				<-ended
			}()
		}
	}()
	return l.Addr().String()
}

// TestSwitchingProtocols: an answer that ends the use of HTTP is one clear error at once.
func TestSwitchingProtocols(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		address := listenRaw(t, func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
		})
		c := newClient(t, configFor(t, "http://"+address, false, nil))
		begin := time.Now()
		inst := c.Poll(t.Context())
		api, is := errors.AsType[*ogg.APIError](inst.Err)
		if !is || api.StatusCode != http.StatusSwitchingProtocols || !strings.Contains(api.Error(), "is not read") {
			t.Errorf("got %v", inst.Err)
		}
		if took := time.Since(begin); took != 0 {
			t.Errorf("took %s", took)
		}
		if got := requestStats(t, inst, ogg.ServiceManager); got.Hung != 0 || got.Requests["101"] == 0 {
			t.Errorf("got %+v", got)
		}
	})
}

// TestLongHeader: a header of more than 64 KiB is an error.
func TestLongHeader(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, north(oggtest.Release26ai))
		s.Fault(oggtest.Target{Path: extracts}, oggtest.Fault{Body: "{}", Header: http.Header{"X-Long": {strings.Repeat("x", 70<<10)}}})
		inst := newClient(t, sm).Poll(t.Context())
		if err := read(t, inst, "north", "process").Err; err == nil || !strings.Contains(err.Error(), "response headers exceeded 65536 bytes") {
			t.Errorf("got %v", err)
		}
	})
}

// TestTokenEndpointHangs: whatever a token endpoint does, a poll ends in time and others are not
// held up; soon after the endpoint has recovered, GoldenGate is read.
func TestTokenEndpointHangs(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(net.Conn){
		"silent": func(net.Conn) {},
		"drips": func(c net.Conn) {
			_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
			for ; err == nil; time.Sleep(time.Second) {
				_, err = io.WriteString(c, " ")
			}
		},
		"drips its header": func(c net.Conn) {
			_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nX-A: ")
			for ; err == nil; time.Sleep(time.Second) {
				_, err = io.WriteString(c, "a")
			}
		},
		"switches protocols": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
		},
		"sends without end": func(c net.Conn) {
			_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
			for part := bytes.Repeat([]byte(" "), 64<<10); err == nil; {
				_, err = c.Write(part)
			}
		},
		"sends a header without end": func(c net.Conn) {
			_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\n")
			for part := []byte("X-A: " + strings.Repeat("x", 1<<10) + "\r\n"); err == nil; {
				_, err = c.Write(part)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) { checkTokenEndpoint(t, write) })
		})
	}
}

func checkTokenEndpoint(t *bubble.T, write func(net.Conn)) {
	t.Helper()
	recovered := make(chan struct{})
	tokens := listenRaw(t, func(c net.Conn) {
		select {
		case <-recovered:
			const token = `{"access_token":"` + oggtest.DefaultToken + `","token_type":"Bearer","expires_in":3600}`
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"+token)
			_ = c.Close()
		default:
			write(c)
		}
	})
	i := north(oggtest.Release26ai)
	i.Auth = oggtest.AuthBearer
	_, sm := simulate(t, i)
	sm.Timeout, sm.HTTPClient.BasicAuth = 2*time.Second, nil
	sm.HTTPClient.OAuth2 = &promconfig.OAuth2{ClientID: "monitor", ClientSecret: "client-Pw1", TokenURL: "http://" + tokens}
	c := newClient(t, sm)
	for range 3 {
		begin := time.Now()
		inst := c.Poll(t.Context())
		if inst.Err == nil || !strings.Contains(inst.Err.Error(), "no OAuth 2.0 token: ") {
			t.Errorf("got %v", inst.Err)
		}
		if took := time.Since(begin); took > sm.Timeout {
			t.Errorf("took %s", took)
		}
		time.Sleep(time.Second)
	}
	close(recovered)
	time.Sleep(20 * time.Second) // a request for a token may take 10 s, with a second way to say the secret after it
	poll(t, c)
	poll(t, c)
}

// TestTokenErrors: what a token endpoint answers is not repeated, except for its code.
func TestTokenErrors(t *testing.T) {
	t.Parallel()
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"error":"invalid_client","error_description":"`+r.Header.Get("Authorization")+string(body)+`"}`)
	}))
	defer tokens.Close()
	_, sm := simulate(t, north(oggtest.Release26ai))
	sm.HTTPClient.BasicAuth = nil
	sm.HTTPClient.OAuth2 = &promconfig.OAuth2{ClientID: "monitor", ClientSecret: "another-Pw1", TokenURL: tokens.URL, EndpointParams: map[string]string{"a": "param-Pw1"}}
	inst := newClient(t, sm).Poll(t.Context())
	if inst.Err == nil || !strings.HasSuffix(inst.Err.Error(), "no OAuth 2.0 token: "+tokens.URL+" answered 401 Unauthorized: invalid_client") {
		t.Errorf("got %v", inst.Err)
	}
	if n := requestStats(t, inst, ogg.ServiceManager).Retries; n != 0 {
		t.Errorf("%d retries", n)
	}
}

// TestLongToken checks that a token that no server would take is an error, instead of part of each
// request.
func TestLongToken(t *testing.T) {
	t.Parallel()
	for length, want := range map[int]string{10_000: "", 900_000: "answered with a token of more than 16 KiB"} {
		tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"token_type":"Bearer","access_token":"`+strings.Repeat("t", length)+`"}`)
		}))
		defer tokens.Close()
		_, sm := simulate(t, north(oggtest.Release26ai))
		sm.HTTPClient.BasicAuth = nil
		sm.HTTPClient.OAuth2 = &promconfig.OAuth2{ClientID: "monitor", ClientSecret: "another-Pw1", TokenURL: tokens.URL}
		err := newClient(t, sm).Poll(t.Context()).Err
		if noToken := err != nil && strings.Contains(err.Error(), "no OAuth 2.0 token: "+tokens.URL+" "+want); noToken != (want != "") {
			t.Errorf("%d bytes: got %v", length, err)
		}
	}
}

// TestHTTP2: it is used if it is configured, and what it cannot get out of costs nothing but the
// service: a window that overflows makes Go's client wait for itself, for ever.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	borrowed := httptest.NewTLSServer(http.NotFoundHandler())
	defer borrowed.Close()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: borrowed.TLS.Certificates, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go overflow(c)
		}
	}()
	sm := configFor(t, "https://"+l.Addr().String(), false, nil)
	sm.Timeout, sm.HTTPClient.EnableHTTP2 = 300*time.Millisecond, true
	sm.HTTPClient.TLSConfig = promconfig.TLSConfig{InsecureSkipVerify: true}
	c := newClient(t, sm) // which the test closes
	hung, deadline := false, time.Now().Add(2*time.Minute)
	for n := 0; n < 3 || !hung && time.Now().Before(deadline); n++ { // on a busy machine a poll may end before it has sent anything
		inst := c.Poll(t.Context())
		if !errors.Is(inst.Err, context.DeadlineExceeded) && !strings.Contains(inst.Err.Error(), "hang") {
			t.Errorf("got %v", inst.Err)
		}
		hung = hung || len(inst.Requests) > 0 && requestStats(t, inst, ogg.ServiceManager).Hung > 0
	}
	if !hung {
		t.Error("nothing hangs")
	}
}

// overflow speaks HTTP/2, and answers each request with as large a window as there can be, which
// is added to the one that there is.
func overflow(c net.Conn) {
	defer func() { _ = c.Close() }()
	const headers = 1
	if _, err := io.CopyN(io.Discard, c, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
		return
	}
	_, err := c.Write([]byte{0, 0, 0, 4, 0, 0, 0, 0, 0}) // SETTINGS
	for frame := make([]byte, 9); err == nil; {
		if _, err = io.ReadFull(c, frame); err != nil {
			return
		}
		length := binary.BigEndian.Uint32(append([]byte{0}, frame[:3]...))
		if _, err = io.CopyN(io.Discard, c, int64(length)); err == nil && frame[3] == headers {
			_, err = c.Write(append([]byte{0, 0, 4, 8, 0}, append(frame[5:9:9], 0x7f, 0xff, 0xff, 0xff)...)) // WINDOW_UPDATE
		}
	}
}
