package collector_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// TestReleasesAgree compares the golden file of each release with that of the newest:
// the same installation has to give the same samples, except for what a release does
// not report.
func TestReleasesAgree(t *testing.T) {
	t.Parallel()
	type difference struct {
		lines   string // regular expression
		because string
	}
	family := func(names, because string) difference {
		return difference{`^(# (HELP|TYPE) )?(` + names + `)\b`, because}
	}
	version := difference{`^ogg_deployment_info\{`, "each release has its own version"}
	plugin := difference{`microservice="pluginsrvr"`, "pluginsrvr came with 23.8"}
	requests := difference{`^ogg_api_request`, "a missing route is asked once, in the first scrape, and some routes take more requests"}
	// Not before 23ai.
	workers := difference{`^(# (HELP|TYPE) ogg_replicat_worker_|ogg_(process_info\{.*parent="REPRUN"|replicat_worker.*process="REPRUN"))`, "workers of parallel Replicats are listed from 23ai on"}
	lcr := family("ogg_process_lcr_heartbeat_(lag|age)_seconds", "heartbeats are in the list of processes from 23ai on")
	watermarks := family("ogg_replicat_(low|high)_watermark_lag_seconds", "watermarks are reported from 23ai on")
	atEnd := family("ogg_process_at_end_of_file", "positionEr has endOfFile from 23ai on")
	metadata := family("ogg_extract_metadata_records_total", "metadata records are counted from 23ai on")
	health := family("ogg_service_critical_resources", "only some releases have serviceHealth")
	receiverCounters := family("ogg_receiver_path_(bytes_total|messages_total|written_bytes_total|last_data_timestamp_seconds|last_command_timestamp_seconds|wait_seconds_total|io_operations_total|commands_total)", "before 23ai the figures do not say which path they belong to")
	streams := family("ogg_data_stream_[a-z_]+", "data streams came with 23ai")
	noStreams := difference{`^ogg_scrape_collector_.*collector="data_stream"`, "there is nothing to read"}
	// Not before 21.3.
	trails := family("ogg_trail_(sequence|sequence_min|sequence_max|sequence_max_in_use|sequence_min_in_use|offset_bytes|remote|size_bytes)", "trails came with 21.3")
	// Not before 23ai.
	sizes := family("ogg_trail_(sequence_min_in_use|size_bytes|file_max_bytes)", "before 23ai these are reported only of the trails of Extracts")
	received := difference{`^ogg_receiver_path_info\{`, "target_initiated of a receiver path is reported from 23ai on"}
	heartbeats := family("ogg_heartbeat_(lag|age)_seconds", "the heartbeat point came with 21.3")
	certificates := family("ogg_certificate_not_after_timestamp_seconds", "certificates came with 21.3")
	initiated := difference{`^ogg_distribution_path_info\{`, "target_initiated is reported from 21.3 on"}
	notRead := difference{`^ogg_scrape_collector_.*collector="(heartbeat|certificate)"`, "there is nothing to read"}
	// Not before 21c and 19c.
	parameters := difference{`^ogg_process_config_info\{`, "trails, which the parameters of Extracts name, have longer names from 23ai on"}
	managed := family("ogg_process_(critical|autostart_enabled|autorestart_enabled)", "processes have managed settings from 19c on")
	locked := family("ogg_service_locked", "locked is reported from 21c on")
	upserts := difference{`_operations_total\{.*operation="(upsert|unsupported)"`, "upserts and unsupported operations are counted from 19c on"}
	expected := map[oggtest.Release][]difference{
		oggtest.Release12c: {
			version, plugin, requests, workers, lcr, watermarks, atEnd, metadata, health, receiverCounters, streams, noStreams,
			trails, sizes, heartbeats, certificates, initiated, notRead, locked, upserts, managed, parameters,
			{`^ogg_deployment_status\{deployment="west",.*status="(abended|stopped)"`, "12.3 has no state abended for a deployment"},
			{`^ogg_scrape_collector_.*collector="service",deployment="(east|west)"`, "the services of a stopped deployment are read too in releases that list them by deployment"},
			{`^ogg_process_info\{.*mode="(not applicable|unknown)"`, "12.3 says Unknown for the mode of a service"},
			family("ogg_receiver_path_(info|lag_seconds|lag_age_seconds|start_time_seconds|checkpoint_[a-z_]+)", "receiver paths report details from 19c on"),
			{`^ogg_receiver_path_unexpected_state\{.*path="ENDED"`, "receiver paths report when they started from 19c on, and it was not seen running"},
			family("ogg_replicat_active_appliers", "appliers are counted from 19c on"),
			family("ogg_replicat_(serializations_total|(large|split)_average_(rows|chunks))", "reported from 19c on"),
			{`^ogg_replicat_(barriers_total\{.*reason="sequence"|transactions_total\{.*kind="serialized")`, "counted from 19c on"},
		},
		oggtest.Release19c: {
			version, plugin, requests, workers, lcr, watermarks, atEnd, metadata, health, receiverCounters, streams, noStreams,
			trails, sizes, heartbeats, certificates, initiated, received, notRead, locked, parameters,
		},
		oggtest.Release21c: {version, plugin, requests, workers, lcr, watermarks, atEnd, metadata, health, receiverCounters, streams, noStreams, parameters, sizes, received},
		oggtest.Release23ai: {
			version,
			family("ogg_data_stream_(lag|start_time)_seconds", "Performance Metrics lists data streams from 26ai on"),
			family("ogg_data_stream_(lcrs|operations|network_bytes|network_messages|wait_seconds)_total", "Performance Metrics lists data streams from 26ai on"),
		},
	}
	newest := golden(t, oggtest.Release26ai)
	for release, differences := range expected {
		t.Run(string(release), func(t *testing.T) {
			met := make([]bool, len(differences))
			for line := range strings.Lines(diffLines(newest, golden(t, release))) {
				explained := false
				for i, d := range differences {
					if regexp.MustCompile(d.lines).MatchString(line[1:]) {
						met[i], explained = true, true
					}
				}
				if !explained {
					t.Errorf("unexplained difference from %s: %s", oggtest.Release26ai, line)
				}
			}
			for i, d := range differences {
				if !met[i] {
					t.Errorf("no difference because %s", d.because)
				}
			}
		})
	}
}

// golden returns the golden exposition of a release.
func golden(t testing.TB, release oggtest.Release) string {
	t.Helper()
	text, err := os.ReadFile("testdata/exposition/" + string(release) + ".prom")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
