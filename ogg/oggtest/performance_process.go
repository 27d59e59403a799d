package oggtest

import "time"

// processPoints are the points of all processes and services.
var processPoints = []point{
	{name: "process", of: (*monitored).any, tell: func(m *monitored) (object, *failure) { return m.entry(), nil }},
	{name: "processPerformance", of: (*monitored).any, tell: (*monitored).processPerformance},
	{name: "cacheStatistics", of: (*monitored).moves, tell: (*monitored).cacheStatistics},
}

// servicePoints are the points of services only.
var servicePoints = []point{
	{
		name: "serviceHealth", has: func(p *profile) bool { return p.points.serviceHealth },
		of: func(m *monitored) bool { return m.service != nil }, tell: (*monitored).serviceHealth,
	},
	{name: "pmsrvrStats", of: func(m *monitored) bool { return m.kind == "PMServer" }, tell: (*monitored).pmsrvrStats},
}

func (m *monitored) any() bool { return true }

// moves reports whether this is an Extract or Replicat, or a thread of one.
func (m *monitored) moves() bool {
	return m.process != nil && (m.role == whole || m.role == thread)
}

func (m *monitored) extracts() bool { return m.moves() && m.process.spec.Type == Extract }

func (m *monitored) replicates() bool { return m.moves() && m.process.spec.Type == Replicat }

// processPerformance depends only on the seed and the time alive, except for the bytes of trail.
func (m *monitored) processPerformance() (object, *failure) {
	alive := m.alive()
	user, kernel := alive.Microseconds()*(20+m.spread(180))/1000, alive.Microseconds()*(5+m.spread(25))/1000
	memory := 48<<20 + m.spread(200)<<20
	breath := (16 << 20) * (alive % (10 * time.Minute)).Milliseconds() / (10 * time.Minute).Milliseconds()
	read, written := m.processBytes()
	return object{
		{"processId", m.pid()},
		{"processStartTime", number(m.started.UnixMilli())},
		{"cpuTimeUs", number(user + kernel)},
		{"kernelTimeUs", number(kernel)},
		{"userTimeUs", number(user)},
		{"workingSetSize", number(memory + breath)},
		{"peakWorkingSetSize", number(memory + min(16<<20, m.alive().Milliseconds()*28))},
		{"privateBytes", number(memory*3/2 + breath)},
		{"threadCount", number(6 + m.spread(20))},
		{"handleCount", number(30 + m.spread(90))},
		{"pageFaults", m.each(5 * time.Second)},
		{"ioReadBytes", number(read)},
		{"ioWriteBytes", number(written)},
		{"ioOtherBytes", m.each(time.Second) * 96},
		{"ioReadCount", number(read / 16_384)},
		{"ioWriteCount", number(written / 32_768)},
		{"ioOtherCount", m.each(time.Second) * 3},
	}, nil
}

// processBytes returns how much was read and written since the start.
func (m *monitored) processBytes() (read, written int64) {
	if m.process == nil {
		return int64(m.each(time.Second)) * 700, int64(m.each(time.Second)) * 300
	}
	n := m.bytes()
	return n + int64(m.each(time.Second))*128, n*9/10 + int64(m.each(time.Second))*64
}

// cacheStatistics covers the cache of uncommitted transactions.
func (m *monitored) cacheStatistics() (object, *failure) {
	objects := m.operations() / 10
	open := int64(0)
	if m.process.spec.Type == Extract {
		open = int64(m.process.spec.OpenTransactions)
	}
	queue := objects / 4
	spilled := m.bytes() / 200
	return object{
		{"averageMemoryUsage", number(1<<20 + m.spread(4<<20))},
		{"maxMemoryUsage", number(32<<20 + m.spread(96<<20))},
		{"maxActiveObjects", number(8 + open)},
		{"maxNumberOfQEntries", number(40 + m.spread(100))},
		{"maxProcessed", number(20 + m.spread(20))},
		{"maxQlength", number(10 + m.spread(10))},
		{"totalObjectsInCache", number(open + int64(m.worked/time.Second)%7)},
		{"totalObjectsActive", number(open)},
		{"totalObjectsInFileCache", number(open / 10)},
		{"totalNumberOfQEntries", number(int64(m.worked/time.Second) % 40)},
		{"totalFileCacheEntries", number(open / 10)},
		{"totalObjects", number(objects)},
		{"totalObjectsCommitted", number(max(0, objects-open))},
		{"timesBufferOverflowed", number(objects / 5000)},
		{"timesCacheFlushed", number(objects / 8000)},
		{"timesFileCacheNotNeeded", number(objects / 3)},
		{"timesGetLastFromFile", number(objects / 9000)},
		{"timesGetNextFromFile", number(objects / 7000)},
		{"timesRequestorNeededFc", number(objects / 9500)},
		{"timesRetrieved", number(objects)},
		{"timesSmallBuffForcedOut", number(objects / 20_000)},
		{"timesWaitSignaled", number(objects / 50)},
		{"totalNumberOfQHits", number(queue * 3 / 4)},
		{"totalNumberOfQMisses", number(queue / 4)},
		{"totalNumberOfQPuts", number(queue)},
		{"totalNumberOfQTries", number(queue)},
		{"totalMunmap", number(objects / 400)},
		{"totalCnnblAttempts", number(objects / 600)},
		{"totalCnnblSuccess", number(objects / 700)},
		{"totalCnnblMbufs", number(objects / 800)},
		{"totalFileCacheRequests", number(objects / 900)},
		{"totalFileCachePlaced", number(objects / 1000)},
		{"totalFileCacheBytesToDisk", number(spilled)},
	}, nil
}

// serviceHealth returns the service's config/health as numbers (since 23ai).
func (m *monitored) serviceHealth() (object, *failure) {
	asked := *m.exchange
	asked.svc = m.service
	critical, healthy := asked.critical()
	var good number
	for _, c := range critical {
		for _, of := range c.(object) {
			if of.name == "healthy" && of.value == true {
				good++
			}
		}
	}
	return object{
		{"isHealthy", healthy && !m.service.spec.Unhealthy},
		{"criticalResourcesHealthy", good},
		{"criticalResourcesUnhealthy", number(len(critical)) - good},
	}, nil
}

// pmsrvrStats returns what the Performance Metrics Service received: one packet per second from
// each of the others.
func (m *monitored) pmsrvrStats() (object, *failure) {
	p := m.server.profile.points
	sent := m.each(time.Second) * number(len(m.dep.processes)+len(m.dep.services))
	lost := min(sent, number(m.service.spec.LostPackets*m.worked.Seconds()))
	return object{
		{"dataStoreType", p.dataStore},
		{"packetsReceived", sent - lost},
		{"bytesReceived", (sent - lost) * 800},
		{"invalidPackets", lost / 20},
		{"missingPackets", lost},
		{"receiveErrors", lost / 50},
		{"sequenceErrors", lost / 10},
		{"minPacketSize", number(64)},
		{"maxPacketSize", number(32_767)},
		{"udpPort", m.port() + 1},
		{p.buffer, number(1 << 20)},
	}, nil
}
