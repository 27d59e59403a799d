package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

var (
	extractInflight = gauge("ogg_extract_inflight_transactions",
		"Transactions that the Extract has only partly read (mpoints/{p}/currentInflightTransactions).",
		"process", "process_type")
	extractOldestInflight = gauge("ogg_extract_oldest_inflight_transaction_timestamp_seconds",
		"When the oldest transaction that the Extract has only partly read began, in Unix time; no sample if there is none (mpoints/{p}/currentInflightTransactions: startTime).",
		"process", "process_type")
)

var transactionsMetrics = []*metric{extractInflight, extractOldestInflight}

func collectTransactions(to sink, p *ogg.Monitored, labels []string) {
	if open := p.Transactions; open != nil {
		to.sample(extractInflight, float64(open.Count), labels...)
		to.timestamp(extractOldestInflight, open.Oldest, labels...)
	}
}
