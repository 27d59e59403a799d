package rest

import (
	"math"
	"net/http"
	"testing"
	"time"
)

// TestClock compares clocks by the Date of answers: the fastest counts, of one poll.
func TestClock(t *testing.T) {
	t.Parallel()
	sent := time.Date(2026, 3, 1, 12, 0, 0, int(900*time.Millisecond), time.UTC)
	type answer struct {
		date string
		took time.Duration
	}
	at := func(ahead time.Duration) string { return sent.Add(ahead).Format(http.TimeFormat) }
	for name, c := range map[string]struct {
		answers []answer
		want    string
	}{
		"none":               {nil, "unknown"},
		"no header":          {[]answer{{"", time.Second}}, "unknown"},
		"not a date":         {[]answer{{"yesterday", time.Second}}, "unknown"},
		"the same":           {[]answer{{at(0), time.Millisecond}}, "0s"},
		"a fraction behind":  {[]answer{{at(-time.Second), 0}}, "-1s"},
		"the next second":    {[]answer{{at(time.Second), 200 * time.Millisecond}}, "0s"},
		"ahead":              {[]answer{{at(time.Hour), 0}}, "1h0m0s"},
		"behind":             {[]answer{{at(-time.Hour), 0}}, "-1h0m0s"},
		"far ahead":          {[]answer{{"Fri, 31 Dec 9999 23:59:59 GMT", 0}}, time.Duration(math.MaxInt64).String()},
		"far behind":         {[]answer{{"Mon, 01 Jan 0001 00:00:00 GMT", 0}}, time.Duration(math.MinInt64).String()},
		"half of the time":   {[]answer{{at(time.Minute + 2*time.Second), 4 * time.Second}}, "1m0s"},
		"perhaps the same":   {[]answer{{at(4 * time.Second), 10 * time.Second}}, "0s"},
		"the fastest first":  {[]answer{{at(time.Minute), time.Millisecond}, {at(2 * time.Minute), time.Second}}, "1m0s"},
		"the fastest second": {[]answer{{at(2 * time.Minute), time.Second}, {at(time.Minute), time.Millisecond}}, "1m0s"},
	} {
		var seen clock
		for _, a := range c.answers {
			seen.note(http.Header{"Date": {a.date}}, sent, sent.Add(a.took))
		}
		got := "unknown"
		if skew := seen.ahead(); skew != nil {
			got = skew.String()
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		seen.note(http.Header{"Date": {at(time.Hour)}, "Age": {"60"}}, sent, sent)
		seen.begin()
		if seen.ahead() != nil {
			t.Errorf("%s: something is known before the first answer of the next poll", name)
		}
		seen.note(http.Header{"Date": {at(time.Hour)}, "Age": {"60"}}, sent, sent)
		if seen.ahead() != nil {
			t.Errorf("%s: an answer from a cache counts", name)
		}
	}
}

// TestClockAllocations: to note a clock costs no memory.
func TestClockAllocations(t *testing.T) {
	var seen clock
	sent := time.Now()
	header := http.Header{"Date": {sent.UTC().Format(http.TimeFormat)}}
	if n := testing.AllocsPerRun(100, func() { seen.note(header, sent, sent.Add(time.Millisecond)) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
