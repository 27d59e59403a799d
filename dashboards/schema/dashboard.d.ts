// The shape of a dashboard's JSON, based on the types that Grafana publishes: a dashboard with panels of the types
// used here, each with its own options. Unknown keys are an error.
import type { AnnotationQuery, Dashboard, FieldConfig, FieldConfigSource, Panel, RowPanel, VariableModel } from '@grafana/schema';
import type * as bargauge from './node_modules/@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type * as nodegraph from './node_modules/@grafana/schema/dist/esm/raw/composable/nodegraph/panelcfg/x/NodeGraphPanelCfg_types.gen';
import type * as stat from './node_modules/@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as statetimeline from './node_modules/@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type * as table from './node_modules/@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as timeseries from './node_modules/@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

// In JSON, an enumeration value is its text.
type InJSON<T> = T extends string ? `${T}` : T extends object ? { [K in keyof T]: InJSON<T[K]> } : T;

type PanelOf<Type, Options, Custom> = Omit<Panel, 'type' | 'options' | 'fieldConfig'> & {
  type: Type;
  options: Partial<Options>;
  fieldConfig: Omit<FieldConfigSource, 'defaults'> & { defaults: Omit<FieldConfig, 'custom'> & { custom?: Partial<Custom> } };
};

type AnyPanel =
  | RowPanel
  | PanelOf<'bargauge', bargauge.Options, {}>
  | PanelOf<'nodeGraph', nodegraph.Options, {}>
  | PanelOf<'stat', stat.Options, {}>
  | PanelOf<'state-timeline', statetimeline.Options, statetimeline.FieldConfig>
  | PanelOf<'table', table.Options, table.FieldConfig>
  | PanelOf<'timeseries', timeseries.Options, timeseries.FieldConfig>;

// The published types of annotations and variables lack what the data source adds.
type OfPrometheus = { expr?: string; step?: string; tagKeys?: string; textFormat?: string; titleFormat?: string; useValueForTime?: boolean };

export type DashboardJSON = InJSON<
  Omit<Dashboard, 'panels' | 'annotations' | 'templating'> & {
    panels: AnyPanel[];
    annotations: { list: (AnnotationQuery & OfPrometheus)[] };
    templating: { list: (VariableModel & { definition?: string })[] };
  }
>;
