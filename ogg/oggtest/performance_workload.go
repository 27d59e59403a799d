package oggtest

import "time"

// spread returns a number below n that is the same for the process in every simulation.
func (m *monitored) spread(n uint64) int64 { return int64(m.seed % n) } //nolint:gosec // small

// each returns how many periods the process has been alive for.
func (m *monitored) each(period time.Duration) number { return number(m.alive() / period) }

// count returns how many events have occurred since the start, given their rate.
func (m *monitored) count(perSecond float64) int64 {
	return m.share(int64(max(0, perSecond) * m.worked.Seconds()))
}

// share returns a thread's share of its Replicat's total. The shares add up to the total, and none
// ever decreases.
func (m *monitored) share(n int64) int64 {
	if m.parts == 0 {
		return n
	}
	return turn(n, m.part, m.parts)
}

// turn returns how many of n items go to one of several workers that take turns.
func turn(n int64, one, of int) int64 {
	return (n + int64(of) - 1 - int64(one)) / int64(of)
}

// bytes returns the bytes of trail since the start.
func (m *monitored) bytes() int64 {
	bytes, _ := m.process.done(m.started, m.heard)
	return m.share(bytes)
}

// operations returns how many rows the process has captured or applied since its start.
func (m *monitored) operations() int64 {
	_, operations := m.process.done(m.started, m.heard)
	return m.share(operations)
}

// discards returns the discarded operations, which operations includes.
func (m *monitored) discards() int64 {
	return min(m.operations(), m.count(m.process.spec.DiscardsPerSecond))
}

// conflicts returns a Replicat's conflicts, three out of four resolved.
func (m *monitored) conflicts() (detected, resolved, failed int64) {
	if m.process.spec.Type == Replicat {
		detected = m.count(m.process.spec.ConflictsPerSecond)
	}
	resolved = detected * 3 / 4
	return detected, resolved, detected - resolved
}

// progress returns how far the process has come in its trail or log, as far as the service knows.
func (m *monitored) progress() progress {
	if m.role == thread {
		return m.process.threadAt(m.part+1, m.heard)
	}
	return m.process.at(m.heard)
}
