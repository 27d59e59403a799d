package oggtest

import (
	"math"
	"time"
)

// replicatPoints are the points of parallel and coordinated Replicats.
var replicatPoints = []point{
	{
		name: "parallelReplicat", tell: (*monitored).parallelReplicat,
		of: func(m *monitored) bool { return m.replicates() && m.process.spec.parallel() },
	},
	{
		name: "coordinationReplicat", tell: (*monitored).coordinationReplicat,
		of: func(m *monitored) bool { return m.replicates() && m.process.spec.Mode == Coordinated },
	},
}

// parallelReplicat counts transactions and what prevents them from being applied in parallel, in 32
// bits. 19c removed some members and added others.
func (m *monitored) parallelReplicat() (object, *failure) {
	n := m.operations()
	of := func(every int64) number { return number(min(math.MaxInt32, n/every)) }
	common := object{
		{"totalTransactions", of(10)},
		{"largeTransactions", of(12_000)},
		{"ddlOperations", of(40_000)},
		{"errors", number(min(math.MaxInt32, m.discards()))},
		{"events", of(90_000)},
		{"metadataChanges", of(30_000)},
		{"replicatedProcedures", of(15_000)},
	}
	if !m.server.profile.points.appliers {
		return append(common, object{
			{"storedProcedures", of(16_000)},
			{"datatypeFunctionality", of(70_000)},
			{"fallbacks", of(80_000)},
		}...), nil
	}
	return append(common, object{
		{"activeAppliers", number(max(1, m.process.spec.appliers()))},
		{"largeAverageRows", number(12_000 + m.spread(4000))},
		{"largeAverageChunks", number(3)},
		{"splitAverageRows", number(50_000)},
		{"splitAverageChunks", number(6)},
		{"fkParentRowDeletes", of(25_000)},
		{"maxSchedulingConst", of(35_000)},
		{"missingDepColumns", of(65_000)},
		{"nonNativeSupport", of(75_000)},
		{"sequenceOperations", of(20_000)},
		{"serializeTransactions", of(5000)},
	}...), nil
}

// coordinationReplicat covers a coordinated Replicat, or one of its threads.
func (m *monitored) coordinationReplicat() (object, *failure) {
	n := m.operations()
	slowest, fastest := m.process.at(m.heard), m.process.threadAt(1, m.heard)
	return object{
		{"isReplicatCoordinator", m.role == whole},
		{"maxthreads", number(m.process.threads())},
		{"threadLagGap", number((slowest.lag - fastest.lag) / time.Second)},
		{"averageCoordinationTime", number(1 + m.spread(3))},
		{"totalDdls", number(n / 40_000)},
		{"totalPkUpdates", number(n / 2000)},
		{"totalEventactions", number(n / 90_000)},
		{"totalUserDefinedBarriers", number(n / 60_000)},
	}, nil
}
