package collector_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// exported is a prometheus.Collector that exports a snapshot.
type exported struct {
	inst    *ogg.Installation
	options collector.Options
}

// Describe implements prometheus.Collector, as an unchecked one.
func (exported) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (e exported) Collect(samples chan<- prometheus.Metric) {
	_ = collector.Export(e.inst, e.options, samples)
}

// TestSnapshots exports snapshots with gaps: what is unknown has no sample.
func TestSnapshots(t *testing.T) {
	t.Parallel()
	yes, moment := true, wire.Timestamp{Time: time.Unix(1_800_000_000, 0)}
	for name, c := range map[string]struct {
		d    *ogg.Deployment
		want string
	}{
		"trail": {
			&ogg.Deployment{Trails: []*ogg.Trail{
				{
					TrailPosition: ogg.TrailPosition{Trail: "north/ea", Sequence: wire.NumberOf(1), Offset: wire.NumberOf(5)},
					SequenceMin:   wire.NumberOf(2), SequenceMax: wire.NumberOf(4), SequenceMaxInUse: wire.NumberOf(3), Remote: &yes,
				},
				{TrailPosition: ogg.TrailPosition{Trail: "eb"}, SequenceMax: wire.NumberOf(0)},
			}},
			`ogg_trail_offset_bytes{deployment="north",service_manager="gg",trail="north/ea"} 5
ogg_trail_remote{deployment="north",service_manager="gg",trail="north/ea"} 1
ogg_trail_sequence_max_in_use{deployment="north",service_manager="gg",trail="north/ea"} 3
ogg_trail_sequence_max{deployment="north",service_manager="gg",trail="eb"} 0
ogg_trail_sequence_max{deployment="north",service_manager="gg",trail="north/ea"} 4
ogg_trail_sequence_min{deployment="north",service_manager="gg",trail="north/ea"} 2
ogg_trail_sequence{deployment="north",service_manager="gg",trail="north/ea"} 1`,
		},
		"heartbeat": {
			&ogg.Deployment{
				Heartbeats: []*ogg.Heartbeat{
					{Process: "DISTSRVR", Type: "distserver", Name: "PATH", Lag: wire.NumberOf(3.175), Age: wire.NumberOf(25)},
					{Process: "EXT1", Type: "extract", Name: "EXT1"},
				},
				TableHeartbeats: []*ogg.TableHeartbeat{{Process: "REP1", Path: "EXT1 ==> REP1", Lag: wire.NumberOf(.5), Read: moment}},
			},
			`ogg_heartbeat_age_seconds{deployment="north",name="PATH",process="DISTSRVR",process_type="distserver",service_manager="gg"} 25
ogg_heartbeat_lag_seconds{deployment="north",name="PATH",process="DISTSRVR",process_type="distserver",service_manager="gg"} 3.175
ogg_heartbeat_table_lag_seconds{deployment="north",heartbeat_path="EXT1 ==> REP1",process="REP1",service_manager="gg"} 0.5
ogg_heartbeat_table_read_timestamp_seconds{deployment="north",heartbeat_path="EXT1 ==> REP1",process="REP1",service_manager="gg"} 1.8e+09`,
		},
		"certificate": {
			&ogg.Deployment{Certificates: []*ogg.Certificate{{Type: "server", Name: "default", NotAfter: moment}}},
			`ogg_certificate_not_after_timestamp_seconds{certificate="default",certificate_type="server",deployment="north",service_manager="gg"} 1.8e+09`,
		},
	} {
		c.d.Name = "north"
		inst := &ogg.Installation{ServiceManager: "gg", Deployments: []*ogg.Deployment{c.d}}
		text := gather(t, exported{inst, collector.Options{Enabled: []string{name}}})
		lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(text), "\n"), func(line string) bool {
			return strings.HasPrefix(line, "#") || strings.HasPrefix(line, "ogg_up{") || strings.HasPrefix(line, "ogg_scrape_series_dropped{")
		})
		slices.Sort(lines)
		want := strings.Split(c.want, "\n")
		slices.Sort(want)
		if !slices.Equal(lines, want) {
			t.Errorf("%s:\ngot  %s\nwant %s", name, strings.Join(lines, "\n     "), strings.Join(want, "\n     "))
		}
	}
}
