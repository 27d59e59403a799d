package collector

import (
	"slices"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/pipeline"
)

// hopLabels are those of the metrics of one hop of a pipeline.
var hopLabels = []string{"pipeline", "hop", "kind", "service_manager", "deployment", "name"}

// pipelineGauge describes a gauge of what is joined from the answers of several Service Managers: its
// first label is not the name of one.
func pipelineGauge(name, help string, labels ...string) *metric {
	return newMetric("gauge", prometheus.GaugeValue, name, help, labels)
}

var (
	pipelineUp = pipelineGauge("ogg_pipeline_up",
		"Whether every hop of the pipeline is running, from the Extract to the Replicat. No sample if none is known to be down but the state of one is not known.",
		"pipeline")
	pipelineLag = pipelineGauge("ogg_pipeline_lag_seconds",
		"How far the end of the pipeline is behind its source: the largest lag that any of its hops or heartbeats shows. It is a maximum, never a sum, because the lags of the hops overlap. The lag of a hop that is down, stuck or, as a process, without a checkpoint for a minute includes the time since; no sample while that time is not known.",
		"pipeline")
	pipelineWeakest = pipelineGauge("ogg_pipeline_weakest_hop",
		"The hop of the pipeline to look at first, and the reason: down, stuck, backlog, lag or unknown. No sample while all is well.",
		slices.Concat(hopLabels, []string{"reason"})...).asInfo()
	pipelineHopUp = pipelineGauge("ogg_pipeline_hop_up",
		"Whether the hop is running. A hop is a process or a path; hop 1 is where the pipeline begins. No sample if its state is not known.",
		hopLabels...)
	pipelineHopLag = pipelineGauge("ogg_pipeline_hop_lag_seconds",
		"Lag of the hop as GoldenGate reports it. If the hop is down, stuck or, as a process, without a checkpoint for a minute, it includes the time since. The lags of the hops overlap, so they do not add up.",
		hopLabels...)
	pipelineHopBacklog = pipelineGauge("ogg_pipeline_hop_backlog_bytes",
		"Bytes of the trail that the hop has not read yet. No sample for a hop that reads no trail.",
		hopLabels...)
	pipelineInfo = pipelineGauge("ogg_pipeline_info",
		"The ends of the pipeline and the number of its hops. If complete is false, the pipeline begins or ends outside of what the exporter reads.",
		"pipeline", "source_service_manager", "source_deployment", "extract", "target_service_manager", "target_deployment", "replicat", "hops", "complete").asInfo()
	pipelineUnjoined = pipelineGauge("ogg_pipeline_unjoined",
		"A process or path whose neighbor cannot be determined, and the reason: host (no Service Manager is known by that host; see the key aliases), ambiguous (it may be one of several) or unread (the neighbor could not be read).",
		"service_manager", "deployment", "kind", "name", "reason").asInfo()
	pipelineEdge = pipelineGauge("ogg_pipeline_edge_info",
		"A connection from one process, path or trail to the next, for a node graph panel of Grafana: source and target are identifiers of nodes, and kind is that of the target.",
		"id", "source", "target", "kind", "trail").asInfo()
	pipelineDropped = pipelineGauge("ogg_pipeline_dropped",
		"Pipelines that have no samples because there are more than --collector.pipeline.max, 0 if none.")
	pipelineSeriesDropped = pipelineGauge("ogg_pipeline_series_dropped",
		"Series of pipelines that this scrape dropped to stay within --scrape.max-series, 0 if none.")
)

var pipelineCollector = Collector{
	Name: Pipeline, Help: "pipelines from an Extract to a Replicat: state, lag and weakest hop", Default: true, Role: "User",
	metrics: []*metric{
		pipelineUp, pipelineLag, pipelineWeakest, pipelineHopUp, pipelineHopLag, pipelineDropped, pipelineSeriesDropped,
		pipelineInfo, pipelineHopBacklog, pipelineUnjoined, pipelineEdge,
	},
}

// Pipeline is the name of the Collector that makes its samples of all installations together, and
// reads nothing itself.
const Pipeline = "pipeline"

func collectPipelines(to sink, g *pipeline.Graph) {
	for _, p := range g.Pipelines {
		collectPipeline(to.of(p.ID), p)
	}
	for _, u := range g.Unjoined {
		to.of(u.ServiceManager).sample(pipelineUnjoined, 1, u.Deployment, u.Kind, u.Name, u.Reason)
	}
	for _, e := range g.Edges {
		to.of(e.ID).sample(pipelineEdge, 1, e.From, e.To, e.Kind, e.Trail)
	}
}

func collectPipeline(to sink, p *pipeline.Pipeline) {
	to.boolean(pipelineUp, p.Up)
	to.number(pipelineLag, p.Lag)
	to.sample(pipelineInfo, 1,
		p.First.ServiceManager, p.First.Deployment, nameOf(p.First, ogg.Extract),
		p.Last.ServiceManager, p.Last.Deployment, nameOf(p.Last, ogg.Replicat),
		strconv.Itoa(len(p.Hops)), strconv.FormatBool(p.Complete))
	for i, h := range p.Hops {
		labels := hop(i, h)
		to.boolean(pipelineHopUp, h.Up, labels...)
		to.number(pipelineHopLag, h.Effective, labels...)
		to.number(pipelineHopBacklog, h.Backlog, labels...)
	}
	if w := p.Weakest; w != nil {
		to.sample(pipelineWeakest, 1, with(hop(w.Hop, p.Hops[w.Hop]), w.Reason)...)
	}
}

// hop returns the labels of a hop after that of its pipeline.
func hop(i int, h pipeline.Hop) []string {
	return []string{strconv.Itoa(i + 1), h.Kind, h.ServiceManager, h.Deployment, h.Name}
}

// nameOf returns the name of a place if it is of that kind.
func nameOf(p pipeline.Place, kind ogg.ProcessType) string {
	if p.Kind == string(kind) {
		return p.Name
	}
	return ""
}
