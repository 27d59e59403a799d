// Queries of Prometheus, with the answers as the data frames that Grafana makes of them.
import { FieldType, toDataFrame } from '@grafana/data';

// ask asks the API.
export async function ask(path, parameters) {
  const answer = await fetch(`/api/v1/${path}?${new URLSearchParams(parameters)}`);
  const body = await answer.json();
  if (body.status !== 'success') {
    throw new Error(body.error);
  }
  return body.data;
}

// labelValues answers the query of a variable.
export async function labelValues(text, regex) {
  const [, selector, label] = /^label_values\((?:(.*),\s*)?(\w+)\)$/s.exec(text.trim()) ?? [];
  if (!label) {
    throw new Error(`unknown query of a variable: ${text}`);
  }
  const values = await ask(`label/${label}/values`, selector ? { 'match[]': selector } : {});
  if (!regex) {
    return values;
  }
  const pattern = new RegExp(regex.replace(/^\/|\/$/g, ''));
  return values.map((v) => pattern.exec(v)).filter(Boolean).map((m) => m[1] ?? m[0]);
}

// query asks one of a panel's queries.
export async function query(target, all, variables) {
  const expr = variables.replace(target.expr);
  if (/\$[a-zA-Z_{]/.test(expr)) {
    throw new Error(`something is not filled in: ${expr}`);
  }
  const data = target.range
    ? await ask('query_range', variables.rangeOf(target.expr))
    : await ask('query', { query: expr, time: variables.times.to });
  const series = data.result.map((one) => ({ labels: one.metric, points: one.values ?? [one.value] }));
  switch (target.format ?? 'time_series') {
    case 'time_series':
      return series.map((one) => seriesFrame(target, one, variables.times.step));
    case 'table':
      return [tableFrame(target, series, all.filter((t) => t.format === 'table').length)];
    default:
      throw new Error(`unknown format ${target.format}`);
  }
}

const timeOf = ([time]) => time * 1000;
const valueOf = ([, value]) => Number(value.replace('Inf', 'Infinity'));

function seriesFrame(target, { labels, points }, step) {
  const legend = target.legendFormat && target.legendFormat !== '__auto'
    ? { displayNameFromDS: target.legendFormat.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => labels[label] ?? '') } : {};
  return toDataFrame({
    refId: target.refId,
    fields: [
      { name: 'Time', type: FieldType.time, config: { interval: step * 1000 }, values: points.map(timeOf) },
      { name: 'Value', type: FieldType.number, labels, config: legend, values: points.map(valueOf) },
    ],
  });
}

// tableFrame has a column for each label. The value is named for its query if there are several.
function tableFrame(target, series, queries) {
  const labels = [...new Set(series.flatMap((one) => Object.keys(one.labels).sort()))];
  const rows = series.flatMap((one) => one.points.map((point) => ({ ...one, point })));
  if (rows.length === 0) {
    return toDataFrame({ refId: target.refId, fields: [] });
  }
  return toDataFrame({
    refId: target.refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: rows.map((row) => timeOf(row.point)) },
      ...labels.map((name) => ({ name, type: FieldType.string, config: { filterable: true }, values: rows.map((row) => row.labels[name] ?? '') })),
      { name: queries > 1 ? `Value #${target.refId}` : 'Value', type: FieldType.number, values: rows.map((row) => valueOf(row.point)) },
    ],
  });
}
