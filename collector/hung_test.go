package collector_test

import (
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// TestHung: requests that hang show even if none to the service has ever ended.
func TestHung(t *testing.T) {
	t.Parallel()
	inst := &ogg.Installation{ServiceManager: "gg", Requests: []ogg.RequestStats{
		{Microservice: "adminsrvr", Count: 3, SparseZeros: 3}, {Microservice: "distsrvr", Hung: 2}, {Microservice: "recvsrvr"},
	}}
	const want = `ogg_api_requests_hung{microservice="adminsrvr",service_manager="gg"} 0
ogg_api_requests_hung{microservice="distsrvr",service_manager="gg"} 2
`
	if got := expositionOf(t, exported{inst, collector.Options{MaxSeries: 1}})["ogg_api_requests_hung"]; strings.Join(got, "") != want {
		t.Errorf("got %s", got)
	}
}
