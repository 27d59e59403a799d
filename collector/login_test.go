package collector_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// TestAuthBlocked: whichever collectors are on, each service that is asked has a
// sample, including a Service Manager that cannot be read.
func TestAuthBlocked(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	north := &ogg.Deployment{Name: "north", Services: []*ogg.Service{
		{Name: "adminsrvr", LoginBlocked: &yes},
		{Name: "distsrvr", LoginBlocked: &no},
		{Name: "recvsrvr"},
	}}
	alone := &ogg.Deployment{Name: ogg.ServiceManager, Services: []*ogg.Service{{Name: ogg.ServiceManager, LoginBlocked: &yes}}}
	for name, c := range map[string]struct {
		inst ogg.Installation
		want string
	}{
		"read": {
			ogg.Installation{Deployments: []*ogg.Deployment{north}},
			`ogg_auth_blocked{deployment="north",microservice="adminsrvr",service_manager="gg"} 1
ogg_auth_blocked{deployment="north",microservice="distsrvr",service_manager="gg"} 0
`,
		},
		"refused": {
			ogg.Installation{Err: errors.New("401"), Deployments: []*ogg.Deployment{alone}},
			`ogg_auth_blocked{deployment="ServiceManager",microservice="ServiceManager",service_manager="gg"} 1
`,
		},
	} {
		c.inst.ServiceManager = "gg"
		for _, enabled := range [][]string{nil, allCollectors()} {
			got := expositionOf(t, exported{&c.inst, collector.Options{Enabled: enabled, MaxSeries: 1}})["ogg_auth_blocked"]
			if strings.Join(got, "") != c.want {
				t.Errorf("%s, with %v:\ngot  %s\nwant %s", name, enabled, got, c.want)
			}
		}
	}
}
