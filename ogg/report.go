package ogg

import (
	"errors"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// failure is what can fail.
type failure struct{ deployment, collector string }

// report logs each failure when it begins and when it ends; while it persists, at level
// debug, and so what a gate has logged: that the user was rejected.
func (c *Client) report(inst *Installation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	listed := map[string]bool{}
	for _, d := range inst.Deployments {
		listed[d.Name] = true
		for _, r := range d.Reads {
			c.reportRead(failure{d.Name, r.Collector}, r.Err)
		}
	}
	if inst.Err == nil {
		c.failing.Forget(func(what failure) bool { return !listed[what.deployment] })
	}
}

// reportRead logs how a read went, where that is news. The caller holds c.mu.
func (c *Client) reportRead(what failure, err error) {
	change := c.failing.Note(what, err)
	if change == wire.Unchanged {
		return
	}
	log := c.log.With("deployment", what.deployment, "collector", what.collector)
	switch {
	case change == wire.Ended:
		log.Info("Reading GoldenGate works again")
	case change == wire.Began && !rest.IsRejection(err):
		log.Warn("Reading GoldenGate failed", "err", err)
	default:
		log.Debug("Reading GoldenGate failed", "err", err)
	}
}

// isSame reports whether two failures are one that goes on. Which of the requests to a dead
// service is sent is chance.
func isSame(old, err error) bool {
	return errors.Is(old, rest.ErrSilent) || errors.Is(err, rest.ErrSilent) ||
		wire.WithoutDigits(old.Error()) == wire.WithoutDigits(err.Error())
}
