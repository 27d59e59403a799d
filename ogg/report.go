package ogg

import (
	"errors"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// failure names a read that can fail. For a remark, its text takes the place of the collector.
type failure struct{ deployment, collector string }

// report logs each failure when it begins and when it ends. While it persists it logs it at
// level debug, and so too a rejected user, which package rest has logged. It logs a remark once.
func (c *Client) report(inst *Installation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	listed := map[string]bool{}
	for _, d := range inst.Deployments {
		listed[d.Name] = true
		for _, r := range d.Reads {
			c.reportRead(failure{d.Name, r.Collector}, r.Err)
		}
		for _, remark := range d.Remarks {
			if c.failing.Note(failure{d.Name, remark}, errors.New(remark)) == wire.Began {
				c.log.Info("GoldenGate's answers are ambiguous", "deployment", d.Name, "remark", remark)
			}
		}
	}
	if inst.Err == nil {
		c.failing.Forget(func(what failure) bool { return !listed[what.deployment] })
	}
}

// reportRead logs the outcome of a read. The caller holds c.mu.
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

// isSame reports whether two errors are one failure that persists. Which request to a dead
// service is the one that is sent is a matter of chance.
func isSame(old, err error) bool {
	return errors.Is(old, rest.ErrSilent) || errors.Is(err, rest.ErrSilent) ||
		wire.WithoutDigits(old.Error()) == wire.WithoutDigits(err.Error())
}
