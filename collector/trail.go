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
	trailRemote = gauge("ogg_trail_remote",
		"Whether the trail is remote rather than local (trails/{t}: remote).",
		"trail").from("21.3")
)

var trailCollector = Collector{
	Name: "trail", Help: "sequence bounds of trails", Default: true, Role: "User",
	metrics: []*metric{
		trailSequence, trailSequenceMin, trailSequenceMax, trailSequenceMaxInUse, trailOffset, trailRemote,
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
	}
}
