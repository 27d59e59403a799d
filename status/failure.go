package status

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// maxFailures is how many failures are shown of a Service Manager.
const maxFailures = 50

// failure is what failed in the same way: of one deployment, at one service for some collectors, or, if
// the user was rejected, at some services.
type failure struct {
	deployment           string
	services, collectors []string
	what                 string
}

// failures returns what could not be read of a Service Manager, each with where, and with the user if that
// was rejected.
func failures(source *Source) []string {
	known := map[string]*failure{}
	var all []*failure
	for _, d := range source.Latest.Deployments {
		for _, read := range d.Reads {
			for _, err := range wire.Failures(read.Err) {
				f, key := newFailure(source, d.Name, read.Collector, err)
				if known[key] == nil {
					known[key], all = f, append(all, f)
				} else {
					known[key].add(f)
				}
			}
		}
	}
	if err := source.Latest.Err; err != nil && all == nil {
		return []string{wire.Line(err.Error())}
	}
	return texts(all)
}

// texts returns the texts of the first failures; nil for none.
func texts(all []*failure) []string {
	var texts []string
	for _, f := range all[:min(len(all), maxFailures)] {
		texts = append(texts, f.text())
	}
	if more := len(all) - maxFailures; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return texts
}

// newFailure returns one failure, and what it has in common with those that it is one with.
func newFailure(source *Source, deployment, collector string, err error) (f *failure, key string) {
	f = &failure{deployment: deployment, what: wire.Line(err.Error())}
	if of, is := errors.AsType[*ogg.ServiceError](err); is && of.Microservice != deployment {
		f.services = []string{of.Microservice}
	}
	if answer, is := errors.AsType[*ogg.APIError](err); is && ogg.IsRejection(err) {
		f.what = rejection(source.userOf(deployment), answer)
		return f, deployment + ": " + f.what
	}
	f.collectors = []string{collector}
	return f, strings.Join(slices.Concat([]string{deployment}, f.services, []string{wire.Kind(err)}), ": ")
}

// rejection says who was rejected. Where matters only if the user's role may not read that.
func rejection(user string, answer *ogg.APIError) string {
	who, why := strings.TrimSpace("the user "+user)+" was rejected", answer.Error()
	if answer.StatusCode == http.StatusProxyAuthRequired {
		who = "the login failed"
	}
	if answer.StatusCode != http.StatusForbidden {
		why = strings.TrimPrefix(why, "GET "+answer.URL+": ")
	}
	return who + ": " + wire.Line(why)
}

// add adds another failure of the same kind.
func (f *failure) add(other *failure) {
	f.services = slices.Compact(slices.Sorted(slices.Values(append(f.services, other.services...))))
	for _, c := range other.collectors {
		if !slices.Contains(f.collectors, c) {
			f.collectors = append(f.collectors, c)
		}
	}
}

// text returns where it failed, and what and why.
func (f *failure) text() string {
	said := []string{strings.Join(append([]string{f.deployment}, f.services...), ", ")}
	if len(f.collectors) > 0 {
		said = append(said, strings.Join(f.collectors, ", "))
	}
	return strings.Join(append(said, f.what), ": ")
}
