{{- define "ogg-exporter.name" -}}
{{ .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* 40 characters, so that there is room for what is added. */}}
{{- define "ogg-exporter.fullname" -}}
{{- $name := include "ogg-exporter.name" . -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains $name .Release.Name -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{- define "ogg-exporter.selector" -}}
app.kubernetes.io/name: {{ include "ogg-exporter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "ogg-exporter.labels" -}}
{{ include "ogg-exporter.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* What the shard $.shard of $.root is called, and the label by which its Service finds it. */}}
{{- define "ogg-exporter.shard" -}}
{{ include "ogg-exporter.fullname" .root }}{{ if gt (int .root.Values.shards) 1 }}-{{ .shard }}{{ end }}
{{- end }}
{{- define "ogg-exporter.shardSelector" -}}
{{ include "ogg-exporter.selector" .root }}
{{- if gt (int .root.Values.shards) 1 }}
app.kubernetes.io/component: shard-{{ .shard }}
{{- end }}
{{- end }}
{{- define "ogg-exporter.address" -}}
{{ include "ogg-exporter.shard" . }}.{{ .root.Release.Namespace }}.svc:{{ .root.Values.service.port }}
{{- end }}

{{- define "ogg-exporter.secret" -}}
{{ .Values.secret.existing | default (ternary (include "ogg-exporter.fullname" .) "" (gt (len .Values.secret.data) 0)) }}
{{- end }}

{{/* How to scrape: keys that ServiceMonitor, ScrapeConfig and httpSDConfigs have in common. */}}
{{- define "ogg-exporter.login" -}}
{{- with .Values.scrape.tlsConfig }}
tlsConfig: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.scrape.basicAuth }}
basicAuth: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "ogg-exporter.probe" -}}
{{- if eq .root.Values.probes "tcp" -}}
tcpSocket: {port: metrics}
{{- else -}}
httpGet: {path: {{ .path }}, port: metrics, scheme: {{ ternary "HTTPS" "HTTP" .root.Values.web.https }}}
{{- end }}
timeoutSeconds: 5
{{- end }}
