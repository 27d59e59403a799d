package collector

import "slices"

// Of returns the name of the collector that a metric belongs to, "oci" for one of Oracle Cloud, and ""
// for one that every scrape has.
func Of(metricName string) string {
	has := func(metrics []*metric) bool {
		return slices.ContainsFunc(metrics, func(m *metric) bool { return m.name == metricName })
	}
	for _, c := range Collectors {
		if has(c.metrics) {
			return c.Name
		}
	}
	if has(ociFamilies.all) {
		return "oci"
	}
	return ""
}
