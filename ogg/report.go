package ogg

import (
	"strings"
)

// report logs what began to fail since the poll before and what works again,
// each in one line; what goes on failing is said at level debug.
func (c *Client) report(before, now *Installation) {
	was := failures(before)
	is := failures(now)
	for what, err := range is {
		log := c.log.Warn
		if old, failing := was[what]; failing && withoutDigits(old) == withoutDigits(err) {
			log = c.log.Debug
		}
		log("Reading GoldenGate failed", "deployment", what.deployment, "collector", what.collector, "err", err)
	}
	for what := range was {
		if _, failing := is[what]; !failing {
			c.log.Info("Reading GoldenGate works again", "deployment", what.deployment, "collector", what.collector)
		}
	}
}

// failed is what a failure is about.
type failed struct{ deployment, collector string }

// failures returns the errors of a poll.
func failures(inst *Installation) map[failed]error {
	errs := map[failed]error{}
	if inst == nil {
		return errs
	}
	for _, d := range inst.Deployments {
		for _, r := range d.Reads {
			if r.Err != nil {
				errs[failed{d.Name, r.Collector}] = r.Err
			}
		}
	}
	return errs
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
