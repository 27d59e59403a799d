package ogg_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

const (
	latestID = "/services/v2/monitoring/lastMessageId"
	messages = "/services/v2/monitoring/messages"
)

// counting polls for messages.
type counting struct {
	testing.TB

	server *oggtest.Server
	clock  *oggtest.ManualClock
	client *ogg.Client
	mends  map[string]func()
}

// newCounting returns a simulation with a client that counts its messages.
func newCounting(t testing.TB, collectors ...string) *counting {
	t.Helper()
	clock := oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	i := north(oggtest.Release26ai)
	i.Clock = clock
	s, sm := simulate(t, i)
	client, err := ogg.NewClient(sm, ogg.Options{Collectors: append(collectors, "message"), MessageCodes: true, Now: clock.Now, Dial: bubble.Dialer(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &counting{t, s, clock, client, map[string]func(){}}
}

// after polls after a time, and returns the counts in words, without those of 0, and the requests for
// messages.
func (c *counting) after(d time.Duration) (counts string, requests []string) {
	c.Helper()
	c.clock.Advance(d)
	c.server.ResetRequests()
	got := deployment(c, c.client.Poll(c.Context()), "north").Messages
	for _, line := range asked(c.server, "north", "pmsrvr") {
		if path, is := strings.CutPrefix(line, "GET /services/v2/monitoring/"); is {
			requests = append(requests, path)
		}
	}
	if got == nil {
		return "none", requests
	}
	var all []string
	for _, counted := range []map[string]float64{got.Severities, got.Codes} {
		for _, name := range slices.Sorted(maps.Keys(counted)) {
			if counted[name] > 0 {
				all = append(all, fmt.Sprintf("%s=%v", name, counted[name]))
			}
		}
	}
	return strings.Join(all, " "), requests
}

// answer makes the service answer with a message for each number.
func (c *counting) answer(code string, ids ...int) {
	var all []string
	for _, id := range ids {
		all = append(all, fmt.Sprintf(`{"identifier":%d,"code":%q,"severity":"GGWarning","text":%q}`, id, code, oggtest.Secret))
	}
	c.say(messages, `{"response":{"message":[`+strings.Join(all, ",")+`]}}`)
}

// say makes a route answer with a body.
func (c *counting) say(path, body string) {
	if mend := c.mends[path]; mend != nil {
		mend()
	}
	c.mends[path] = c.server.Fault(oggtest.Target{Path: path}, oggtest.Fault{Body: body})
}

// latest makes the service say which its latest message is.
func (c *counting) latest(id int) {
	c.say(latestID, fmt.Sprintf(`{"response":{"lastId":%d}}`, id))
}

// TestMessages checks that what was logged before is not counted, what is logged is counted once, and
// that without anything new there is no request before 5 minutes are over.
func TestMessages(t *testing.T) {
	t.Parallel()
	c := newCounting(t, "process", "performance")
	for _, step := range []struct {
		does     func()
		after    time.Duration
		counts   string
		requests string
	}{
		{func() {}, 0, "", "lastMessageId"},
		{func() {}, time.Minute, "", ""},
		{func() { c.server.SetProcessStatus("north", "EXT1", "abended") }, time.Minute, "error=2 OGG-00664=1 OGG-01668=1", "messages?fromID=4&limit=1000"},
		{func() {}, time.Minute, "error=2 OGG-00664=1 OGG-01668=1", ""},
		{func() { c.server.RestartProcess("north", "EXT1") }, time.Minute, "error=2 info=2 OGG-00664=1 OGG-00992=1 OGG-00993=1 OGG-01668=1", "messages?fromID=6&limit=1000"},
		{func() {}, 5 * time.Minute, "error=2 info=2 OGG-00664=1 OGG-00992=1 OGG-00993=1 OGG-01668=1", "lastMessageId"},
	} {
		step.does()
		counts, requests := c.after(step.after)
		if counts != step.counts || strings.Join(requests, " ") != step.requests {
			t.Errorf("got %s after %q, want %s after %q", counts, requests, step.counts, step.requests)
		}
	}
}

// TestMessagesUnlisted checks that messages are counted, too, if nothing says whether there are new
// ones, or if the list of processes does not show them.
func TestMessagesUnlisted(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	c.after(0)
	c.server.SetProcessStatus("north", "EXT1", "abended")
	if counts, requests := c.after(time.Minute); !strings.HasPrefix(counts, "error=2") || len(requests) != 1 {
		t.Errorf("got %s after %q", counts, requests)
	}
	c = newCounting(t, "process", "performance")
	c.after(0)
	for range 20 {
		c.client.Poll(t.Context(), "message")
	}
	c.server.SetProcessStatus("north", "EXT1", "abended")
	if counts, requests := c.after(time.Minute); !strings.HasPrefix(counts, "error=2") {
		t.Errorf("after polls without the list: got %s after %q", counts, requests)
	}
	c = newCounting(t, "performance")
	c.after(0)
	c.answer("OGG-00001", 5)
	c.latest(5)
	if counts, requests := c.after(time.Minute); counts != "" || len(requests) > 0 {
		t.Errorf("got %s after %q", counts, requests)
	}
	if counts, _ := c.after(4 * time.Minute); counts != "warning=1 OGG-00001=1" {
		t.Errorf("after 5 minutes: %s", counts)
	}
}

// TestMessagesAgain checks that the count begins anew when the numbers do, and not before.
func TestMessagesAgain(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	c.latest(100)
	c.answer("OGG-00001", 101, 101, 102, 99)
	c.after(0)
	began := deployment(t, c.client.Poll(t.Context()), "north").Messages.Since
	if counts, _ := c.after(time.Minute); counts != "warning=2 OGG-00001=2" {
		t.Errorf("got %s", counts)
	}
	c.latest(102)
	if counts, _ := c.after(5 * time.Minute); counts != "warning=2 OGG-00001=2" {
		t.Errorf("nothing new: %s", counts)
	}
	c.latest(3)
	c.answer("OGG-00002", 4)
	if counts, _ := c.after(5 * time.Minute); counts != "" {
		t.Errorf("numbers that go back: %s", counts)
	}
	if counts, _ := c.after(time.Minute); counts != "warning=1 OGG-00002=1" {
		t.Errorf("after that: %s", counts)
	}
	if since := deployment(t, c.client.Poll(t.Context()), "north").Messages.Since; since.Sub(began.Time) != 11*time.Minute {
		t.Errorf("began %s, then %s", began, since)
	}
}

// TestMessagesMany checks that codes keep their counts, however many there are, and that a poll after
// which there are more goes on in the next.
func TestMessagesMany(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	c.latest(0)
	c.after(0)
	id := 0
	for n := range 3 {
		var entries []string
		for code := range 60 {
			for range 60 - code {
				id++
				entries = append(entries, fmt.Sprintf(`{"identifier":%d,"code":"OGG-%05d","severity":"GGInfo"}`, id, code+n))
			}
		}
		c.say(messages, `{"response":{"message":[`+strings.Join(entries, ",")+`]}}`)
		c.after(time.Minute)
		codes := deployment(t, c.client.Poll(t.Context()), "north").Messages.Codes
		if _, has := codes["OGG-00049"]; len(codes) != 51 || !has {
			t.Errorf("%d: %d codes", n, len(codes))
		}
		total := 0.
		for _, count := range codes {
			total += count
		}
		if int(total) != id {
			t.Errorf("%d: %v messages of %d", n, total, id)
		}
	}
}

// TestMessagesOdd checks what is counted of odd answers, and that no text of a message is kept.
func TestMessagesOdd(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"response":{"identifier":7,"code":"OGG-00007","severity":"GGError"}}`:                    "error=1 OGG-00007=1",
		`{"response":{"message":[{"identifier":"7","code":"` + oggtest.Secret + `"}]}}`:            "unknown=1 other=1",
		`{"response":{"message":[{"code":"OGG-00007","severity":"GGInfo"},{"identifier":8}]}}`:     "unknown=1 other=1 failed",
		`{"response":{"message":"` + oggtest.Secret + `"}}`:                                        " failed",
		`{"response":{"message":[]}}`:                                                              "",
		`{"messages":[{"code":"OGG-25166","severity":"INFO"}]}`:                                    "",
		`{"response":{"message":[{"identifier":7,"severity":"` + oggtest.Secret + `"}]}}`:          "unknown=1 other=1",
		`{"response":{"message":[{"identifier":7,"code":"OGG-00007","severity":"ggwarning"}, 5]}}`: "warning=1 OGG-00007=1 failed",
	} {
		c := newCounting(t)
		c.latest(1)
		c.after(0)
		c.server.Fault(oggtest.Target{Path: messages}, oggtest.Fault{Body: body})
		counts, _ := c.after(time.Minute)
		read := read(t, c.client.Poll(t.Context()), "north", "message")
		if read.Err != nil {
			counts += " failed"
		}
		if counts != want || strings.Contains(fmt.Sprint(read.Err), oggtest.Secret) {
			t.Errorf("%s: got %q, want %q; %v", body, counts, want, read.Err)
		}
	}
}

// TestMessagesUnavailable checks what is read without the route, and without the role.
func TestMessagesUnavailable(t *testing.T) {
	t.Parallel()
	for status, fails := range map[int]bool{http.StatusNotFound: false, http.StatusForbidden: true, http.StatusInternalServerError: true} {
		c := newCounting(t)
		c.server.Fault(oggtest.Target{Path: latestID}, oggtest.Fault{Status: status})
		counts, _ := c.after(0)
		if counts != "none" || (read(t, c.client.Poll(t.Context()), "north", "message").Err != nil) != fails {
			t.Errorf("%d: got %s", status, counts)
		}
	}
}

// TestMessagesHurried checks that a poll that has little time counts none, and looks for no causes.
func TestMessagesHurried(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		c := newCounting(t)
		c.after(0)
		c.server.SetProcessStatus("north", "EXT1", "abended")
		c.server.ResetRequests()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		found := deployment(t, c.client.Poll(ctx), "north")
		if n := count(c.server, "/monitoring/messages"); n > 0 || found.Messages == nil || len(found.LastErrors) > 0 {
			t.Errorf("in a hurry: %d requests, %v", n, found.Messages)
		}
	})
}

// TestMessagesFar checks that an answer which names a message that there is not does not end the count.
func TestMessagesFar(t *testing.T) {
	t.Parallel()
	c := newCounting(t, "performance")
	c.latest(100)
	c.after(0)
	c.say(messages, `{"response":{"message":[]}}`)
	c.latest(1_000_000)
	c.after(5 * time.Minute)
	c.latest(102)
	c.answer("OGG-00001", 101, 102)
	if counts, requests := c.after(5 * time.Minute); counts != "warning=2 OGG-00001=2" {
		t.Errorf("got %q after %q", counts, requests)
	}
}
