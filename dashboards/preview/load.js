// A dashboard's JSON in; its panels with their data, as Grafana prepares it, out.
import { applyFieldOverrides, cacheFieldDisplayNames, transformDataFrame } from '@grafana/data';
import { lastValueFrom } from 'rxjs';
import { registryFor, unknownParts } from './config.js';
import { ask, query } from './prometheus.js';
import { Variables } from './variables.js';

// arranged returns all panels where Grafana puts them when all rows are expanded.
function arranged(panels) {
  let shift = 0;
  return panels.flatMap((panel) => {
    const at = (p, y) => ({ ...p, gridPos: { ...p.gridPos, y: p.gridPos.y + y } });
    const row = at(panel, shift);
    const inside = (panel.panels ?? []).map((p) => at(p, shift));
    if (inside.length > 0) {
      shift += Math.max(...inside.map((p) => p.gridPos.y + p.gridPos.h)) - row.gridPos.y - 1;
    }
    return [row, ...inside];
  });
}

// framesOf asks the panel's queries. A query that fails is a problem of the panel.
async function framesOf(panel, variables, problems) {
  const targets = (panel.targets ?? []).filter((t) => !t.hide);
  const answers = await Promise.all(targets.map((t) => query(t, targets, variables).catch((error) => {
    problems.push(`query ${t.refId}: ${error.message}`);
    return [];
  })));
  return answers.flat();
}

async function loadPanel(panel, variables, theme) {
  const problems = unknownParts(panel);
  const replaceVariables = variables.replace.bind(variables);
  const loaded = { ...panel, title: replaceVariables(panel.title ?? ''), problems, replaceVariables, timeRange: variables.timeRange };
  if (panel.type === 'row' || panel.type === 'text') {
    return loaded;
  }
  const frames = await framesOf(panel, variables, problems);
  const context = { interpolate: (text) => replaceVariables(text) };
  loaded.frames = applyFieldOverrides({
    data: await lastValueFrom(transformDataFrame(panel.transformations ?? [], frames, context)),
    fieldConfig: { defaults: {}, overrides: [], ...panel.fieldConfig },
    fieldConfigRegistry: registryFor(panel.type),
    replaceVariables, theme, timeZone: 'utc',
  });
  cacheFieldDisplayNames(loaded.frames);
  loaded.empty = frames.every((frame) => frame.length === 0);
  checkLinks(loaded);
  return loaded;
}

// checkLinks follows the data links of each field: none may keep something that was to be filled in.
function checkLinks(panel) {
  for (const field of panel.frames.flatMap((frame) => (frame.length > 0 ? frame.fields : []))) {
    for (const link of field.getLinks?.({ valueRowIndex: 0 }) ?? []) {
      if (/\$(?!__all\b)|undefined/.test(link.href)) {
        panel.problems.push(`a link of ${field.name} is ${link.href}`);
      }
    }
  }
}

// annotationsOf asks for the annotations, of which only their number is used: graphs are drawn without.
async function annotationsOf(list, variables) {
  const asked = list.filter((a) => a.expr && a.enable);
  return Promise.all(asked.map((a) => ask('query_range', variables.rangeOf(a.expr))
    .then(() => []).catch((error) => [`annotation ${a.name}: ${error.message}`])));
}

// loadDashboard loads the dashboard that the address names, with all of its data.
export async function loadDashboard(address, theme) {
  const answer = await fetch(address.get('dashboard'));
  const json = await answer.json();
  const [from, to] = [Number(address.get('from')), Number(address.get('to'))];
  const variables = await Variables.read(json.templating.list, address, { from, to, step: Number(address.get('step')) });
  const panels = await Promise.all(arranged(json.panels).map((panel) => loadPanel(panel, variables, theme)));
  const problems = (await annotationsOf(json.annotations?.list ?? [], variables)).flat();
  window.preview.problems.push(...problems);
  return { title: json.title, links: json.links ?? [], variables, panels };
}
