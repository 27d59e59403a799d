package ogg

import (
	"cmp"
	"context"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// DataStream is one data stream of the Distribution Service, which clients subscribe to, as a
// poll found it.
type DataStream struct {
	Name string
	// Status is one of a path or of a process; empty if not reported.
	Status string

	// The following are available only while the Performance Metrics Service reports them, in
	// 26ai. Lag is in seconds, Started is zero for a stream that was never started, and
	// CountersSince is when the service, and with it the counters, started.
	Lag     wire.Number
	Started wire.Timestamp
	DistributionCounters
	NetworkCounters
	CountersSince wire.Timestamp
}

// readDataStreams reads GET /stream of the Distribution Service (23ai and later; role User): 1
// request, and 2 to the Performance Metrics Service that it shares with the paths. GET
// /stream/{s}/info lists kinds of information that are not described, and GET /stream/{s} opens
// the stream: neither is requested.
func readDataStreams(ctx context.Context, v *visit) ([]*DataStream, bool, error) {
	dist := v.asks("distsrvr")
	if dist == nil {
		return nil, false, nil
	}
	list, err := rest.GetIfPresent[itemList](ctx, dist, "/stream")
	if list == nil {
		return nil, err != nil, err
	}
	all, err := listed(dist, "/stream", "items", list.Items)
	if len(all) == 0 {
		return nil, true, err
	}
	items, err := unique(all, func(i item) string { return i.Name })
	stats := askDistributionStats(ctx, v)
	<-stats.answered
	streams := make([]*DataStream, len(items))
	for i, item := range items {
		streams[i] = newDataStream(item, stats)
	}
	return streams, true, wire.Join(err, stats.err)
}

// newDataStream returns the data stream of an item, with what was reported about it.
func newDataStream(i item, stats *monitorReply[distributionStats]) *DataStream {
	counted, isCounted := stats.reported.streams.counters[i.Name]
	network, isConnected := stats.reported.streams.network[i.Name]
	s := &DataStream{
		Name: i.Name, Status: strings.ToLower(cmp.Or(i.Status, counted.Status)),
		Lag: counted.Lag.Number, Started: counted.LastStarted,
		DistributionCounters: counted.DistributionCounters, NetworkCounters: network.counters(),
	}
	if isCounted || isConnected {
		s.CountersSince = stats.since
	}
	return s
}
