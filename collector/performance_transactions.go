package collector

import (
	"strconv"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

var (
	extractInflight = gauge("ogg_extract_inflight_transactions",
		"Transactions that the Extract has only partly read (mpoints/{p}/currentInflightTransactions).",
		"process", "process_type")
	extractOldestInflight = gauge("ogg_extract_oldest_inflight_transaction_timestamp_seconds",
		"When the oldest transaction that the Extract has only partly read began, in Unix time; no sample if there is none (mpoints/{p}/currentInflightTransactions: startTime).",
		"process", "process_type")
	extractOldestInflightLog = gauge("ogg_extract_oldest_inflight_transaction_redo_sequence",
		"Sequence number of the redo log in which the oldest transaction that the Extract has only partly read began, by the redo thread that wrote the log; no sample if there is none (mpoints/{p}/currentInflightTransactions: redoSeq, redoThread).",
		"process", "process_type", "thread")
)

var transactionsMetrics = []*metric{extractInflight, extractOldestInflight, extractOldestInflightLog}

func collectTransactions(to sink, p *ogg.Monitored, labels []string) {
	if open := p.Transactions; open != nil {
		to.sample(extractInflight, float64(open.Count), labels...)
		to.timestamp(extractOldestInflight, open.Oldest, labels...)
		to.number(extractOldestInflightLog, open.OldestLog, with(labels, numberLabel(open.OldestThread))...)
	}
}

// numberLabel returns the number, or an empty string if it is unknown.
func numberLabel(n wire.Number) string {
	v, known := n.Value()
	if !known {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
