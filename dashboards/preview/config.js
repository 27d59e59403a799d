// What Grafana knows of panels: their options, the settings of their fields, and transformations.
import {
  dataLinksOverrideProcessor, displayNameOverrideProcessor, FieldConfigOptionsRegistry, identityOverrideProcessor,
  locationUtil, numberOverrideProcessor, standardFieldConfigEditorRegistry, standardTransformers, standardTransformersRegistry,
  thresholdsOverrideProcessor, unitOverrideProcessor, valueMappingsOverrideProcessor,
} from '@grafana/data';

const standard = {
  unit: unitOverrideProcessor, min: numberOverrideProcessor, max: numberOverrideProcessor, decimals: numberOverrideProcessor,
  displayName: displayNameOverrideProcessor, noValue: identityOverrideProcessor, color: identityOverrideProcessor,
  thresholds: thresholdsOverrideProcessor, mappings: valueMappingsOverrideProcessor, links: dataLinksOverrideProcessor,
  description: identityOverrideProcessor, filterable: identityOverrideProcessor, fieldMinMax: identityOverrideProcessor,
};

// custom are the settings of fields that only one type of panel has. This is also the list of the
// types that can be drawn.
const custom = {
  row: [],
  text: [],
  stat: [],
  bargauge: [],
  nodeGraph: [],
  table: ['align', 'cellOptions', 'filterable', 'footer', 'hidden', 'hideFrom', 'inspect', 'minWidth', 'width', 'wrapHeaderText', 'wrapText'],
  'state-timeline': ['fillOpacity', 'hideFrom', 'insertNulls', 'lineWidth', 'spanNulls'],
  timeseries: [
    'axisBorderShow', 'axisCenteredZero', 'axisColorMode', 'axisGridShow', 'axisLabel', 'axisPlacement', 'axisSoftMax', 'axisSoftMin', 'axisWidth',
    'barAlignment', 'barWidthFactor', 'drawStyle', 'fillBelowTo', 'fillOpacity', 'gradientMode', 'hideFrom', 'insertNulls', 'lineInterpolation',
    'lineStyle', 'lineWidth', 'pointSize', 'scaleDistribution', 'showPoints', 'spanNulls', 'stacking', 'thresholdsStyle', 'transform',
  ],
};

const item = (path, process, isCustom) => ({
  id: isCustom ? `custom.${path}` : path, path, isCustom, process, name: path, editor: () => null, override: () => null, shouldApply: () => true, settings: {},
});

// prepare tells the library what Grafana tells it when it starts.
export function prepare() {
  standardTransformersRegistry.setInit(() => [...new Set(Object.values(standardTransformers))].map((t) => ({
    id: t.id, name: t.name, editor: () => null, transformation: () => Promise.resolve(t),
  })));
  standardFieldConfigEditorRegistry.setInit(() => Object.entries(standard).map(([path, process]) => item(path, process, false)));
  locationUtil.initialize({ config: { appSubUrl: '' }, getVariablesUrlParams: () => ({}), getTimeRangeForUrl: () => ({}) });
}

// registryFor has the settings that fields of a type of panel can have.
export function registryFor(type) {
  const registry = new FieldConfigOptionsRegistry();
  Object.entries(standard).forEach(([path, process]) => registry.register(item(path, process, false)));
  (custom[type] ?? []).forEach((path) => registry.register(item(path, identityOverrideProcessor, true)));
  return registry;
}

// unknownParts are those of a panel that Grafana would ignore or show as broken.
export function unknownParts(panel) {
  if (!custom[panel.type]) {
    return [`the type ${panel.type} is unknown`];
  }
  const registry = registryFor(panel.type);
  const { defaults = {}, overrides = [] } = panel.fieldConfig ?? {};
  const settings = [
    ...Object.keys(defaults).filter((id) => id !== 'custom'), ...Object.keys(defaults.custom ?? {}).map((id) => `custom.${id}`),
    ...overrides.flatMap((o) => o.properties.map((p) => p.id)),
  ];
  return [
    ...(panel.transformations ?? []).filter((t) => !standardTransformersRegistry.getIfExists(t.id)).map((t) => `the transformation ${t.id} is unknown`),
    ...settings.filter((id) => !registry.getIfExists(id)).map((id) => `the setting ${id} is unknown`),
    ...(panel.repeat ? ['repeated panels cannot be drawn'] : []),
  ];
}
