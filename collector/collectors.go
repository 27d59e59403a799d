package collector

import "slices"

// Collectors lists every collector, the most important first: when there are too many
// series, the last collectors lose theirs first, and within a collector the last of its
// metrics. METRICS.md has the same order.
var Collectors = []Collector{
	deploymentCollector,
	serviceCollector,
	processCollector,
	distributionPathCollector,
	receiverPathCollector,
	expectCollector,
	dataStreamCollector,
	definitionCollector,
	messageCollector,
	taskCollector,
	checkpointCollector,
	certificateCollector,
	heartbeatCollector,
	trailCollector,
	performanceCollector,
	workerCollector,
	tableCollector,
	pipelineCollector,
}

// sources lists what is read for metrics that the bound on series can leave out. While all of
// a source's metrics are left out, it is not read.
var sources = []source{
	{reads: []string{"definition"}, metrics: definitionCollector.metrics, shared: []*metric{pmProcessInfo, processUnexpected}},
	{reads: []string{"message"}, metrics: messageCollector.metrics},
	{reads: []string{"task"}, metrics: taskCollector.metrics},
	{reads: []string{"checkpoint"}, metrics: checkpointCollector.metrics},
	{reads: []string{"certificate"}, metrics: certificateCollector.metrics},
	{reads: []string{"trail"}, metrics: trailCollector.metrics},
	{reads: []string{"worker"}, metrics: workerCollector.metrics},
	{reads: []string{"table"}, metrics: tableCollector.metrics},
	{reads: []string{"serviceHealth", "pmsrvrStats"}, metrics: pmServiceMetrics},
	{reads: []string{"currentInflightTransactions"}, metrics: transactionsMetrics},
	{reads: []string{"statisticsExtract", "statisticsReplicat"}, metrics: statisticsMetrics},
	{reads: []string{"trailInput", "trailOutput"}, metrics: slices.Concat([]*metric{processTrailIOBytes, processTrailReadErrors, processTrailEnds}, trailDetailMetrics), shared: []*metric{processTrailSequence, processTrailOffset}},
	{reads: []string{"parallelReplicat", "coordinationReplicat"}, metrics: replicatMetrics},
	{reads: []string{"processPerformance"}, metrics: usageMetrics},
	{reads: []string{"cacheStatistics"}, metrics: cacheMetrics},
}

// always lists the metrics that no flag switches off and no bound on series leaves out.
var always = []*metric{up, authBlocked, scrapeSuccess, scrapeDuration, seriesDropped, apiRequests, apiRetries, apiHung, apiDuration}

// ociParts lists the resources of Oracle Cloud, the most important first.
var ociParts = []ociPart{ociDeploymentPart, ociPipelinePart, ociBackupPart, ociConnectionPart}

// ociOwn lists the metrics of the refresh itself.
var ociOwn = []*metric{ociUp, ociLastSuccess, ociRefreshDuration, ociClockSkew, ociReadSuccess, ociReadDuration, ociRequests, ociSeriesDropped}

// The families of a Service Manager, of an entry of oci, and of the pipelines.
var (
	oggFamilies      = familiesOf(oggMetrics(), len(always))
	ociFamilies      = familiesOf(ociMetrics(), 0)
	pipelineFamilies = familiesOf(pipelineCollector.metrics, 0)
)

func oggMetrics() []*metric {
	all := slices.Clone(always)
	for _, c := range Collectors {
		if c.collect != nil {
			all = append(all, c.metrics...)
		}
	}
	return all
}

func ociMetrics() []*metric {
	all := slices.Clone(ociOwn)
	for _, p := range ociParts {
		all = append(all, p.metrics...)
	}
	return all
}
