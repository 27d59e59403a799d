package server_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/server"
)

// dial connects to the exporter until the test ends.
func (e *exporter) dial(t *bubble.T) net.Conn {
	t.Helper()
	c, err := bubble.Network(t).DialContext(context.Background(), "tcp", e.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// send connects and sends a text. The exporter has then done with it what it can.
func (e *exporter) send(t *bubble.T, text string) net.Conn {
	t.Helper()
	c := e.dial(t)
	go func() { _, _ = io.WriteString(c, text) }() // which it may not read to its end
	synctest.Wait()
	return c
}

// get is a request for a path, with more lines of its header.
func get(path string, lines ...string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + strings.Join(append(lines, "", ""), "\r\n")
}

// closedAfter waits until the exporter closes the connection, reading whatever it sends, and
// returns what that was and how long it took.
func closedAfter(c net.Conn) (string, time.Duration) {
	begin := time.Now()
	sent, _ := io.ReadAll(c)
	return string(sent), time.Since(begin)
}

// cutAfter returns how long it takes, in tenths of a second, until the exporter gives up on a
// client that reads nothing.
func cutAfter(c net.Conn) time.Duration {
	begin := time.Now()
	for {
		time.Sleep(50 * time.Millisecond)
		// A write fails once the other end is closed, and at once where nobody reads.
		_ = c.SetWriteDeadline(time.Now())
		if _, err := c.Write([]byte{'x'}); err != nil && !strings.Contains(err.Error(), "timeout") {
			return time.Since(begin).Truncate(100 * time.Millisecond)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// TestBody: a request with a body is rejected without waiting for it.
func TestBody(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string][]string{
		"chunked":        {"Transfer-Encoding: chunked"},
		"a short body":   {"Content-Length: 5"},
		"a long body":    {"Content-Length: 1000000000000"},
		"a polite body":  {"Content-Length: 5", "Expect: 100-continue"},
		"chunked, empty": {"Transfer-Encoding: chunked", "", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				_, sm := simulate(t, "gg", twoDeployments(false))
				e := newExporterWith(t, io.Discard, server.Options{MaxRequests: 1, EnablePprof: true}, sm)
				for _, request := range []string{
					get("/metrics", lines...), get("/metrics?collect[]=exporter", lines...), get("/probe?target=gg", lines...),
					get("/", lines...), get("/api/status.json", lines...), get("/sd", lines...), get("/-/healthy", lines...), get("/nothing", lines...), get("/debug/pprof/heap", lines...),
					strings.Replace(get("/-/reload", lines...), "GET", "POST", 1),
				} {
					c, begin := e.send(t, request), time.Now()
					answer, err := http.ReadResponse(bufio.NewReader(c), nil)
					if err != nil {
						t.Fatalf("%q: %v", request, err)
					}
					if took := time.Since(begin); answer.StatusCode != http.StatusRequestEntityTooLarge || !answer.Close || took > 0 {
						t.Errorf("%q: status %d after %s", request, answer.StatusCode, took)
					}
					e.scrape(t, "5") // the one place is free
					if _, took := closedAfter(c); took > time.Second {
						t.Errorf("%q: the connection is closed after %s", request, took)
					}
				}
			})
		})
	}
}

// TestSymbols: the list of addresses that go tool pprof sends is the one body that is read.
func TestSymbols(t *testing.T) {
	t.Parallel()
	e := newExporterWith(t, io.Discard, server.Options{EnablePprof: true})
	answer, err := e.client.Post(e.URL+"/debug/pprof/symbol", "", strings.NewReader("0x1"))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("status %d", answer.StatusCode)
	}
}

// TestSlowReader: a client that does not read its answer holds no place of a scrape, and is
// cut off in time.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		request string
		took    time.Duration
	}{
		"a scrape":              {get("/metrics", "X-Prometheus-Scrape-Timeout-Seconds: 5"), 14500 * time.Millisecond},
		"a scrape without time": {get("/metrics"), 30 * time.Second},
		"a probe":               {get("/probe?target=gg", "X-Prometheus-Scrape-Timeout-Seconds: 5"), 14500 * time.Millisecond},
		"another page":          {get("/"), 30 * time.Second},
		"many in a row":         {strings.Repeat(get("/metrics"), 20), 30 * time.Second},
		"an error":              {get("/nothing"), 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				_, sm := simulate(t, "gg", twoDeployments(false))
				e := newExporterWith(t, io.Discard, server.Options{MaxRequests: 1}, sm)
				slow := e.send(t, c.request)
				for range 3 {
					e.scrape(t, "5")
				}
				if took := cutAfter(slow); took != c.took {
					t.Errorf("cut off after %s, want %s", took, c.took)
				}
			})
		})
	}
}

// TestSilent: a connection on which nothing is asked, or only half of it, is closed.
func TestSilent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sent string
		took time.Duration
	}{
		"nothing":              {"", 10 * time.Second},
		"half a request":       {"GET /metrics HTTP/1.1\r\nHost: ", 10 * time.Second},
		"nothing more":         {get("/-/healthy"), 3 * time.Minute},
		"half a request later": {get("/-/healthy") + "GET /me", 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				if _, took := closedAfter(newExporter(t, io.Discard).send(t, c.sent)); took != c.took {
					t.Errorf("closed after %s, want %s", took, c.took)
				}
			})
		})
	}
}

// TestLongHeader: a request whose header is too long is rejected.
func TestLongHeader(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		c := newExporter(t, io.Discard).send(t, get("/-/healthy", "X: "+strings.Repeat("x", 100<<10)))
		if said, _ := closedAfter(c); !strings.Contains(said, " 431 ") {
			t.Errorf("it says %.100q", said)
		}
	})
}

// TestHangUp: a client that hangs up before it has its answer is one line in the log for
// debugging, and no error.
func TestHangUp(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		_, sm := simulate(t, "gg", twoDeployments(false))
		log := &locked{}
		e := newExporter(t, log, sm)
		c := e.send(t, get("/metrics"))
		if _, err := io.ReadFull(c, make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
		synctest.Wait()
		if text := log.String(); strings.Count(text, "Writing an answer failed") != 1 || strings.Count(text, "level="+slog.LevelDebug.String()) != strings.Count(text, "level=") {
			t.Errorf("logged:\n%s", text)
		}
	})
}

// TestMaxConnections: over the limit a new connection takes the place of the one that has
// gone longest without a request, and waits while all of them have one.
func TestMaxConnections(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		f, sm := simulateBehind(t, "gg")
		e := newExporterWith(t, io.Discard, server.Options{MaxConnections: 3}, sm)
		e.client.Transport.(*http.Transport).DisableKeepAlives = true
		h, goOn := f.hold(t, "/extracts")
		first := e.send(t, get("/metrics"))
		h.await(t)
		oldest, later := e.send(t, ""), e.send(t, "GET /")
		begin := time.Now()
		e.get(t, "/-/healthy")
		if _, took := closedAfter(oldest); time.Since(begin) > 0 || took > 0 {
			t.Errorf("a request waited %s for a silent connection", time.Since(begin))
		}
		synctest.Wait()
		second := e.send(t, get("/metrics")) // in the place of the one that was answered
		third := e.send(t, get("/metrics"))
		if _, took := closedAfter(later); time.Since(begin) > 0 || took > 0 {
			t.Errorf("a request waited %s for half a one", time.Since(begin))
		}
		waited := make(chan time.Duration)
		go func() {
			e.get(t, "/-/healthy")
			waited <- time.Since(begin)
		}()
		time.Sleep(5 * time.Second)
		synctest.Wait()
		select {
		case took := <-waited:
			t.Errorf("a fourth connection beside three with a request was answered after %s", took)
		default:
		}
		goOn()
		for _, c := range []net.Conn{first, second, third} {
			go func() { _, _ = io.Copy(io.Discard, c) }()
		}
		if took := <-waited; took != 5*time.Second {
			t.Errorf("it was answered after %s", took)
		}
	})
}

// TestShutdownAtLimit: the end does not wait for a connection that waits for others.
func TestShutdownAtLimit(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		f, sm := simulateBehind(t, "gg")
		e := newExporterWith(t, io.Discard, server.Options{MaxConnections: 1}, sm)
		h, _ := f.hold(t, "/extracts")
		e.send(t, get("/metrics"))
		h.await(t)
		e.send(t, get("/metrics"))
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		begin := time.Now()
		if err := e.Config.Shutdown(ctx); err == nil || time.Since(begin) != 2*time.Second {
			t.Errorf("%v after %s", err, time.Since(begin))
		}
	})
}

// TestManyConnections: however many silent connections and slow readers there are, scrapes
// are answered at once.
func TestManyConnections(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		_, sm := simulate(t, "gg", twoDeployments(false))
		e := newExporterWith(t, io.Discard, server.Options{MaxConnections: 16, MaxRequests: 4}, sm)
		e.client.Transport.(*http.Transport).DisableKeepAlives = true
		for i, text := range []string{"", get("/"), get("/metrics", "X-Prometheus-Scrape-Timeout-Seconds: 3600"), get("/nothing"), "GET"} {
			begin := time.Now()
			for range 24 {
				e.send(t, text)
			}
			e.scrape(t, "5")
			if took := time.Since(begin); took > 0 {
				t.Errorf("%d: a scrape took %s", i, took)
			}
		}
	})
}

// TestAtMost: reloads and profiles at once are limited, so that they cannot hold all
// connections. Four times as many wait for a moment.
func TestAtMost(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		e := newExporterWith(t, io.Discard, server.Options{EnablePprof: true})
		block := make(chan struct{})
		defer close(block)
		e.setLoad(blockedLoad(block))
		for request, limit := range map[string]int{
			strings.Replace(get("/-/reload"), "GET", "POST", 1): 10,
			get("/debug/pprof/heap?seconds=20"):                 4,
		} {
			for range limit {
				e.send(t, request)
			}
			begin := time.Now()
			waits := e.send(t, request)
			for range 4*limit - 1 {
				e.send(t, request)
			}
			for _, c := range []struct {
				net.Conn
				want time.Duration
			}{{e.send(t, request), 0}, {waits, time.Second}} {
				answer, err := http.ReadResponse(bufio.NewReader(c), nil)
				if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(begin); answer.StatusCode != http.StatusServiceUnavailable || took != c.want {
					t.Errorf("%.30q: status %d after %s, want %s", request, answer.StatusCode, took, c.want)
				}
			}
		}
	})
}

// TestPlaceWait: a scrape waits a moment for a place.
func TestPlaceWait(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		f, sm := simulateBehind(t, "gg")
		e := newExporterWith(t, io.Discard, server.Options{MaxRequests: 1}, sm)
		h, goOn := f.hold(t, "/extracts")
		e.send(t, get("/metrics"))
		h.await(t)
		begin := time.Now()
		time.AfterFunc(900*time.Millisecond, goOn)
		if e.scrape(t, "5"); time.Since(begin) != 900*time.Millisecond {
			t.Errorf("it took %s", time.Since(begin))
		}
	})
}

// TestContentLength: an answer that is cut off is never taken for a whole one.
func TestContentLength(t *testing.T) {
	t.Parallel()
	_, sm := simulate(t, "gg", twoDeployments(false))
	e := newExporter(t, io.Discard, sm)
	for _, path := range []string{"/", "/metrics", "/nothing", "/-/healthy"} {
		_, header, body := e.ask(t, http.MethodGet, path)
		// The client has decompressed the body, and then says no length.
		if got := header.Get("Content-Length"); got != "" && got != strconv.Itoa(len(body)) {
			t.Errorf("%s: Content-Length %q of %d bytes", path, got, len(body))
		}
	}
}
