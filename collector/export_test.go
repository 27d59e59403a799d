package collector

import "flag"

// Update is whether to write the golden files anew.
var Update = flag.Bool("update", false, "write the golden files and METRICS.md anew")
