package server

import (
	"time"

	"github.com/prometheus/common/version"

	"github.com/ogg-exporter/ogg_exporter/status"
)

// maxAge is how old a poll may be to say how things do now.
const maxAge = 5 * time.Minute

// status returns how everything did when it was last read.
func (st *state) status(now time.Time) *status.Status {
	sources := make([]status.Source, len(st.targets))
	for i, t := range st.targets {
		last := t.client.Last()
		sources[i] = status.Source{
			Name: t.client.Name(), URL: t.client.URL(), Latest: last, User: t.client.User,
			Stale: last != nil && now.Sub(last.Begin) > maxAge,
		}
	}
	return status.New(sources, nil, now, version.Version)
}
