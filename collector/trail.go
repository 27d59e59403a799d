package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

var (
	trailSequence = gauge("ogg_trail_sequence",
		"Sequence number of the trail file at which the trail begins (trails/{t}: sequence).",
		"trail").from("21.3")
	trailSequenceMin = gauge("ogg_trail_sequence_min",
		"Lowest sequence number of the trail files that exist in the deployment (trails/{t}: sequenceMin).",
		"trail").from("21.3")
	trailSequenceMax = gauge("ogg_trail_sequence_max",
		"Highest sequence number of the trail files that exist in the deployment (trails/{t}: sequenceMax).",
		"trail").from("21.3")
	trailSequenceMaxInUse = gauge("ogg_trail_sequence_max_in_use",
		"Highest sequence number of the trail files that are in use (trails/{t}: sequenceMaxInUse).",
		"trail").from("21.3")
	trailOffset = gauge("ogg_trail_offset_bytes",
		"Offset in the trail file (trails/{t}: offset).",
		"trail").from("21.3")
	trailSequenceMinInUse = gauge("ogg_trail_sequence_min_in_use",
		"Lowest sequence number of the trail files that are in use: those before it can be purged. Before 23ai only for trails that an Extract of the deployment writes (trails/{t} or exttrails: sequenceMinInUse).",
		"trail").from("21.3")
	trailSize = gauge("ogg_trail_size_bytes",
		"Size of all files of the trail. Before 23ai only for trails that an Extract of the deployment writes (trails/{t} or exttrails: spaceUsed). Exact up to 2^53.",
		"trail").from("21.3")
	trailFileMax = gauge("ogg_trail_file_max_bytes",
		"Size of a full file of the trail, 1 MB being 10^6 bytes. Before 23ai only for trails that an Extract of the deployment writes (trails/{t} or exttrails: sizeMB; mpoints/{p}/trailOutput: trailMaxBytes).",
		"trail")
	processTrailBacklog = gauge("ogg_process_trail_backlog_bytes",
		"Bytes from the place where the process reads the trail to the furthest place that the trail's Extract or receiver path reported to have written, every file before it counted as full. No sample if one of the two places or the size of a full file is unknown. The two are not read at the same moment: 0 if the process is ahead by less than a file, no sample if by more.",
		"process", "process_type", "trail")
	distributionPathTrailBacklog = gauge("ogg_distribution_path_trail_backlog_bytes",
		"Bytes from the place where the distribution path reads the trail to the furthest place that the trail's Extract or receiver path reported to have written, as in ogg_process_trail_backlog_bytes.",
		"path", "trail")
	trailRemote = gauge("ogg_trail_remote",
		"Whether the trail is remote rather than local (trails/{t}: remote).",
		"trail").from("21.3")
)

var trailCollector = Collector{
	Name: "trail", Help: "files and size of trails, and how far their readers are behind", Default: true, Role: "User",
	metrics: []*metric{
		trailSequence, trailSequenceMin, trailSequenceMax, trailSequenceMaxInUse, trailOffset, trailRemote,
		trailSequenceMinInUse, trailSize, trailFileMax, processTrailBacklog, distributionPathTrailBacklog,
	},
	collect: collectTrails,
}

func collectTrails(to sink, d *ogg.Deployment) {
	for _, t := range d.Trails {
		to.number(trailSequence, t.Sequence, d.Name, t.Trail)
		to.number(trailSequenceMin, t.SequenceMin, d.Name, t.Trail)
		to.number(trailSequenceMax, t.SequenceMax, d.Name, t.Trail)
		to.number(trailSequenceMaxInUse, t.SequenceMaxInUse, d.Name, t.Trail)
		to.number(trailOffset, t.Offset, d.Name, t.Trail)
		to.boolean(trailRemote, t.Remote, d.Name, t.Trail)
		to.number(trailSequenceMinInUse, t.SequenceMinInUse, d.Name, t.Trail)
		to.number(trailSize, t.Size, d.Name, t.Trail)
		to.number(trailFileMax, t.FileMax, d.Name, t.Trail)
	}
	collectBacklogs(to, d)
}

// collectBacklogs sends how far readers are behind. Of a process, the place that the Administration
// Service reports counts before that of Performance Metrics, as for its position.
func collectBacklogs(to sink, d *ogg.Deployment) {
	for _, p := range d.Processes {
		if p.Position != nil {
			to.number(processTrailBacklog, p.Position.Backlog, d.Name, p.Name, string(p.Type), p.Position.Trail)
		}
	}
	for _, p := range d.Monitored {
		if positionKnown(d, p) {
			continue
		}
		for _, t := range p.Trails {
			if !t.Output {
				to.number(processTrailBacklog, t.Backlog, d.Name, p.Name, p.Type, t.Trail)
			}
		}
	}
	for _, p := range d.DistributionPaths {
		for _, at := range p.Inputs {
			to.number(distributionPathTrailBacklog, at.Backlog, d.Name, p.Name, at.Trail)
		}
	}
}
