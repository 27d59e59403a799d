package ogg

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// failure names a read that can fail. For a remark, its text takes the place of the collector.
type failure struct{ deployment, collector string }

// report logs each failure when it begins and when it ends. While it persists it logs it at
// level debug, and so too what is nothing but a rejected user, which package rest has logged. It logs a remark once.
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
	c.failing.Forget(func(what failure) bool { return !listed[what.deployment] && !c.listed.has(what.deployment) })
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
	case change == wire.Began && !isRejectionOnly(err):
		log.Warn("Reading GoldenGate failed", "err", err)
	default:
		log.Debug("Reading GoldenGate failed", "err", err)
	}
}

// isRejectionOnly reports whether all that failed is that the user was rejected.
func isRejectionOnly(err error) bool {
	return !slices.ContainsFunc(wire.Failures(err), func(err error) bool { return !rest.IsRejection(err) })
}

// isSame reports whether nothing failed that did not fail before, except for rejections. Which
// request to a dead service is the one that is sent is a matter of chance.
func isSame(old, err error) bool {
	isSilent := errors.Is(old, rest.ErrSilent) || errors.Is(err, rest.ErrSilent)
	known := newsOf(old, isSilent)
	for what := range newsOf(err, isSilent) {
		if !known[what] {
			return false
		}
	}
	return true
}

// newsOf returns what failed, in words that do not change while it persists: without the values
// of odd members, and without what was asked of a service that does not answer in time, or at
// all where isSilent.
func newsOf(err error, isSilent bool) map[string]bool {
	news := map[string]bool{}
	for _, failed := range wire.Failures(err) {
		odd, isOdd := errors.AsType[*wire.OddError](failed)
		switch {
		case rest.IsRejection(failed):
		case isOdd:
			for _, member := range odd.Odd {
				news[odd.URL+wire.WithoutDigits(member.Member())] = true
			}
		case !isUnanswered(failed):
			news[urlOf(failed)+wire.WithoutDigits(failed.Error())] = true
		case !isSilent:
			news[wire.Kind(failed)] = true
		}
	}
	return news
}

// urlOf returns the URL of an answer, whose port tells services apart; "" if there was none.
func urlOf(err error) string {
	if api, is := errors.AsType[*APIError](err); is {
		return api.URL
	}
	if body, is := errors.AsType[*BodyError](err); is {
		return body.URL
	}
	return ""
}

// isUnanswered reports whether a failure says that there was no answer, or a proxy's.
func isUnanswered(err error) bool {
	_, isConnection := errors.AsType[*url.Error](err)
	return isConnection || errors.Is(err, rest.ErrSilent) || errors.Is(err, context.DeadlineExceeded) ||
		rest.HasStatus(err, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout)
}
