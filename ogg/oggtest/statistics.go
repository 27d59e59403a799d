package oggtest

import (
	"fmt"
	"time"
)

// statisticsPoints are the operations of a process, and its open transactions.
var statisticsPoints = []point{
	{name: "statisticsExtract", of: (*monitored).extracts, tell: (*monitored).statisticsExtract},
	{name: "statisticsReplicat", of: (*monitored).replicates, tell: (*monitored).statisticsReplicat},
	{name: "currentInflightTransactions", of: (*monitored).extracts, tell: (*monitored).inflightTransactions},
}

// statisticsExtract counts since the start of the process.
func (m *monitored) statisticsExtract() (object, *failure) {
	n := m.operations()
	return join(
		m.mapped(n),
		m.executed(n),
		object{
			{"totalRowFetchAttempts", number(n / 50)},
			{"totalRowFetchFailures", number(n / 5000)},
		},
		when(m.server.profile.points.metadataRecords, member{"totalMetadataRecords", number(min(n, int64(m.tables())) + n/50_000)}),
	), nil
}

// statisticsReplicat counts since the start of the process.
func (m *monitored) statisticsReplicat() (object, *failure) {
	n := m.operations()
	detected, resolved, failed := m.conflicts()
	return join(
		m.mapped(n),
		m.executed(n),
		object{
			{"totalConflictsDetected", number(detected)},
			{"totalConflictsResolved", number(resolved)},
			{"totalConflictsFailed", number(failed)},
			{"totalDeleteRowExists", number(detected / 8)},
			{"totalDeleteRowMissing", number(detected / 6)},
		},
	), nil
}

// mapped breaks operations down into parts that all grow with n.
func (m *monitored) mapped(n int64) object {
	return join(
		object{
			{"mappedTotalInserts", number(n * 55 / 100)},
			{"mappedTotalUpdates", number(n * 35 / 100)},
			{"mappedTotalDeletes", number(n * 10 / 100)},
		},
		when(m.server.profile.points.upserts,
			member{"mappedTotalUpserts", number(n / 400)},
			member{"mappedTotalUnsupported", number(n / 90_000)},
		),
		object{{"mappedTotalTruncates", number(n / 60_000)}},
	)
}

func (m *monitored) executed(n int64) object {
	discards := m.discards()
	return object{
		{"totalExecutedDdls", number(n / 40_000)},
		{"totalExecutedProcedures", number(n / 15_000)},
		{"totalDiscards", number(discards)},
		{"totalIgnores", number(n / 700)},
		{"totalConversionErrors", number(discards / 10)},
		{"totalConversionTruncates", number(discards / 15)},
	}
}

// inflightTransactions lists the open transactions in the database, oldest first.
func (m *monitored) inflightTransactions() (object, *failure) {
	spec := m.process.spec
	if spec.OpenTransactions <= 0 && m.server.spec.NoData != NoDataEmpty {
		return nil, noData
	}
	open := list{}
	age := m.process.spec.OldestTransaction
	if age == 0 {
		age = time.Hour
	}
	for i := range spec.OpenTransactions {
		began := m.process.oldest.Add(age / time.Duration(spec.OpenTransactions) * time.Duration(i))
		open = append(open, m.transaction(i, began))
	}
	return object{{"currentInflightTransactions", open}}, nil
}

func (m *monitored) transaction(n int, began time.Time) object {
	p := m.server.profile.points
	at := m.progress().scn - int64(m.heard.Sub(began).Seconds())*37
	scn := func(n int64) any {
		if p.numericSCN {
			return number(n)
		}
		return fmt.Sprintf("0.%d", n)
	}
	sequence, offset := redoPosition(m.process.bytesUntil(began))
	return join(
		object{
			{"xid", fmt.Sprintf("%d.%d.%d", 1+n%20, n%33, 1000+n)},
			{"extract", m.name},
			{"redoThread", number(1)},
			{"redoSeq", number(sequence)},
			{"redoRba", number(offset)},
			{"scn", scn(at)},
			{"size", number(1 + n*7)},
			{"startTime", began},
			{"status", "Running"},
		},
		when(p.logStream, member{"logStreamId", number(1)}),
		when(p.commitSCN,
			member{"commitScn", scn(0)},
			member{"zosLsn", ""},
			member{"flags", number(0)},
			member{"coUid", ""},
		),
	)
}
