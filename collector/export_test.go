package collector

import "flag"

// Update rewrites the golden files.
var Update = flag.Bool("update", false, "rewrite the golden files and METRICS.md")

// The limits of places.
const (
	PollsAtOnce  = pollsAtOnce
	Silence      = silence
	LongestPlace = mostSilences * silence
)
