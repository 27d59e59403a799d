package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

var (
	tableOperations = counter("ogg_table_operations_total",
		"Operations of the process on the table since it started, by kind; those on tables beyond the cap are summed as the table _other (mpoints/{p}/statisticsTableExtract or statisticsTableReplicat: mappedTotal...).",
		"process", "process_type", "table", "operation")
	tableDropped = gauge("ogg_table_dropped",
		"Tables of the process that have no series of their own and are summed as the table _other.",
		"process", "process_type")
)

var tableCollector = Collector{
	Name: "table", Help: "operations of Extracts and Replicats by table", Default: false, Role: "User",
	metrics: []*metric{tableDropped, tableOperations},
	collect: collectTables,
}

func collectTables(to sink, d *ogg.Deployment) {
	for _, of := range d.Tables {
		labels := []string{d.Name, of.Process, of.Type}
		for _, t := range of.Tables {
			collectOperations(to, tableOperations, t.Operations, of.Started, with(labels, t.Name))
		}
		to.sample(tableDropped, float64(of.Dropped), labels...)
	}
}
