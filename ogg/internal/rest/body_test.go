package rest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// reply returns the answer that is written like this.
func reply(t *testing.T, text string) *http.Response {
	t.Helper()
	answer, err := http.ReadResponse(bufio.NewReader(strings.NewReader(text)), nil)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// zipped returns text in gzip.
func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

// chunked returns text in the transfer encoding of that name.
func chunked(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		n := min(len(text), 50_000)
		fmt.Fprintf(&b, "%x\r\n%s\r\n", n, text[:n])
		text = text[n:]
	}
	return b.String()
}

// object returns an object of n bytes.
func object(n int) string { return `{"a":"` + strings.Repeat("x", n-8) + `"}` }

// checkWhole checks that nothing of a budget is in use.
func checkWhole(t *testing.T, b *Budget, size int) {
	t.Helper()
	if !b.shared.TryAcquire(int64(size - b.most)) {
		t.Error("a part of the budget was not given back")
	}
	if len(b.turn) > 0 {
		t.Error("the turn was not given back")
	}
}

// TestBody checks that a body of any size is read, however it is sent, and that the memory is
// given back.
func TestBody(t *testing.T) {
	t.Parallel()
	const most = 1 << 20
	for _, budget := range []int{most, most + 1<<20, most + 4<<20} {
		for _, size := range []int{
			100, smallBody, smallBody + 1, largeBody - 1, largeBody, largeBody + 1, 2*largeBody - 1, 2 * largeBody,
			2*largeBody + 1, 3*largeBody + 5, most - 1, most, most + 1, 2 * most,
		} {
			want := object(size)
			b := &Bodies{Large: newBudget(budget, most)}
			for form, text := range map[string]string{
				"known":   fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", size, want),
				"chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(want) + "0\r\n\r\n",
				"closed":  "HTTP/1.0 200 OK\r\n\r\n" + want,
				"gzip":    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + zipped(want),
			} {
				got, err := b.read(t.Context(), reply(t, text))
				if size > most {
					if err == nil || !strings.Contains(err.Error(), "got a body of more than ") || retriable(err) {
						t.Errorf("%d bytes of %d, %s: got %v", size, budget, form, err)
					}
				} else if err != nil || string(got.bytes) != want {
					t.Errorf("%d bytes of %d, %s: got %d bytes, %v", size, budget, form, len(got.bytes), err)
				}
				b.free(&got)
			}
			checkWhole(t, b.Large, budget)
		}
	}
}

// TestBrokenBody checks which bodies count as broken, so that the request is sent again.
func TestBrokenBody(t *testing.T) {
	t.Parallel()
	body := object(300_000)
	half := body[:len(body)/2]
	for name, c := range map[string]struct {
		text   string
		want   string
		broken bool
	}{
		"shorter than announced":       {fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), half), "150000 bytes, then the connection failed: unexpected EOF", true},
		"much shorter than announced":  {"HTTP/1.1 200 OK\r\nContent-Length: 33554432\r\n\r\n{", "1 bytes, then the connection failed: unexpected EOF", true},
		"a chunk breaks off":           {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(body)[:1000], "then the connection failed: unexpected EOF", true},
		"the last chunk is missing":    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(body), "300000 bytes, then the connection failed: unexpected EOF", true},
		"malformed chunk":              {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "0 bytes, then the connection failed: ", true},
		"until the connection closes":  {"HTTP/1.0 200 OK\r\n\r\n" + half, "then the connection failed: unexpected EOF", true},
		"gzip breaks off":              {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + zipped(body)[:100], "then the connection failed: unexpected EOF", true},
		"gzip without its end":         {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + zipped(body)[:len(zipped(body))-4], "then the connection failed: unexpected EOF", true},
		"not gzip":                     {fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(body), body), "a body that is not gzip, as its Content-Encoding says", false},
		"damaged gzip":                 {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + strings.Replace(zipped("{}"), zipped("{}")[10:12], "\xff\xff", 1), "a body that is not gzip", false},
		"a sum that does not match":    {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + zipped("{}")[:len(zipped("{}"))-8] + "12345678", "a body that is not gzip", false},
		"another encoding":             {"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n{}", `a body with Content-Encoding "br"; gzip was asked for`, false},
		"two encodings":                {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Encoding: deflate\r\nContent-Length: 2\r\n\r\n{}", `"gzip, deflate"`, false},
		"a length that is far too big": {"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n{}", "a body of more than 32 MiB", false},
		"gzip that yields nothing":     {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + strings.Repeat(zipped(""), maxBody/len(zipped(""))+2), "a body of more than 32 MiB", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &Bodies{Large: NewBudget(DefaultBudget)}
			got, err := b.read(t.Context(), reply(t, c.text))
			if err == nil || !strings.Contains(err.Error(), "got "+c.want) && !strings.Contains(err.Error(), c.want) || retriable(err) != c.broken {
				t.Errorf("got %v, retriable %v", err, retriable(err))
			}
			b.free(&got)
			checkWhole(t, b.Large, DefaultBudget)
		})
	}
}

// TestHarmlessEncoding checks the spellings that change nothing.
func TestHarmlessEncoding(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"identity":   "Content-Encoding: identity\r\n\r\n{}",
		"x-gzip":     "Content-Encoding: X-GZIP\r\n\r\n" + zipped("{}"),
		"two parts":  "Content-Encoding: gzip\r\n\r\n" + zipped("{") + zipped("}"),
		"no newline": "\r\n{}\n",
	} {
		b := &Bodies{Large: NewBudget(DefaultBudget)}
		got, err := b.read(t.Context(), reply(t, "HTTP/1.0 200 OK\r\n"+text))
		if err != nil || strings.TrimSpace(string(got.bytes)) != "{}" {
			t.Errorf("%s: got %q, %v", name, got.bytes, err)
		}
	}
	b := &Bodies{Large: NewBudget(DefaultBudget)}
	if got, err := b.read(t.Context(), reply(t, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n")); err != nil || len(got.bytes) > 0 {
		t.Errorf("an empty body in gzip: got %q, %v", got.bytes, err)
	}
}

// TestGzipWithLength checks that a length is that of the compressed body.
func TestGzipWithLength(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	text := make([]byte, 2<<20)
	for i := range text {
		text[i] = "0123456789abcdef"[random.IntN(16)]
	}
	compressed := zipped(string(text))
	if len(compressed) <= largeBody {
		t.Fatalf("only %d bytes", len(compressed))
	}
	b := &Bodies{Large: NewBudget(DefaultBudget)}
	got, err := b.read(t.Context(), reply(t, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(compressed), compressed)))
	if err != nil || !bytes.Equal(got.bytes, text) {
		t.Errorf("got %d bytes, %v", len(got.bytes), err)
	}
	b.free(&got)
	longer := answerOf(strings.NewReader(object(2 << 20))) // as no connection of net/http brings it
	longer.ContentLength = 1 << 20
	if got, err = b.read(t.Context(), longer); err == nil {
		t.Error("a body longer than announced was read")
	}
	b.free(&got)
	checkWhole(t, b.Large, DefaultBudget)
}

// TestFailedBody checks that only the beginning of the answer to a failed request is read.
func TestFailedBody(t *testing.T) {
	t.Parallel()
	b := &Bodies{Large: NewBudget(DefaultBudget)}
	answer := reply(t, "HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\n\r\n")
	answer.Body = io.NopCloser(endless{})
	if got, err := b.read(t.Context(), answer); err != nil || len(got.bytes) != smallBody {
		t.Errorf("got %d bytes, %v", len(got.bytes), err)
	}
}

// endless is a body without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// answerOf returns an answer of unknown length with that body.
func answerOf(body io.Reader) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, ProtoMajor: 2, ContentLength: -1, Body: io.NopCloser(body)}
}

// TestBudgetWait checks that a large body waits while the budget is in use, no longer than its
// context, and that small and moderate ones do not wait.
func TestBudgetWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &Bodies{Large: NewBudget(DefaultBudget)}
		hanging, stop := io.Pipe()
		var held sync.WaitGroup
		held.Go(func() {
			got, err := b.read(t.Context(), answerOf(io.MultiReader(strings.NewReader(object(5<<20)), hanging)))
			if err == nil {
				t.Error("a body that broke off was read")
			}
			b.free(&got)
		})
		synctest.Wait()
		for _, size := range []int{1000, largeBody, 3 << 20} {
			got, err := b.read(t.Context(), answerOf(strings.NewReader(object(size))))
			if err != nil {
				t.Errorf("%d bytes: %v", size, err)
			}
			b.free(&got)
		}
		gone := errors.New("no time left")
		ctx, cancel := context.WithCancelCause(t.Context())
		var waiting sync.WaitGroup
		for _, known := range []int64{-1, 5 << 20} {
			waiting.Go(func() {
				answer := answerOf(strings.NewReader(object(5 << 20)))
				answer.ContentLength = known
				got, err := b.read(ctx, answer)
				if !errors.Is(err, gone) || !strings.Contains(err.Error(), "--ogg.max-body-memory") || retriable(err) {
					t.Errorf("got %v", err)
				}
				b.free(&got)
			})
		}
		synctest.Wait()
		cancel(gone)
		waiting.Wait()
		waiting.Go(func() {
			got, err := b.read(t.Context(), answerOf(strings.NewReader(object(5<<20))))
			if err != nil || string(got.bytes) != object(5<<20) {
				t.Errorf("after the wait: %d bytes, %v", len(got.bytes), err)
			}
			b.free(&got)
		})
		synctest.Wait()
		_ = stop.CloseWithError(io.ErrUnexpectedEOF)
		held.Wait()
		waiting.Wait()
		checkWhole(t, b.Large, DefaultBudget)
	})
}

// TestBudgetOfMany checks that many large bodies at once all get on, share nothing, and stay
// within the budget.
func TestBudgetOfMany(t *testing.T) {
	t.Parallel()
	const size = 3 << 20
	b := &Bodies{Large: newBudget(size, 1<<20)}
	var all sync.WaitGroup
	for i := range 24 {
		all.Go(func() {
			text := strings.Repeat(string(rune('a'+i)), 43_000*(i+1))
			answer := answerOf(iotest.DataErrReader(strings.NewReader(text)))
			if i%2 == 0 {
				answer.ContentLength = int64(len(text))
			}
			got, err := b.read(t.Context(), answer)
			if err != nil || string(got.bytes) != text {
				t.Errorf("%d: %d bytes of %d, %v", i, len(got.bytes), len(text), err)
			}
			b.free(&got)
			got, err = b.read(t.Context(), answerOf(endless{}))
			if err == nil {
				t.Error("an endless body was read")
			}
			b.free(&got)
		})
	}
	all.Wait()
	checkWhole(t, b.Large, size)
}

// TestTurnIsLost checks that large bodies that do not get on lose the turn to those of other clients,
// however many wait for it, and that nobody loses it while nobody waits.
func TestTurnIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hostile := &Bodies{Large: NewBudget(DefaultBudget)}
		calm, slow := &Bodies{Large: hostile.Large}, &Bodies{Large: hostile.Large}
		read := func(ctx context.Context, b *Bodies, text string, then io.ReadCloser) error {
			answer := answerOf(nil)
			answer.Body = struct {
				io.Reader
				io.Closer
			}{io.MultiReader(strings.NewReader(text), then), then}
			got, err := b.read(ctx, answer)
			b.free(&got)
			return err
		}
		begin := time.Now()
		drip, drops := io.Pipe()
		time.AfterFunc(time.Minute, func() { _ = drops.Close() })
		text := object(5 << 20)
		if err := read(t.Context(), slow, text[:len(text)-1], &dripping{drip, "}"}); err != nil || time.Since(begin) < time.Minute {
			t.Errorf("nobody waited: %v after %v", err, time.Since(begin))
		}
		var held sync.WaitGroup
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		for range 30 {
			hanging, stop := io.Pipe()
			context.AfterFunc(ctx, func() { _ = stop.CloseWithError(io.ErrUnexpectedEOF) })
			held.Go(func() {
				if err := read(ctx, hostile, text, hanging); err == nil {
					t.Error("a body without an end was read")
				}
			})
		}
		synctest.Wait()
		for range 3 {
			begin := time.Now()
			if err := read(ctx, calm, text, io.NopCloser(strings.NewReader(""))); err != nil || time.Since(begin) > 2*patience {
				t.Errorf("%v after %v", err, time.Since(begin))
			}
		}
		held.Wait()
		checkWhole(t, hostile.Large, DefaultBudget)
	})
}

// dripping is a body that ends with its last text once the pipe does.
type dripping struct {
	*io.PipeReader

	last string
}

func (d *dripping) Read(p []byte) (int, error) {
	n, err := d.PipeReader.Read(p)
	if errors.Is(err, io.EOF) && d.last != "" {
		n, d.last = copy(p, d.last), ""
		return n, nil
	}
	return n, err
}

// TestSlots checks that only so many bodies are under way that are not small, that the others
// wait, no longer than their context, that small ones do not wait, and that the client of another
// Service Manager does not notice.
func TestSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, other := &Bodies{Large: NewBudget(DefaultBudget)}, &Bodies{}
		other.Large = b.Large
		text := object(100_000)
		var held sync.WaitGroup
		var stops []*io.PipeWriter
		for range maxNotSmall {
			hanging, stop := io.Pipe()
			stops = append(stops, stop)
			held.Go(func() {
				got, _ := b.read(t.Context(), answerOf(io.MultiReader(strings.NewReader(text), hanging)))
				b.free(&got)
			})
		}
		synctest.Wait()
		read := func(ctx context.Context, of *Bodies, size int) error {
			got, err := of.read(ctx, answerOf(strings.NewReader(object(size))))
			defer of.free(&got)
			return err
		}
		if err := errors.Join(read(t.Context(), b, smallBody), read(t.Context(), other, 100_000), read(t.Context(), other, 3<<20)); err != nil {
			t.Errorf("got %v", err)
		}
		gone := errors.New("no time left")
		ctx, cancel := context.WithCancelCause(t.Context())
		for range 2 {
			held.Go(func() {
				if err := read(ctx, b, 100_000); !errors.Is(err, gone) || !strings.Contains(err.Error(), "with 64 others under way") || retriable(err) {
					t.Errorf("got %v", err)
				}
			})
		}
		held.Go(func() {
			if err := read(t.Context(), b, 100_000); err != nil {
				t.Errorf("after the wait: %v", err)
			}
		})
		synctest.Wait()
		cancel(gone)
		for _, stop := range stops {
			_ = stop.CloseWithError(io.ErrUnexpectedEOF)
		}
		held.Wait()
		if len(b.slots) > 0 {
			t.Errorf("%d slots were not given back", len(b.slots))
		}
		if len(b.Large.slots) > 0 {
			t.Errorf("%d slots of all clients were not given back", len(b.Large.slots))
		}
		checkWhole(t, b.Large, DefaultBudget)
	})
}

// TestSlotsOfAll checks that the bodies of many clients that are not small are limited together, and
// that each has some for itself.
func TestSlotsOfAll(t *testing.T) {
	t.Parallel()
	budget, entered := NewBudget(DefaultBudget), 0
	over, end := context.WithCancel(t.Context())
	end()
	for client := range 20 {
		b, own := &Bodies{Large: budget}, 0
		for len(b.slots) < ownNotSmall || len(budget.slots) < cap(budget.slots) {
			if _, err := b.enter(t.Context()); err != nil {
				t.Fatal(err)
			}
			own++
		}
		if _, err := b.enter(over); err == nil || own < ownNotSmall {
			t.Errorf("client %d entered %d, and another one with error %v", client, own, err)
		}
		entered += own
	}
	if most := maxNotSmall + 19*ownNotSmall; entered != most {
		t.Errorf("%d entered, not %d", entered, most)
	}
}

// TestAllowance checks what the answers of one poll may take together, and that an answer that is
// summed up takes nothing.
func TestAllowance(t *testing.T) {
	t.Parallel()
	b := &Bodies{Large: NewBudget(DefaultBudget)}
	poll, allowance := b.WithAllowance(t.Context())
	taken := fill(poll)
	if taken > maxHeld || taken < maxHeld*8/10 {
		t.Errorf("%d bytes are taken", taken)
	}
	for name, err := range map[string]error{
		"a small answer": charge[struct{}](poll, smallBody, freeEntries),
		"summed up":      charge[counted](poll, maxBody, 100_000),
		"no poll":        charge[struct{}](t.Context(), maxBody, 100_000),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	allowance.End(false)
	if err := charge[struct{}](poll, 0, 10_000); err == nil {
		t.Error("an answer after the end was admitted")
	}
}

// fill takes all that a poll gets, and returns how much that is.
func fill(poll context.Context) (taken int) {
	for _, entries := range []int{10_000, 100} {
		for charge[struct{}](poll, 0, entries+freeEntries) == nil {
			taken += entries * entrySize
		}
	}
	return taken
}

// TestSharedAllowance checks that the polls of all clients, and what they keep of them, take a
// bounded amount of memory together, that each client still gets its part, and that whatever they
// do everything is given back.
func TestSharedAllowance(t *testing.T) {
	t.Parallel()
	budget, clients := NewBudget(DefaultBudget), make([]*Bodies, 20)
	latest := make([]int, len(clients)) // what the latest result of each takes
	for i := range clients {
		clients[i] = &Bodies{Large: budget}
	}
	for round := range 5 {
		for i, client := range clients {
			poll, allowance := client.WithAllowance(t.Context())
			other, second := client.WithAllowance(t.Context())
			taken := fill(poll)
			if taken < ownHeld*9/10 || taken > maxHeld {
				t.Errorf("round %d: client %d got %d bytes", round, i, taken)
			}
			fill(other)
			second.End(false)
			if i%3 != round%3 {
				latest[i] = taken
			}
			allowance.End(i%3 != round%3)
			if kept := budget.held.now.Load(); kept > DefaultBudget || kept < 0 {
				t.Errorf("round %d: %d bytes are kept", round, kept)
			}
		}
		all := 0
		for _, taken := range latest {
			all += taken
		}
		if most := DefaultBudget + len(clients)*ownHeld; all > most {
			t.Errorf("round %d: all take %d bytes, more than the %d", round, all, most)
		}
	}
	_, late := clients[0].WithAllowance(t.Context())
	for _, client := range clients {
		client.Close()
	}
	late.End(true)
	if left := budget.held.now.Load(); left != 0 {
		t.Errorf("%d bytes were not given back", left)
	}
}

// TestAllowanceAfterAllowance checks that a poll may take what it takes the place of, and that one
// that was cut leaves the result before in place.
func TestAllowanceAfterAllowance(t *testing.T) {
	t.Parallel()
	b := &Bodies{Large: NewBudget(maxHeld)}
	for _, latest := range []bool{true, true, false, true} {
		poll, allowance := b.WithAllowance(t.Context())
		if taken := fill(poll); taken < maxHeld*9/10 {
			t.Errorf("got %d bytes", taken)
		}
		allowance.End(latest)
		if kept := b.Large.held.now.Load(); kept < maxHeld*8/10 {
			t.Errorf("%d bytes are kept", kept)
		}
	}
}

// counted is a response that is not kept.
type counted struct{}

func (*counted) MaxEntries() int { return 100_000 }

// TestManyErrors checks that an answer full of errors costs no more than it must: each is compared
// with none but itself.
func TestManyErrors(t *testing.T) {
	t.Parallel()
	text := `{"messages":[` + strings.Join(slices.Collect(errorMessages(5000)), ",") + `]}`
	if got := newAPIError(500, envelopeURL, []byte(text)).Error(); !strings.HasSuffix(got, `OGG-5 "a"; and 4995 more`) {
		t.Errorf("got %.500s", got)
	}
}
