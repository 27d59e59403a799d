package collector

import "github.com/ogg-exporter/ogg_exporter/oci"

var ociConnections = connectionsByState("ogg_oci_connections",
	"Connections in each lifecycle state. No sample if the connections of any compartment could not be listed (GET /connections: lifecycleState).",
	[]string{"creating", "updating", "active", "deleting", "failed", "needs_attention"})

// connectionsByState describes a gauge with a count for each state.
func connectionsByState(name, help string, states []string) *metric {
	m := ociGauge(name, help, "status").asStates(states)
	m.typ = "gauge"
	return m
}

var ociConnectionPart = ociPart{
	name: oci.PartConnections, title: "connections",
	policy:  "`inspect goldengate-connections`",
	metrics: []*metric{ociConnections},
	collect: collectOCIConnections,
}

func collectOCIConnections(to sink, inv *oci.Inventory) {
	if inv.Connections == nil {
		return
	}
	unknown := 0
	for _, n := range inv.Connections {
		unknown += n
	}
	for _, state := range ociConnections.states {
		n := inv.Connections[state]
		if unknown -= n; state == unknownState { // the last one gets the rest
			n += unknown
		}
		to.sample(ociConnections, float64(n), state)
	}
}
