package ogg

import (
	"context"
	"errors"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// The routes with the counters of a path, which every release has. They are read only where the
// Performance Metrics Service does not say more about all paths at once. Since when they count is not
// documented.
const (
	sourceStatsRoute = "/sources/" + anyPath + "/stats"
	targetStatsRoute = "/targets/" + anyPath + "/stats"
)

// sourceStats is what GET /sources/{p}/stats returns (all releases; role User). Before 21.3 there is
// one number of DDLs; ddlReceived and ddlSent, later, are not known to be what Performance Metrics
// counts. tableStatsDaily, which has an entry for each table, is not kept.
type sourceStats struct {
	Received    wire.Number `json:"lcrReceived"`
	Sent        wire.Number `json:"lcrSent"`
	Inserts     wire.Number `json:"inserts"`
	Updates     wire.Number `json:"updates"`
	Deletes     wire.Number `json:"deletes"`
	Upserts     wire.Number `json:"upserts"`
	DDLs        wire.Number `json:"ddl"`
	Procedures  wire.Number `json:"procedure"`
	Unsupported wire.Number `json:"unsupported"`
	Others      wire.Number `json:"other"`
	Network     struct {
		BytesSent    wire.Number `json:"totalBytesSent"`
		MessagesSent wire.Number `json:"totalMsgsSent"`
	} `json:"netStats"`
}

// MaxEntries is how many tables a path may list: none is kept.
func (*sourceStats) MaxEntries() int { return 100_000 }

// targetStats is what is needed of GET /targets/{p}/stats (all releases; role User). It has no bytes.
type targetStats struct {
	Network struct {
		MessagesSent     wire.Number `json:"totalMsgsSent"`
		MessagesReceived wire.Number `json:"totalMsgsReceived"`
	} `json:"netStats"`
}

// counters returns what is counted as Performance Metrics does.
func (s *sourceStats) counters() (DistributionCounters, NetworkCounters) {
	return DistributionCounters{
		LCRsReceived: s.Received, LCRsSent: s.Sent, Inserts: s.Inserts, Updates: s.Updates, Deletes: s.Deletes, Upserts: s.Upserts,
		DDLs: s.DDLs, Procedures: s.Procedures, Unsupported: s.Unsupported, Others: s.Others,
	}, NetworkCounters{NetworkTraffic: NetworkTraffic{BytesSent: s.Network.BytesSent, MessagesSent: s.Network.MessagesSent}}
}

// readPathStats reads the counters of each path, whose name of returns. One that never ran may have
// none.
func readPathStats[T any](ctx context.Context, e *rest.Endpoint, route string, errs []error, of func(i int) string) []T {
	all := make([]T, len(errs))
	onEachIfPresent(e, route, errs, func(i int) (err error) {
		all[i], err = rest.Get[T](ctx, e, strings.Replace(route, anyPath, rest.Segment(of(i)), 1))
		if errors.Is(err, rest.ErrNoResponse) {
			return nil
		}
		return err
	})
	return all
}
