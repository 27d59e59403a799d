package oggtest

import "time"

// beatEvery is the interval of heartbeat records.
const beatEvery = time.Minute

// heartbeatPoints are the lag of heartbeat records as they passed (since 21.3).
var heartbeatPoints = []point{{
	name: "heartbeat", has: func(p *profile) bool { return p.points.heartbeat },
	of:   func(m *monitored) bool { return m.process != nil && m.role == whole || m.kind == "DistServer" },
	tell: (*monitored).heartbeats,
}}

// heartbeat returns the lag of the latest record that passed through the process, and how long ago
// that was; false if none passes.
func (m *monitored) heartbeat() (lag, age time.Duration, flows bool) {
	if m.process == nil || m.role != whole || !m.process.spec.Heartbeat || m.started.IsZero() {
		return 0, 0, false
	}
	lag, passed := m.process.heartbeat(beatEvery, m.heard)
	return lag, m.now.Sub(passed), true
}

// heartbeats returns those of one process, or of all distribution paths.
func (m *monitored) heartbeats() (object, *failure) {
	all := list{}
	if lag, age, flows := m.heartbeat(); flows {
		all = append(all, beat(m.name, lag, age))
	}
	if m.kind == "DistServer" {
		all = append(all, m.pathHeartbeats()...)
	}
	if len(all) == 0 && m.server.spec.NoData != NoDataEmpty {
		return nil, notFound
	}
	return object{{"heartbeats", all}}, nil
}

func beat(name string, lag, age time.Duration) object {
	return object{{"heartbeatName", name}, {"heartbeatLag", milliseconds(lag)}, {"heartbeatAge", milliseconds(age)}}
}
