package collector

import (
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// pathStates are the states of a path, of which 26ai lacks paused.
var pathStates = []string{"running", "stopping", "stopped", "paused", "killed", "uninitialized"}

// pathMetrics are what both the Distribution Service and the Receiver Service report
// about a path.
type pathMetrics struct {
	up, status, lag, lagAge, startTime   *metric
	checkpointSequence, checkpointOffset *metric
	network                              networkMetrics
}

// networkMetrics are what a path or a data stream sends and receives.
type networkMetrics struct{ bytes, messages, wait *metric }

// all returns them, except the wait, which is less important than what each service adds.
func (m pathMetrics) all() []*metric {
	return []*metric{
		m.up, m.status, m.lag, m.lagAge, m.checkpointSequence, m.checkpointOffset,
		m.startTime, m.network.bytes, m.network.messages,
	}
}

func (m pathMetrics) collect(to sink, deployment string, p *ogg.Path, network ogg.NetworkCounters) {
	labels := []string{deployment, p.Name}
	to.state(m.status, m.up, p.Status, labels...)
	to.number(m.lag, p.Lag, labels...)
	to.number(m.lagAge, p.LagAge, labels...)
	to.timestamp(m.startTime, p.Started, labels...)
	m.collectCheckpoints(to, p.Inputs, with(labels, "input"))
	m.collectCheckpoints(to, p.Outputs, with(labels, "output"))
	m.network.collect(to, network, p.CountersSince, labels)
}

func (m networkMetrics) collect(to sink, n ogg.NetworkCounters, since wire.Timestamp, labels []string) {
	to.count(m.bytes, n.BytesSent, since, with(labels, "sent")...)
	to.count(m.bytes, n.BytesReceived, since, with(labels, "received")...)
	to.count(m.messages, n.MessagesSent, since, with(labels, "sent")...)
	to.count(m.messages, n.MessagesReceived, since, with(labels, "received")...)
	to.count(m.wait, n.SendWait, since, with(labels, "sent")...)
	to.count(m.wait, n.ReceiveWait, since, with(labels, "received")...)
}

func (m pathMetrics) collectCheckpoints(to sink, trails []*ogg.TrailPosition, labels []string) {
	for _, at := range trails {
		to.number(m.checkpointSequence, at.Sequence, with(labels, at.Trail)...)
		to.number(m.checkpointOffset, at.Offset, with(labels, at.Trail)...)
	}
}
