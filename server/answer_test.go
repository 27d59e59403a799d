package server

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// outboxed serves answers of as many bytes as the path says through an outbox.
func outboxed(t *bubble.T, o *outbox) *httptest.Server {
	t.Helper()
	o.log = slog.New(slog.DiscardHandler)
	s := &httptest.Server{Listener: bubble.Listen(t), Config: &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			o.serve(w, r, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				size, _ := strconv.Atoi(r.URL.Path[1:])
				_, _ = w.Write(bytes.Repeat([]byte{'x'}, size))
			}), func() time.Time { return time.Now().Add(time.Hour) })
		}),
	}}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// ask asks for an answer of so many bytes, and reads none of it.
func ask(t *bubble.T, s *httptest.Server, size int) net.Conn {
	t.Helper()
	c, err := bubble.Network(t).DialContext(t.Context(), "tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := io.WriteString(c, "GET /"+strconv.Itoa(size)+" HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return c
}

// gets reports whether the whole of an answer comes.
func gets(c net.Conn, size int) bool {
	_ = c.SetReadDeadline(time.Now().Add(time.Second)) // it stays open after the answer
	body, _ := io.ReadAll(c)
	return len(body) > size
}

// TestOutbox: over a bound those answers are cut off whose clients have read nothing for
// longest, but never the newest.
func TestOutbox(t *testing.T) {
	t.Parallel()
	const kib = 1 << 10
	for name, c := range map[string]struct {
		maxAnswers int
		pause      time.Duration // before each
		sizes      []int         // in KiB
		whole      []bool
	}{
		"room for all":     {0, time.Hour / 4, []int{200, 200, 200}, []bool{true, true, true}},
		"the oldest":       {0, stalled, []int{200, 200, 201}, []bool{false, true, true}},
		"two":              {0, stalled, []int{200, 200, 200, 400}, []bool{false, false, true, true}},
		"a large one":      {0, stalled, []int{200, 200, 3000}, []bool{false, false, true}},
		"after a large":    {0, stalled, []int{3000, 1}, []bool{false, true}},
		"many":             {2, 0, []int{20, 20, 20}, []bool{false, true, true}},
		"together":         {0, 0, []int{500, 500, 500, 500}, []bool{true, true, true, true}},
		"too much at once": {0, 0, []int{500, 500, 500, 501}, []bool{false, true, true, true}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				o := &outbox{freeBytes: 600 * kib, maxBytes: 2000 * kib, maxAnswers: c.maxAnswers}
				s := outboxed(t, o)
				var clients []net.Conn
				for _, size := range c.sizes {
					time.Sleep(c.pause)
					clients = append(clients, ask(t, s, size*kib))
				}
				for i, client := range clients {
					if got := gets(client, c.sizes[i]*kib); got != c.whole[i] {
						t.Errorf("answer %d is whole: %t", i, got)
					}
				}
				synctest.Wait()
				o.mu.Lock()
				defer o.mu.Unlock()
				if o.bytes != 0 || o.answers.Len() != 0 {
					t.Errorf("%d bytes of %d answers are left", o.bytes, o.answers.Len())
				}
			})
		})
	}
}

// TestOutboxRead: what a client has read counts no longer, and of two clients the one that
// reads keeps its answer.
func TestOutboxRead(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		const size = 1 << 20
		o := &outbox{freeBytes: size + size*3/4, maxBytes: 10 * size}
		s := outboxed(t, o)
		reads := ask(t, s, size)
		if _, err := io.ReadFull(reads, make([]byte, size/2)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		waits := ask(t, s, size)
		time.Sleep(time.Minute)
		if _, err := io.ReadFull(reads, make([]byte, size/4)); err != nil {
			t.Fatal(err)
		}
		newest := ask(t, s, size)
		if !gets(reads, size/4-1<<10) || gets(waits, size) || !gets(newest, size) {
			t.Error("the wrong answer was cut off")
		}
	})
}

// TestAnswerPieces: an answer is the same however it is written, and whatever was written before in
// the memory that it is kept in.
func TestAnswerPieces(t *testing.T) {
	t.Parallel()
	text := bytes.Repeat([]byte("0123456789abcde\n"), 20_000)
	for _, step := range []int{1, 7, firstPiece - 1, firstPiece, firstPiece + 1, nextPieces, nextPieces + firstPiece, len(text)} {
		a := &answer{used: &sync.Pool{New: func() any { return (*[nextPieces]byte)(bytes.Repeat([]byte{'-'}, nextPieces)) }}}
		for rest := text; len(rest) > 0; {
			n, err := a.Write(rest[:min(step, len(rest))])
			if err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if got := bytes.Join(a.pieces, nil); !bytes.Equal(got, text) || a.size != len(text) || a.status != http.StatusOK {
			t.Errorf("in steps of %d: %d bytes of %d", step, len(got), a.size)
		}
	}
}

// TestCloseHangs: the end does not wait for a refresh that hangs.
func TestCloseHangs(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s := &Server{options: Options{Logger: slog.New(slog.DiscardHandler)}, state: &state{}}
		release := make(chan struct{})
		defer close(release)
		s.refreshes.Go(func() { <-release })
		begin := time.Now()
		s.Close()
		if took := time.Since(begin); took != closeGrace {
			t.Errorf("it took %s", took)
		}
	})
}
