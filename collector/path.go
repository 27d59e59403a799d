package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

// pathStates are the states of a path, of which 26ai lacks paused.
var pathStates = []string{"running", "stopping", "stopped", "paused", "killed", "uninitialized"}

// pathMetrics are what both the Distribution Service and the Receiver Service report
// about a path.
type pathMetrics struct {
	up, status, lag, lagAge, startTime   *metric
	checkpointSequence, checkpointOffset *metric
	networkBytes, networkMessages        *metric
}

func (m pathMetrics) all() []*metric {
	return []*metric{
		m.up, m.status, m.lag, m.lagAge, m.checkpointSequence, m.checkpointOffset,
		m.startTime, m.networkBytes, m.networkMessages,
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
	to.count(m.networkBytes, network.BytesSent, p.CountersSince, with(labels, "sent")...)
	to.count(m.networkBytes, network.BytesReceived, p.CountersSince, with(labels, "received")...)
	to.count(m.networkMessages, network.MessagesSent, p.CountersSince, with(labels, "sent")...)
	to.count(m.networkMessages, network.MessagesReceived, p.CountersSince, with(labels, "received")...)
}

func (m pathMetrics) collectCheckpoints(to sink, trails []*ogg.TrailPosition, labels []string) {
	for _, at := range trails {
		to.number(m.checkpointSequence, at.Sequence, with(labels, at.Trail)...)
		to.number(m.checkpointOffset, at.Offset, with(labels, at.Trail)...)
	}
}
