package server

import (
	"time"

	"github.com/prometheus/common/version"

	"github.com/ogg-exporter/ogg_exporter/pipeline"
	"github.com/ogg-exporter/ogg_exporter/status"
)

// maxAge is how old a poll may be to say how things do now.
const maxAge = 3 * time.Minute

// status returns how everything did when it was last read.
func (st *state) status(now time.Time) *status.Status {
	sources, joined := make([]status.Source, len(st.targets)), make([]pipeline.Source, len(st.targets))
	for i, t := range st.targets {
		last := t.client.Last()
		isFresh := last != nil && now.Sub(last.Begin) <= maxAge
		sources[i] = status.Source{Name: t.client.Name(), URL: t.client.URL(), Latest: last, User: t.client.User, Stale: last != nil && !isFresh}
		joined[i] = pipeline.Source{Latest: last, Fresh: isFresh, Oldest: now.Add(-maxAge), Hosts: t.Hosts()}
	}
	return status.New(sources, pipeline.New(joined, -1), now, version.Version)
}
