package collector

import (
	"flag"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// Update rewrites the golden files.
var Update = flag.Bool("update", false, "rewrite the golden files and METRICS.md")

// Export sends the samples of an installation, and fails if there are far too many.
func Export(inst *ogg.Installation, o Options, samples chan<- prometheus.Metric) error {
	made, _, err := exportTo(inst, o)
	made.send(samples)
	return err
}
