package e2e

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// providers lists the metrics that are on by default by the object of the demo that shows
// each of them, which is given by a label of its samples.
var providers = map[string][]string{
	`process="EXTORD"`: {
		"ogg_process_up",
		"ogg_process_status",
		"ogg_process_lag_seconds",
		"ogg_process_lag_age_seconds",
		"ogg_process_start_time_seconds",
		"ogg_process_unexpected_state",
		"ogg_process_kind",
		"ogg_process_critical",
		"ogg_process_autostart_enabled",
		"ogg_process_autorestart_enabled",
		"ogg_process_config_info",
		"ogg_process_trail_sequence",
		"ogg_process_trail_offset_bytes",
		"ogg_pm_process_status",
		"ogg_process_info",
		"ogg_process_state_change_timestamp_seconds",
		"ogg_process_last_heartbeat_timestamp_seconds",
		"ogg_process_lcr_heartbeat_lag_seconds",
		"ogg_process_lcr_heartbeat_age_seconds",
		"ogg_process_cpu_seconds_total",
		"ogg_process_resident_memory_bytes",
		"ogg_process_private_memory_bytes",
		"ogg_process_threads",
		"ogg_process_open_handles",
		"ogg_process_io_bytes_total",
		"ogg_process_io_operations_total",
		"ogg_process_operations_total",
		"ogg_process_discards_total",
		"ogg_process_ignores_total",
		"ogg_process_conversion_errors_total",
		"ogg_process_conversion_truncations_total",
		"ogg_extract_row_fetch_attempts_total",
		"ogg_extract_row_fetch_failures_total",
		"ogg_process_last_operation_lag_seconds",
		"ogg_process_last_operation_timestamp_seconds",
		"ogg_process_last_checkpoint_timestamp_seconds",
		"ogg_process_trail_io_bytes_total",
		"ogg_process_trail_io_operations_total",
		"ogg_process_trail_io_seconds_total",
		"ogg_process_trail_lob_bytes_total",
		"ogg_process_trail_last_flush_timestamp_seconds",
		"ogg_process_trail_flushes_total",
		"ogg_process_trail_flush_seconds_total",
		"ogg_process_trail_flushed_bytes_total",
		"ogg_process_at_end_of_file",
		"ogg_extract_recovery_checkpoint_timestamp_seconds",
		"ogg_extract_recovery_checkpoint_log_sequence",
		"ogg_extract_read_checkpoint_timestamp_seconds",
		"ogg_extract_read_checkpoint_log_sequence",
		"ogg_process_page_faults_total",
		"ogg_extract_metadata_records_total",
		"ogg_cache_memory_bytes",
		"ogg_cache_objects",
		"ogg_cache_spilled_bytes_total",
		"ogg_cache_memory_max_bytes",
		"ogg_cache_buffer_overflows_total",
		"ogg_cache_wait_signals_total",
		"ogg_extract_inflight_transactions",
		"ogg_extract_oldest_inflight_transaction_timestamp_seconds",
		"ogg_extract_oldest_inflight_transaction_redo_sequence",
		"ogg_heartbeat_lag_seconds",
		"ogg_heartbeat_age_seconds",
	},
	`process="REPORD"`: {
		"ogg_replicat_conflicts_total",
		"ogg_replicat_low_watermark_lag_seconds",
		"ogg_replicat_high_watermark_lag_seconds",
		"ogg_process_trail_read_errors_total",
		"ogg_replicat_active_appliers",
		"ogg_replicat_transactions_total",
		"ogg_replicat_barriers_total",
		"ogg_replicat_row_conflicts_total",
		"ogg_replicat_serializations_total",
		"ogg_replicat_large_average_rows",
		"ogg_replicat_large_average_chunks",
		"ogg_replicat_split_average_rows",
		"ogg_replicat_split_average_chunks",
		"ogg_process_trail_eof_total",
		"ogg_process_trail_backlog_bytes",
		"ogg_replicat_workers",
	},
	`process="REPDWH"`: {
		"ogg_replicat_coordination_thread_lag_gap_seconds",
		"ogg_replicat_coordination_average_seconds",
		"ogg_replicat_threads_max",
	},
	`name="EXTORD"`:    {"ogg_expected_missing", "ogg_pipeline_hop_up", "ogg_pipeline_hop_lag_seconds"},
	`name="REPBILL"`:   {"ogg_pipeline_weakest_hop"},
	`name="billing"`:   {"ogg_pipeline_hop_backlog_bytes"},
	`name="archive"`:   {"ogg_pipeline_unjoined"},
	`extract="EXTORD"`: {"ogg_pipeline_info"},
	`pipeline="emea/london/EXTORD>apac/sydney/REPORDS"`: {"ogg_pipeline_up", "ogg_pipeline_lag_seconds"},
	`kind="distribution_path"`:                          {"ogg_pipeline_edge_info"},
	`rule="1"`:                                          {"ogg_expectation_matches"},
	`deployment="frankfurt"`: {
		"ogg_auth_blocked",
		"ogg_scrape_collector_success",
		"ogg_scrape_collector_duration_seconds",
		"ogg_deployment_up",
		"ogg_deployment_unexpected_state",
		"ogg_deployment_status",
		"ogg_deployment_enabled",
		"ogg_deployment_info",
		"ogg_service_up",
		"ogg_service_status",
		"ogg_service_enabled",
		"ogg_service_critical",
		"ogg_service_locked",
		"ogg_service_healthy",
		"ogg_service_start_time_seconds",
		"ogg_critical_resource_healthy",
		"ogg_tls_certificate_not_after_timestamp_seconds",
		"ogg_receiver_path_up",
		"ogg_receiver_path_unexpected_state",
		"ogg_receiver_path_status",
		"ogg_receiver_path_lag_seconds",
		"ogg_receiver_path_lag_age_seconds",
		"ogg_receiver_path_start_time_seconds",
		"ogg_receiver_path_checkpoint_sequence",
		"ogg_receiver_path_checkpoint_offset_bytes",
		"ogg_receiver_path_bytes_total",
		"ogg_receiver_path_messages_total",
		"ogg_receiver_path_written_bytes_total",
		"ogg_receiver_path_last_data_timestamp_seconds",
		"ogg_receiver_path_info",
		"ogg_receiver_path_last_command_timestamp_seconds",
		"ogg_receiver_path_wait_seconds_total",
		"ogg_receiver_path_io_operations_total",
		"ogg_receiver_path_commands_total",
		"ogg_pm_up",
		"ogg_service_critical_resources",
		"ogg_pm_missing_packets_total",
		"ogg_pm_receive_errors_total",
		"ogg_pm_packets_total",
		"ogg_trail_sequence",
		"ogg_trail_sequence_min",
		"ogg_trail_sequence_max",
		"ogg_trail_sequence_max_in_use",
		"ogg_trail_offset_bytes",
		"ogg_trail_remote",
		"ogg_trail_sequence_min_in_use",
		"ogg_trail_size_bytes",
		"ogg_trail_file_max_bytes",
		"ogg_clock_skew_seconds",
	},
	`process="REPBILL"`: {
		"ogg_process_last_error_info",
		"ogg_process_last_error_timestamp_seconds",
	},
	`task="purge"`: {
		"ogg_task_status",
		"ogg_task_enabled",
		"ogg_task_critical",
		"ogg_task_info",
		"ogg_task_schedule_seconds",
		"ogg_task_last_start_timestamp_seconds",
		"ogg_task_last_finish_timestamp_seconds",
		"ogg_task_last_exit_code",
	},
	`deployment="london"`: {
		"ogg_distribution_path_unexpected_state",
		"ogg_messages_total",
		"ogg_distribution_path_up",
		"ogg_distribution_path_status",
		"ogg_distribution_path_lag_seconds",
		"ogg_distribution_path_lag_age_seconds",
		"ogg_distribution_path_start_time_seconds",
		"ogg_distribution_path_checkpoint_sequence",
		"ogg_distribution_path_checkpoint_offset_bytes",
		"ogg_distribution_path_network_bytes_total",
		"ogg_distribution_path_network_messages_total",
		"ogg_distribution_path_info",
		"ogg_distribution_path_lcrs_total",
		"ogg_distribution_path_operations_total",
		"ogg_distribution_path_wait_seconds_total",
		"ogg_distribution_path_trail_backlog_bytes",
	},
	`deployment="Sales"`: {
		"ogg_data_stream_up",
		"ogg_data_stream_status",
		"ogg_data_stream_lag_seconds",
		"ogg_data_stream_start_time_seconds",
		"ogg_data_stream_network_bytes_total",
		"ogg_data_stream_network_messages_total",
		"ogg_data_stream_lcrs_total",
		"ogg_data_stream_operations_total",
		"ogg_data_stream_wait_seconds_total",
	},
	`oci="cloud"`: {
		"ogg_oci_up",
		"ogg_oci_last_refresh_success_timestamp_seconds",
		"ogg_oci_refresh_duration_seconds",
		"ogg_oci_clock_skew_seconds",
		"ogg_oci_read_success",
		"ogg_oci_read_duration_seconds",
		"ogg_oci_api_requests_total",
		"ogg_oci_series_dropped",
		"ogg_oci_deployment_status",
		"ogg_oci_deployment_healthy",
		"ogg_oci_deployment_sub_status",
		"ogg_oci_deployment_info",
		"ogg_oci_deployment_version_supported_until_timestamp_seconds",
		"ogg_oci_deployment_upgrade_timestamp_seconds",
		"ogg_oci_deployment_next_maintenance_timestamp_seconds",
		"ogg_oci_deployment_latest_version",
		"ogg_oci_deployment_storage_used_bytes",
		"ogg_oci_deployment_storage_limit_exceeded",
		"ogg_oci_deployment_cpu_cores",
		"ogg_oci_deployment_auto_scaling_enabled",
		"ogg_oci_pipeline_status",
		"ogg_oci_pipeline_sub_status",
		"ogg_oci_pipeline_process_status",
		"ogg_oci_pipeline_process_lag_seconds",
		"ogg_oci_pipeline_process_last_processed_timestamp_seconds",
		"ogg_oci_deployment_last_backup_success_timestamp_seconds",
		"ogg_oci_deployment_next_backup_timestamp_seconds",
		"ogg_oci_connections",
	},
	`service_manager="emea"`: {
		"ogg_up",
		"ogg_service_manager_info",
		"ogg_api_requests_total",
		"ogg_api_retries_total",
		"ogg_api_requests_hung",
		"ogg_api_request_duration_seconds",
		"ogg_scrape_series_dropped",
	},
}

// notAtOnce lists the metrics that have no sample before something has changed.
var notAtOnce = []string{"ogg_process_config_change_timestamp_seconds"}

// withoutLabels lists the metrics whose one sample is of no object.
var withoutLabels = []string{"ogg_pipeline_dropped", "ogg_pipeline_series_dropped"}

// TestDemoShowsEverything: each metric of METRICS.md that is on by default has a
// sample in the demo, from the object in providers.
func TestDemoShowsEverything(t *testing.T) {
	text, err := os.ReadFile("../METRICS.md")
	must(t, err)
	exporter, exposition := startListening(t, buildExporter(t), "--demo"), ""
	until(t, func() error { // the compartment is read in the background
		exposition, err = fetch(exporter.url + "/metrics")
		if err == nil && !strings.Contains(exposition, `service_manager="cloud/sales"`) {
			err = errors.New("no deployment of Oracle Cloud is read")
		}
		return err
	})
	on := true
	for line := range strings.Lines(string(text)) {
		switch {
		case strings.HasPrefix(line, "Flag `--[no-]collector."):
			on = strings.Contains(line, ", on by default.")
		case strings.HasPrefix(line, "## Oracle Cloud"):
			on = true
		}
		m := regexp.MustCompile("^\\| `(ogg_[a-z_]+)`").FindStringSubmatch(line)
		if m == nil || !on || strings.Contains(line, "only with --collector.") {
			continue
		}
		name := m[1]
		if slices.Contains(notAtOnce, name) {
			continue
		}
		if slices.Contains(withoutLabels, name) {
			if !strings.Contains(exposition, "\n"+name+" ") {
				t.Errorf("%s has no sample", name)
			}
			continue
		}
		provider := providerOf(name)
		if provider == "" {
			t.Errorf("%s has no provider", name)
			continue
		}
		sample := regexp.MustCompile(`(?m)^` + name + `(_count)?\{[^}]*` + regexp.QuoteMeta(provider) + `.*\} `)
		if !sample.MatchString(exposition) {
			t.Errorf("%s has no sample with %s", name, provider)
		}
	}
}

// providerOf returns the label of the object that shows the metric.
func providerOf(name string) string {
	for provider, names := range providers {
		if slices.Contains(names, name) {
			return provider
		}
	}
	return ""
}
