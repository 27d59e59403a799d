// The dashboards, alerts and recording rules as a monitoring mixin. All of it is in the JSON and YAML files of the
// folders above; here is only what _config changes in them. How to use it: docs/mixin.md.
local dashboards = {
  'cloud.json': import '../cloud.json',
  'exporter.json': import '../exporter.json',
  'overview.json': import '../overview.json',
  'pipelines.json': import '../pipelines.json',
  'process.json': import '../process.json',
  'replication.json': import '../replication.json',
};
// Older versions of go-jsonnet, such as 0.20, take lines in comments for the beginnings of documents, and make a list.
local groupsOf(yaml) = local content = std.parseYaml(yaml); (if std.isArray(content) then content[0] else content).groups;
local recording = groupsOf(importstr '../rules/recording.yml');
local alerts = groupsOf(importstr '../rules/alerts.yml');
local slo = groupsOf(importstr '../rules/slo.yml');

// A threshold is a recording rule whose expression is vector(…). Its name in _config is that of the record and, if the
// rule has one, its severity.
local isThreshold(rule) = std.objectHas(rule, 'record') && std.startsWith(rule.expr, 'vector(');
local nameOf(rule) = std.join(' ', [rule.record] + std.objectValues(std.get(rule, 'labels', {})));
local valueOf(rule) = std.substr(rule.expr, 7, std.length(rule.expr) - 8);
local thresholds = {
  [nameOf(rule)]: valueOf(rule)
  for group in recording + slo
  for rule in group.rules
  if isThreshold(rule)
};

// The jobs, as the files have them.
local jobs = 'ogg.*';

{
  _config+:: {
    // Regular expression of the jobs that scrape the exporter. The dashboards find them without it.
    jobs: jobs,
    // Whether to add the objectives of pipelines, rules/slo.yml.
    slo: false,
    // Thresholds of alerts, and assumptions of rules: numbers, or expressions as texts. The colors of dashboards stay.
    thresholds: thresholds,
    // Labels that all alerts have in addition to their own, and to those of what they are about.
    alertLabels: {},
    // Tags of all dashboards.
    dashboardTags: ['goldengate'],
  },

  local config = self._config,
  local unknown = std.setDiff(std.objectFields(config.thresholds), std.objectFields(thresholds)),
  assert unknown == [] : 'there are no thresholds %s' % std.join(', ', unknown),
  local isNone(value) = !std.isNumber(value) && !(std.isString(value) && value != ''),
  local none = [name for name in std.objectFields(config.thresholds) if isNone(config.thresholds[name])],
  assert none == [] : 'neither a number nor an expression: %s' % std.join(', ', none),

  // In a string of PromQL, a backslash is two, for example that of \d.
  local quoted = std.escapeStringJson(config.jobs),
  local escapedJobs = std.substr(quoted, 1, std.length(quoted) - 2),
  local configured(rule) =
    rule
    + (if isThreshold(rule) then { expr: 'vector(%s)' % config.thresholds[nameOf(rule)] } else { expr: std.strReplace(rule.expr, jobs, escapedJobs) })
    + (if std.objectHas(rule, 'alert') then {
         labels: config.alertLabels + rule.labels,
         annotations: std.mapWithKey(function(_, text) std.strReplace(text, jobs, config.jobs), rule.annotations),
       } else {}),
  local groups(all) = [group { rules: std.map(configured, group.rules) } for group in all],
  local isOfAlerts(group) = std.objectHas(group.rules[0], 'alert'),
  local optional = if config.slo then slo else [],

  grafanaDashboards+:: { [file]: dashboards[file] { tags: config.dashboardTags } for file in std.objectFields(dashboards) },
  prometheusAlerts+:: { groups+: groups(alerts + std.filter(isOfAlerts, optional)) },
  prometheusRules+:: { groups+: groups(recording + std.filter(function(group) !isOfAlerts(group), optional)) },
}
