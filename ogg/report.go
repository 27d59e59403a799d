package ogg

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// failure names a read that can fail, or with the collector remarked the remarks on a deployment.
type failure struct{ deployment, collector string }

const remarked = "remark"

// report logs each failure when it begins, or becomes another one, and when it ends, but neither
// more than once in 10 minutes for each deployment and collector. All else it logs at level debug,
// and so too what is nothing but a rejected user, which package rest has logged. It logs remarks
// when there are new ones.
func (c *Client) report(inst *Installation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	listed := map[string]bool{}
	for _, d := range inst.Deployments {
		listed[d.Name] = true
		for _, r := range d.Reads {
			c.reportRead(failure{d.Name, r.Collector}, r.Err)
		}
		c.reportRemarks(d)
		c.reportAbends(d)
	}
	c.failing.Forget(func(what failure) bool { return !listed[what.deployment] && !c.listed.has(what.deployment) })
}

// NoteExport notes why the samples of a poll of the collectors were withheld; nil if they were not.
// It logs when that begins and when it ends, each once in 10 minutes. Like LeaveOut, it heeds only what a poll of all
// collectors shows.
func (c *Client) NoteExport(err error, collectors ...string) {
	if !includes(collectors, c.options.Collectors) || c.withheld.Swap(err != nil) == (err != nil) {
		return
	}
	switch {
	case !c.seldom.May(fmt.Sprintf("withheld: %t", err != nil)):
	case err != nil:
		c.log.Warn("The Service Manager has too many series: none is served", "err", err)
	default:
		c.log.Info("The series of the Service Manager are served again")
	}
}

// reportRead logs the outcome of a read. The caller holds c.mu.
func (c *Client) reportRead(what failure, err error) {
	log := c.log.With("deployment", what.deployment, "collector", what.collector)
	if err != nil && isRejectionOnly(err) {
		c.failing.NoteReported(what, err)
		log.Debug("Reading GoldenGate failed", "err", err)
		return
	}
	switch change, changes := c.failing.Note(what, err); {
	case change == wire.Unchanged:
	case change == wire.Ended:
		log.Info("Reading GoldenGate works again")
	case change == wire.Persists:
		log.Debug("Reading GoldenGate failed", "err", err)
	case changes > 1:
		log.Warn("Reading GoldenGate failed", "err", err, "changes", changes)
	default:
		log.Warn("Reading GoldenGate failed", "err", err)
	}
}

// reportRemarks logs the remarks on a deployment. The caller holds c.mu.
func (c *Client) reportRemarks(d *Deployment) {
	remarks := make([]error, len(d.Remarks))
	for i, remark := range d.Remarks {
		remarks[i] = errors.New(remark)
	}
	all := wire.Show(wire.Join(remarks...))
	if all == nil { // what does not return every time is no news
		return
	}
	if change, _ := c.failing.Note(failure{d.Name, remarked}, all); change == wire.Began {
		c.log.Info("GoldenGate's answers are ambiguous", "deployment", d.Name, "remark", all)
	}
}

// reportAbends logs why processes abended, once for each abend, but of a process with the same error
// no more than once in 10 minutes. The caller holds c.mu.
func (c *Client) reportAbends(d *Deployment) {
	for _, e := range d.LastErrors {
		if !e.told.Swap(true) && c.seldom.May("abended: "+d.Name+"/"+string(e.Type)+"/"+e.Process+" "+e.Code) {
			c.log.Warn("A process has abended", "deployment", d.Name, "process", e.Process, "process_type", string(e.Type), "code", e.Code, "error", e.Line)
		}
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
