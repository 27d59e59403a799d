{{- define "ogg-exporter.name" -}}
{{ .Values.nameOverride | default .Chart.Name }}
{{- end }}

{{/*
What everything is called: the name of a Service, with at most 40 characters, so that there is room for what is added.
Names of releases may be longer, begin with a digit and have dots: then a hash keeps two of them apart.
*/}}
{{- define "ogg-exporter.fullname" -}}
{{- $name := include "ogg-exporter.name" . -}}
{{- $both := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- $wanted := .Values.fullnameOverride | default $both -}}
{{- if regexMatch "^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$" $wanted -}}
{{ $wanted }}
{{- else -}}
ogg-{{ regexReplaceAll "[^a-z0-9]+" (lower $wanted) "-" | trunc 27 | trimAll "-" }}-{{ sha256sum $wanted | trunc 8 }}
{{- end -}}
{{- end }}

{{/* A text as the value of a label. */}}
{{- define "ogg-exporter.label" -}}
{{ regexReplaceAll "[^-_.A-Za-z0-9]" . "_" | trunc 63 | trimAll "-_." | quote }}
{{- end }}

{{- define "ogg-exporter.selector" -}}
app.kubernetes.io/name: {{ include "ogg-exporter.label" (include "ogg-exporter.name" .) }}
app.kubernetes.io/instance: {{ include "ogg-exporter.label" .Release.Name }}
{{- end }}

{{- define "ogg-exporter.labels" -}}
{{ include "ogg-exporter.selector" . }}
app.kubernetes.io/version: {{ include "ogg-exporter.label" .Chart.AppVersion }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ include "ogg-exporter.label" (printf "%s-%s" .Chart.Name .Chart.Version) }}
{{- end }}

{{/* The labels of $.root, and those of $.with in addition to them or in their place. */}}
{{- define "ogg-exporter.labelsWith" -}}
{{ mergeOverwrite (include "ogg-exporter.labels" .root | fromYaml) (.with | default dict) | toYaml }}
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
{{ .Values.secret.existing | default (ternary "" (include "ogg-exporter.fullname" .) (empty .Values.secret.data)) }}
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
