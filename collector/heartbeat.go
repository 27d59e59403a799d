package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

var (
	heartbeatLag = gauge("ogg_heartbeat_lag_seconds",
		"Lag of the last heartbeat record that passed through the Extract, Replicat or distribution path in the label name; process is the one that reports it. Cumulative: it counts from the source database up to that point, so do not add the lags along a pipeline (mpoints/{p}/heartbeat: heartbeatLag).",
		"process", "process_type", "name").from("21.3")
	heartbeatAge = gauge("ogg_heartbeat_age_seconds",
		"Time since that heartbeat record passed through (mpoints/{p}/heartbeat: heartbeatAge).",
		"process", "process_type", "name").from("21.3")
	heartbeatTableLag = gauge("ogg_heartbeat_table_lag_seconds",
		"Lag of the newest heartbeat from that path in the database's heartbeat table, as of ogg_heartbeat_table_read_timestamp_seconds; only with --collector.heartbeat.table (connections/{c}/tables/heartbeat/{p}: lagSeconds).",
		"process", "heartbeat_path").from("19c")
	heartbeatTableAge = gauge("ogg_heartbeat_table_age_seconds",
		"Age of that heartbeat, as of ogg_heartbeat_table_read_timestamp_seconds; only with --collector.heartbeat.table (connections/{c}/tables/heartbeat/{p}: ageSeconds).",
		"process", "heartbeat_path").from("19c")
	heartbeatTableRead = gauge("ogg_heartbeat_table_read_timestamp_seconds",
		"When the heartbeat table was last read, in Unix time. Its figures do not change between reads; only with --collector.heartbeat.table.",
		"process", "heartbeat_path").from("19c")
)

var heartbeatCollector = Collector{
	Name: "heartbeat", Help: "lag and age of heartbeat records", Default: true, Role: "User",
	metrics: []*metric{heartbeatLag, heartbeatAge, heartbeatTableLag, heartbeatTableAge, heartbeatTableRead},
	collect: collectHeartbeats,
}

func collectHeartbeats(to sink, d *ogg.Deployment) {
	for _, h := range d.Heartbeats {
		to.number(heartbeatLag, h.Lag, d.Name, h.Process, h.Type, h.Name)
		to.number(heartbeatAge, h.Age, d.Name, h.Process, h.Type, h.Name)
	}
	for _, h := range d.TableHeartbeats {
		to.number(heartbeatTableLag, h.Lag, d.Name, h.Process, h.Path)
		to.number(heartbeatTableAge, h.Age, d.Name, h.Process, h.Path)
		to.timestamp(heartbeatTableRead, h.Read, d.Name, h.Process, h.Path)
	}
}
