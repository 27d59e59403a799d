package ogg

import (
	"errors"
	"maps"
	"strings"
)

// failed is what a failure is about.
type failed struct{ deployment, collector string }

// report logs what began to fail since the polls before and what works again, each
// in one line; what goes on failing is said at level debug, and so is what a gate
// has said: that the user was refused.
func (c *Client) report(inst *Installation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	listed := map[string]bool{}
	for _, d := range inst.Deployments {
		listed[d.Name] = true
		for _, r := range d.Reads {
			c.reportRead(failed{d.Name, r.Collector}, r.Err)
		}
	}
	if inst.Err == nil {
		maps.DeleteFunc(c.failing, func(what failed, _ error) bool { return !listed[what.deployment] })
	}
}

// reportRead logs how a read went, where that is news. The caller holds c.mu.
func (c *Client) reportRead(what failed, err error) {
	old, failing := c.failing[what]
	switch {
	case err != nil:
		log := c.log.Warn
		if failing && isSame(old, err) || isRefusal(err) {
			log = c.log.Debug
		}
		log("Reading GoldenGate failed", "deployment", what.deployment, "collector", what.collector, "err", err)
		c.failing[what] = err
	case failing:
		c.log.Info("Reading GoldenGate works again", "deployment", what.deployment, "collector", what.collector)
		delete(c.failing, what)
	}
}

// isSame reports whether two failures are one that goes on. Which of the requests
// to a dead service is the one that is sent is chance.
func isSame(old, err error) bool {
	return errors.Is(old, errSilent) || errors.Is(err, errSilent) || withoutDigits(old) == withoutDigits(err)
}

// withoutDigits returns the error's text without what differs from one time to
// the next, such as ports and counts.
func withoutDigits(err error) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, err.Error())
}
