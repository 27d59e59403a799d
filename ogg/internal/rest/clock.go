package rest

import (
	"net/http"
	"sync"
	"time"
)

// clock compares the clock of whatever answers with that of the exporter, by the Date headers of the
// answers, which have whole seconds.
type clock struct {
	mu sync.Mutex
	// least is how long the fastest answer of the poll took, and skew what it showed.
	least time.Duration
	skew  time.Duration
	known bool
}

// begin forgets what earlier polls saw.
func (c *clock) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known = false
}

// note takes the Date of an answer to a request that was sent and answered then. One that comes from
// a cache has the Date of when it went there.
func (c *clock) note(header http.Header, sent, answered time.Time) {
	date := header.Get("Date")
	if date == "" || header.Get("Age") != "" {
		return
	}
	at, err := time.Parse(http.TimeFormat, date)
	if err != nil {
		return
	}
	took := answered.Sub(sent)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known || took < c.least {
		c.known, c.least, c.skew = true, took, skewBetween(at, sent, answered)
	}
}

// skewBetween returns how far a clock is ahead that showed at, without its fraction of a second, at
// some moment between the two: to the second, as of half of that time, and 0 if the clocks may agree.
func skewBetween(at, sent, answered time.Time) time.Duration {
	least, most := at.Sub(answered), at.Add(time.Second).Sub(sent)
	if least <= 0 && most >= 0 {
		return 0
	}
	return (least + (most-least)/2).Round(time.Second)
}

// ahead returns how far the clock was ahead in this poll; nil if no answer said so.
func (c *clock) ahead() *time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known {
		return nil
	}
	return new(c.skew)
}
