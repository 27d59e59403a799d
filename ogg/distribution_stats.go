package ogg

import (
	"context"
	"slices"
	"sync"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// DistributionCounters count the logical change records and operations that a path or a data
// stream has processed. Upserts and Unsupported are reported from 19c on.
type DistributionCounters struct {
	LCRsReceived wire.Number `json:"lcrsReceived"`
	LCRsSent     wire.Number `json:"lcrsSent"`
	Inserts      wire.Number `json:"totalInserts"`
	Updates      wire.Number `json:"totalUpdates"`
	Deletes      wire.Number `json:"totalDeletes"`
	Upserts      wire.Number `json:"totalUpserts"`
	DDLs         wire.Number `json:"totalDDLs"`
	Procedures   wire.Number `json:"totalProcedures"`
	Unsupported  wire.Number `json:"totalUnsupported"`
	Others       wire.Number `json:"totalOthers"`
}

// distributionStats is what the Performance Metrics Service reports of all paths and of all data
// streams. One of each may have the same name.
type distributionStats struct {
	paths, streams struct {
		counters map[string]distributionStatistics
		network  map[string]networkStatistics
	}
}

// distributed names what an entry is about: a path or, where dataStreaming is true (26ai), a
// data stream.
type distributed struct {
	Name          string `json:"name"`
	DataStreaming bool   `json:"dataStreaming"`
}

func (d distributed) about() distributed { return d }

// distributionStatistics is an entry of GET /mpoints/{p}/distsrvrPathStats (all releases; role
// User). The lag of a path comes from /sources/{p}/info instead, which also reports when it was
// measured.
type distributionStatistics struct {
	distributed
	Status          string         `json:"status"`          // 21.3 and later
	TargetInitiated *bool          `json:"targetInitiated"` // 21.3 and later
	Lag             wire.Duration  `json:"lag"`             // 21.3 and later
	LastStarted     wire.Timestamp `json:"lastStarted"`     // 26ai
	DistributionCounters
}

// networkStatistics is an entry of GET /mpoints/{p}/distsrvrNetworkStats (all
// releases; role User). The unit of its times is not documented, and taken to be microseconds.
type networkStatistics struct {
	distributed
	NetworkTraffic
	SendWait    wire.Number `json:"sendWaitTime"`
	ReceiveWait wire.Number `json:"receiveWaitTime"`
}

func (s networkStatistics) counters() NetworkCounters {
	return NetworkCounters{s.NetworkTraffic, s.SendWait.Per(1e6), s.ReceiveWait.Per(1e6)}
}

// distributionOnce asks for the figures at most once per poll.
type distributionOnce struct {
	once  sync.Once
	reply *monitorReply[distributionStats]
}

// askDistributionStats asks the Performance Metrics Service in the background about the paths
// and data streams of the Distribution Service.
func askDistributionStats(ctx context.Context, v *visit) *monitorReply[distributionStats] {
	asked := wire.Remembered[distributionOnce](&v.shared)
	asked.once.Do(func() { asked.reply = askMonitor(ctx, v, "distserver", readDistributionStats) })
	return asked.reply
}

// readDistributionStats reads the two points about the paths and data streams.
func readDistributionStats(ctx context.Context, pm *monitor, service *Monitored) (distributionStats, error) {
	var s distributionStats
	var countersErr, networkErr error
	var group wire.Group
	group.Go(func() {
		s.paths.counters, s.streams.counters, countersErr = statisticsPoint[distributionStatistics](ctx, pm, service, "distsrvrPathStats")
	})
	group.Go(func() {
		s.paths.network, s.streams.network, networkErr = statisticsPoint[networkStatistics](ctx, pm, service, "distsrvrNetworkStats")
	})
	group.Wait()
	return s, wire.Join(countersErr, networkErr)
}

// statisticsPoint reads a point of the Distribution Service, by path and by data stream.
func statisticsPoint[T interface{ about() distributed }](ctx context.Context, pm *monitor, service *Monitored, name string) (paths, streams map[string]T, err error) {
	response, err := point[struct {
		Statistics []T `json:"statistics"`
	}](ctx, pm, service, name)
	if response == nil {
		return nil, nil, err
	}
	entries, err := listed(pm.Endpoint, "/mpoints/"+rest.Segment(service.Name)+"/"+name, "statistics", response.Statistics)
	of := func(streaming bool) (map[string]T, error) {
		other := func(entry T) bool { return entry.about().DataStreaming != streaming }
		return byPath(slices.DeleteFunc(slices.Clone(entries), other), func(entry T) string { return entry.about().Name })
	}
	paths, pathsErr := of(false)
	streams, streamsErr := of(true)
	return paths, streams, wire.Join(err, pathsErr, streamsErr)
}
