package collector

import (
	"maps"
	"slices"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

var (
	messageCount = counter("ogg_messages_total",
		"Messages that the processes and services of the deployment have logged since the exporter began to count, by severity: info, warning, error, or unknown. The count restarts at 0 with the exporter, and when the numbers of the messages start again (monitoring/messages: severity).",
		"severity")
	messageCodes = counter("ogg_message_codes_total",
		"The same messages by code. The most frequent codes, up to 50, have series of their own, and keep them; the others are summed as other; only with --collector.message.codes (monitoring/messages: code).",
		"code")
	processLastError = info("ogg_process_last_error_info",
		"Why the process last abended: the code of the first error in its report other than OGG-01668 (PROCESS ABENDING). Only for abends that the exporter saw; kept for about a day after the process is started again. Read once for each abend, and up to twice more if the report says nothing (info/reports/{p}.rpt).",
		"process", "process_type", "code")
	processLastErrorTime = gauge("ogg_process_last_error_timestamp_seconds",
		"When that error was reported, in Unix time. The report has the local time of its host, which is converted by comparing the beginning of the report with the start time of the process (info/reports/{p}.rpt, info/status: lastStarted).",
		"process", "process_type")
)

var messageCollector = Collector{
	Name: "message", Help: "number of messages that GoldenGate logs, and the codes of the errors with which processes abended", Default: true, Role: "User",
	metrics: []*metric{processLastError, processLastErrorTime, messageCount, messageCodes},
	collect: collectMessages,
}

func collectMessages(to sink, d *ogg.Deployment) {
	for _, e := range d.LastErrors {
		to.sample(processLastError, 1, d.Name, e.Process, string(e.Type), e.Code)
		to.timestamp(processLastErrorTime, e.At, d.Name, e.Process, string(e.Type))
	}
	if d.Messages == nil {
		return
	}
	for _, severity := range messageSeverities {
		to.counted(messageCount, d.Messages.Severities[severity], d.Messages.Since, []string{d.Name, severity})
	}
	for _, code := range slices.Sorted(maps.Keys(d.Messages.Codes)) {
		to.counted(messageCodes, d.Messages.Codes[code], d.Messages.Since, []string{d.Name, code})
	}
}

// messageSeverities are the severities in the order of their samples.
var messageSeverities = []string{"error", "info", unknownState, "warning"}
