package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

var (
	processKind = gauge("ogg_process_kind",
		"What the process is for: an initial load ends by itself, so it is no outage if it does not run. Read every 15 minutes, and when the process starts or changes its status (extracts/{e}: type, source; replicats/{r}: mode.type; before 21c also from the parameters in config).",
		"process", "process_type", "kind").asStates([]string{"initial_load", "change_data"})
	processCritical = gauge("ogg_process_critical",
		"Whether the process counts in the health of its deployment. Read every 15 minutes (extracts/{e}, replicats/{r}: critical).",
		"process", "process_type").from("19c")
	processAutoStart = gauge("ogg_process_autostart_enabled",
		"Whether the Administration Service starts the process when it starts itself. Read every 15 minutes (extracts/{e}, replicats/{r}: managedProcessSettings, or the profile that it names: autoStart.enabled).",
		"process", "process_type").from("19c")
	processAutoRestart = gauge("ogg_process_autorestart_enabled",
		"Whether the Administration Service starts the process again when it has ended. Read every 15 minutes (extracts/{e}, replicats/{r}: managedProcessSettings, or the profile that it names: autoRestart.enabled).",
		"process", "process_type").from("19c")
	processConfigChange = gauge("ogg_process_config_change_timestamp_seconds",
		"When the exporter first saw that the parameters of the process differ from those before, in Unix time; no sample until then, nor after a restart of the exporter. Read every 15 minutes (extracts/{e}, replicats/{r}: config).",
		"process", "process_type")
	processConfigInfo = info("ogg_process_config_info",
		"Parameters of the process, as the first 8 hexadecimal digits of the SHA-256 of their lines, without empty ones and white space around them. Read every 15 minutes (extracts/{e}, replicats/{r}: config).",
		"process", "process_type", "hash")
)

var definitionCollector = Collector{
	Name: "definition", Help: "kind, mode, managed settings and changes of the parameters of Extracts and Replicats", Default: true, Role: "User",
	// ogg_process_info, too, where it is missing; it is among the metrics of performance, because
	// others are more important.
	metrics: []*metric{processKind, processCritical, processAutoStart, processAutoRestart, processConfigChange, processConfigInfo},
	collect: collectDefinitions,
}

func collectDefinitions(to sink, d *ogg.Deployment) {
	monitored := map[string]bool{}
	for _, p := range d.Monitored {
		monitored[p.Type+"/"+p.Name] = true
	}
	for _, p := range d.Definitions {
		labels := []string{d.Name, p.Process, string(p.Type)}
		to.states(processKind, p.Kind, labels...)
		to.boolean(processCritical, p.Critical, labels...)
		to.boolean(processAutoStart, p.AutoStart, labels...)
		to.boolean(processAutoRestart, p.AutoRestart, labels...)
		to.timestamp(processConfigChange, p.ConfigChanged, labels...)
		if p.ConfigHash != "" {
			to.sample(processConfigInfo, 1, with(labels, p.ConfigHash)...)
		}
		if p.Mode != "" && !monitored[string(p.Type)+"/"+p.Process] {
			to.sample(pmProcessInfo, 1, with(labels, p.Mode, "")...)
		}
	}
}
