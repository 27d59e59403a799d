{{/*
Values that contradict each other: Kubernetes, Prometheus's operator or the exporter would refuse one of them, or, what is
worse, do without it.
*/}}
{{- define "ogg-exporter.check" -}}
{{- include "ogg-exporter.checkSources" . }}
{{- include "ogg-exporter.checkSecrets" . }}
{{- include "ogg-exporter.checkArgs" . }}
{{- include "ogg-exporter.checkWeb" . }}
{{- include "ogg-exporter.checkScrape" . }}
{{- include "ogg-exporter.checkPod" . }}
{{- end }}

{{- define "ogg-exporter.checkSources" -}}
{{- if not (or .Values.config .Values.existingConfigMap .Values.demo) }}
{{- fail "set config, the exporter's configuration, or existingConfigMap, or demo=true to try it" }}
{{- end }}
{{- if gt (len (compact (list .Values.config .Values.existingConfigMap .Values.demo))) 1 }}
{{- fail "set only one of config, existingConfigMap and demo" }}
{{- end }}
{{- if and .Values.rules.objectives (not .Values.rules.enabled) }}
{{- fail "rules.objectives needs rules.enabled" }}
{{- end }}
{{- end }}

{{- define "ogg-exporter.checkSecrets" -}}
{{- $config := toYaml .Values.config }}
{{- if and .Values.secret.existing .Values.secret.data }}
{{- fail "set only one of secret.existing and secret.data" }}
{{- end }}
{{- if not (or .Values.secret.existing .Values.extraVolumeMounts) }}
{{- range regexFindAll "/etc/ogg_exporter/secrets/[-._a-zA-Z0-9]+\\$?" $config -1 }}
{{- if not (or (hasSuffix "$" .) (hasKey ($.Values.secret.data | default dict) (base .))) }}
{{- fail (printf "config names %s, but secret.data has no %s, and secret.existing is not set" . (base .)) }}
{{- end }}
{{- end }}
{{- end }}
{{- range .Values.env }}
{{- if and (contains (printf "${%s}" .name) $config) (not (has "--config.expand-env" $.Values.args)) }}
{{- fail (printf "config has ${%s} and env its value, but args has no --config.expand-env" .name) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "ogg-exporter.checkArgs" -}}
{{- $ours := "^--(no-)?(config\\.(file|check|enable-auto-reload)|ogg\\.(url|username|password-file)|completion-.*|demo|replay|capture|status|once|print-cardinality|licenses|version|help|help-long|help-man|web\\.(listen-address|systemd-socket|telemetry-path|enable-lifecycle))(=|$)" }}
{{- range .Values.args }}
{{- if regexMatch $ours . }}
{{- fail (printf "args: %s is not possible, because the chart decides what the exporter reads, where it listens, and that it keeps running" .) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "ogg-exporter.checkWeb" -}}
{{- $flag := regexMatch "(^|\n)--web\\.config\\.file(=|\n|$)" (join "\n" .Values.args) }}
{{- if and $flag .Values.web.existingSecret }}
{{- fail "set only one of web.existingSecret and --web.config.file in args" }}
{{- end }}
{{- if not (or $flag .Values.web.existingSecret) }}
{{- if .Values.web.https }}
{{- fail "web.https needs web.existingSecret, whose web.yml names the certificate" }}
{{- end }}
{{- if .Values.scrape.basicAuth }}
{{- fail "scrape.basicAuth needs web.existingSecret, whose web.yml names the user" }}
{{- end }}
{{- end }}
{{- if and .Values.scrape.basicAuth (eq .Values.probes "http") }}
{{- fail "scrape.basicAuth needs probes: tcp, because the kubelet has no user, and would restart the exporter" }}
{{- end }}
{{- if and .Values.scrape.tlsConfig (not .Values.web.https) }}
{{- fail "scrape.tlsConfig needs web.https: without it, Prometheus scrapes in plain text" }}
{{- end }}
{{- end }}

{{- define "ogg-exporter.checkScrape" -}}
{{- $zero := toDate "2006" "2000" }}
{{- $timeout := dateModify .Values.scrape.timeout $zero }}
{{- if $timeout.After (dateModify .Values.scrape.interval $zero) }}
{{- fail (printf "scrape.timeout, %s, is longer than scrape.interval, %s, which Prometheus refuses" .Values.scrape.timeout .Values.scrape.interval) }}
{{- end }}
{{- if or ($timeout.Before (dateModify "1s" $zero)) ($timeout.After (dateModify "1h" $zero)) }}
{{- fail (printf "scrape.timeout, %s, has to be from 1s to 1h, because the exporter ignores any other" .Values.scrape.timeout) }}
{{- end }}
{{- if and (gt (int .Values.shards) 1) (ne .Values.scrape.type "ScrapeConfig") }}
{{- fail (printf "shards, %d, needs scrape.type ScrapeConfig and not %s, because only a ScrapeConfig shares the Service Managers out" (int .Values.shards) .Values.scrape.type) }}
{{- end }}
{{- range $key := list "caFile" "certFile" "keyFile" }}
{{- if and (eq $.Values.scrape.type "ScrapeConfig") (hasKey ($.Values.scrape.tlsConfig | default dict) $key) }}
{{- fail (printf "scrape.tlsConfig.%s is not possible with scrape.type ScrapeConfig, which takes no files of Prometheus's" $key) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "ogg-exporter.checkPod" -}}
{{- range $key, $_ := include "ogg-exporter.shardSelector" (dict "root" . "shard" 0) | fromYaml }}
{{- if hasKey ($.Values.podLabels | default dict) $key }}
{{- fail (printf "podLabels has %s, by which Services find the exporter" $key) }}
{{- end }}
{{- end }}
{{- $resources := .Values.resources | default dict }}
{{- $requests := $resources.requests | default dict }}
{{- range $name, $limit := $resources.limits | default dict }}
{{- $request := get $requests $name | default "0" }}
{{- if gt (include "ogg-exporter.quantity" $request | float64) (include "ogg-exporter.quantity" $limit | float64) }}
{{- fail (printf "resources.requests.%s, %v, is above resources.limits.%s, %v, which Kubernetes refuses" $name $request $name $limit) }}
{{- end }}
{{- end }}
{{- end }}

{{/* A quantity of Kubernetes, such as 50m, 1.5 or 128Mi, as a number. */}}
{{- define "ogg-exporter.quantity" -}}
{{- $unit := regexFind "[A-Za-z]*$" (toString .) }}
{{- $units := dict "n" 1e-9 "u" 1e-6 "m" 1e-3 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "Pi" 1125899906842624 "Ei" 1152921504606846976 }}
{{- mulf (trimSuffix $unit (toString .) | float64) (get $units $unit | default 1) }}
{{- end }}
