package status

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// maxFailures is how many failures are shown of a Service Manager.
const maxFailures = 50

// failures returns what could not be read of a Service Manager, each with where: the deployment and the
// service, and with the user if that was rejected. What failed in the same way at the same service is one.
func failures(source *Source) []string {
	seen := map[string]bool{}
	var all []string
	for _, d := range source.Latest.Deployments {
		for _, read := range d.Reads {
			for _, err := range wire.Failures(read.Err) {
				text, key := failure(source, d.Name, read.Collector, err)
				if !seen[key] {
					seen[key], all = true, append(all, text)
				}
			}
		}
	}
	if err := source.Latest.Err; err != nil && all == nil {
		all = append(all, wire.Line(err.Error()))
	}
	if more := len(all) - maxFailures; more > 0 {
		all = append(all[:maxFailures], fmt.Sprintf("and %d more", more))
	}
	return all
}

// failure returns what failed and where, and what is the same in all that failed in the same way. A
// rejection is the same for all that is read of a service.
func failure(source *Source, deployment, collector string, err error) (text, key string) {
	where := []string{deployment}
	if of, is := errors.AsType[*ogg.ServiceError](err); is && !slices.Contains(where, of.Microservice) {
		where = append(where, of.Microservice)
	}
	what := collector
	if ogg.IsRejection(err) {
		what = strings.TrimSpace("the user "+source.userOf(deployment)) + " was rejected"
	}
	at := strings.Join(where, ", ") + ": " + what
	return at + ": " + wire.Line(err.Error()), at + ": " + wire.Kind(err)
}
