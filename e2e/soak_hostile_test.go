//go:build soak

package e2e

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// identified is the configured Service Manager to which nothing happens except that the token
// endpoint, which its logins need, is hostile at times.
const identified = "identified"

// tokenLife is for how long a token is valid, after a margin of ten seconds that clients keep.
const tokenLife = 12 * time.Second

// startTokens starts the token endpoint.
func (s *soak) startTokens(token string) {
	var err error
	s.tokens, err = oggtest.StartTokenServer(nil, token, tokenLife)
	must(s.t, err)
	s.t.Cleanup(s.tokens.Close)
}

// spoilTokens makes the token endpoint hostile for some time.
func (s *soak) spoilTokens() {
	h := choose(s, oggtest.Silent, oggtest.SlowDrip, oggtest.SlowHeader, oggtest.EndlessText, oggtest.EchoBody, oggtest.SwitchingProtocols, oggtest.HugeTitle)
	s.tokens.SetHostile(h)
	s.faults.Add(1)
	s.lasts("the token endpoint does: "+string(h), func() { s.tokens.SetHostile("") })
}

// hostileFaults returns the faults of hostile peers, by name.
func hostileFaults() map[string]oggtest.Fault {
	all := map[string]oggtest.Fault{}
	for _, h := range oggtest.Hostiles() {
		if h == oggtest.WindowOverflow {
			continue // leaves goroutines for ever, see besiege
		}
		all[string(h)] = oggtest.Fault{Hostile: h}
	}
	return all
}

// isBusy reports whether a fault keeps the machine busy, and not only the exporter.
func isBusy(name string) bool {
	light := []oggtest.Hostile{
		oggtest.Silent, oggtest.SlowHeader, oggtest.SlowDrip, oggtest.ContentLengthLie, oggtest.SwitchingProtocols, oggtest.Churn,
		oggtest.EchoTitle, oggtest.EchoBody, oggtest.EchoLocation, oggtest.EchoName, oggtest.ControlCharacters, oggtest.TitleChurn,
	}
	_, hostile := hostileFaults()[name]
	return slices.Contains(busy, name) || hostile && !slices.Contains(light, oggtest.Hostile(name))
}

// storm reloads the configuration several times at once.
func (s *soak) storm() {
	s.note("a storm of reloads")
	s.restoreFiles()
	s.load(s.configuration(), true)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if a, ok := s.ask(http.MethodPost, "/-/reload"); ok && a.status != http.StatusOK {
				s.violation("a reload in a storm is answered with %d: %.1000s", a.status, a.body)
			}
		})
	}
	all.Wait()
	s.reloads.Add(8)
}

// oddClients are clients that do what Prometheus does not: each has the connection for a few
// seconds.
var oddClients = map[string]func(net.Conn){
	"reads slowly": func(conn net.Conn) {
		_, _ = io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
		for one := make([]byte, 1); ; time.Sleep(100 * time.Millisecond) {
			if _, err := conn.Read(one); err != nil {
				return
			}
		}
	},
	"never reads": func(conn net.Conn) {
		_, _ = io.WriteString(conn, strings.Repeat("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", 20))
		time.Sleep(2 * time.Second)
	},
	"never sends the body": func(conn net.Conn) {
		_, _ = io.WriteString(conn, "POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n")
		_, _ = io.Copy(io.Discard, conn)
	},
	"never sends the header": func(conn net.Conn) {
		_, _ = io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: a\r\nX-")
		_, _ = io.Copy(io.Discard, conn)
	},
	"sends in advance": func(conn net.Conn) {
		_, _ = io.WriteString(conn, strings.Repeat("GET /metrics HTTP/1.1\r\nHost: a\r\nX-Prometheus-Scrape-Timeout-Seconds: 2\r\n\r\n", 5))
		_, _ = io.Copy(io.Discard, conn)
	},
	"sends a long header": func(conn net.Conn) {
		_, _ = io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: a\r\nX-Long: "+strings.Repeat("x", 2<<20)+"\r\n\r\n")
		_, _ = io.Copy(io.Discard, conn)
	},
}

// oddClient is one of the odd clients for up to three seconds.
func (c scraper) oddClient() {
	name := choose(&soak{rng: c.rng}, slices.Sorted(maps.Keys(oddClients))...)
	c.hold(name, time.Duration(500+c.rng.IntN(2500))*time.Millisecond)
}

// hold is an odd client for some time.
func (s *soak) hold(name string, d time.Duration) {
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(s.exporter.url, "http://"), d)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(d))
	oddClients[name](conn)
	s.hangUps.Add(1)
}

// oddTimeout scrapes with a timeout that nobody can keep, or that is none. The answer has to be
// valid, and nobody else may be worse off.
func (c scraper) oddTimeout() {
	stated := choose(&soak{rng: c.rng}, "0.001", "nan", "inf", "-1", "0", "1e-9", "1e999", "1,5", "0x10", "")
	a, ok := c.ask(http.MethodGet, "/metrics", "X-Prometheus-Scrape-Timeout-Seconds", stated)
	if ok && a.status == http.StatusOK {
		c.parse("/metrics", a.body)
	}
	c.hangUps.Add(1)
}

// mostToEnd is how long the exporter may take to end after SIGTERM.
const mostToEnd = 5 * time.Second

// besiege makes everything wait that can, with clients of all kinds connected.
func (s *soak) besiege() (end func()) {
	var mends []func()
	for _, m := range s.sims {
		h := choose(s, oggtest.Silent, oggtest.SwitchingProtocols, oggtest.SlowDrip)
		if m.spec.HTTP2 {
			h = oggtest.WindowOverflow // a bug of Go's client: it waits for itself
		}
		mends = append(mends, m.Fault(oggtest.Target{}, oggtest.Fault{Hostile: h}))
	}
	s.tokens.SetHostile(oggtest.Silent)
	var all sync.WaitGroup
	for name := range oddClients {
		all.Go(func() { s.hold(name, 2*mostToEnd) })
	}
	ctx, cancel := context.WithCancel(context.Background())
	for range 3 {
		all.Go(func() { _, _ = s.askUntil(ctx, http.MethodGet, "/metrics") })
	}
	s.pass(time.Second)
	return func() {
		cancel()
		for _, mend := range mends {
			mend()
		}
		all.Wait()
	}
}

// stop ends the exporter while it is besieged, which must not take long.
func (s *soak) stop() {
	defer s.besiege()()
	begin, lost := time.Now(), s.stalls.Lost()
	must(s.t, s.exporter.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case <-s.exporter.ended:
		if s.exporter.err != nil {
			s.violation("the exporter ends with: %v", s.exporter.err)
		}
	case <-time.After(patience):
		s.violation("the exporter does not end")
	}
	took := time.Since(begin)
	s.t.Logf("the exporter has ended %s after SIGTERM", took.Round(10*time.Millisecond))
	if most := mostToEnd + s.stalls.Lost() - lost; took > most {
		s.violation("the exporter has ended %s after SIGTERM, which may take %s", took, most)
	}
}

// mostText is the most of a violation that is repeated.
const mostText = 1500

// repeat prints the violations again: a log of a run may show only its end.
func (s *soak) repeat() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.t.Failed() {
		return
	}
	var text strings.Builder
	for _, v := range s.said {
		_, _ = fmt.Fprintf(&text, "\n* %.*s", mostText, v)
	}
	s.t.Logf("%d violations, with -soak.duration=%s -soak.seed=%d:%s", s.violations.Load(), *soakDuration, s.seed, text.String())
}
