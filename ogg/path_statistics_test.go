package ogg_test

import (
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// TestPathStatisticsComeLate checks that if the Performance Metrics Service answers only when the
// paths have been asked for their own counters, all counters are those of Performance Metrics.
func TestPathStatisticsComeLate(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		i := sending(oggtest.Release26ai)
		i.Deployments[0].ReceiverPaths = receiving(oggtest.Release26ai).Deployments[0].ReceiverPaths
		s, sm := simulate(t, i)
		sm.Timeout = 10 * time.Second
		c := newClient(t, sm, "distribution_path", "receiver_path")
		s.Fault(oggtest.Target{Service: "pmsrvr", Path: "/services/v2/mpoints/processes"}, oggtest.Fault{Latency: 7 * time.Second})
		inst := poll(t, c)
		if n := count(s, "/stats"); n != 4 {
			t.Fatalf("%d requests for the counters of paths, want 4", n)
		}
		sent, received := distributionPath(t, inst, "orders"), receiverPath(t, inst, "orders")
		if sent.CountersSince.IsZero() || !sent.BytesReceived.Known() || !sent.DDLs.Known() {
			t.Errorf("counted %+v, %+v since %v", sent.DistributionCounters, sent.NetworkCounters, sent.CountersSince)
		}
		if received.CountersSince.IsZero() || !received.BytesWritten.Known() {
			t.Errorf("counted %+v since %v", received.ReceiverCounters, received.CountersSince)
		}
	})
}
