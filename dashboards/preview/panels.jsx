// The panels that Grafana's library has components for: options of the dashboard's JSON in, the component out.
import { getDisplayValueAlignmentFactors, getFieldDisplayValues, renderTextPanelMarkdown } from '@grafana/data';
import { BarGauge, BigValue, TimeSeries, useTheme2, VizRepeater } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { useMemo } from 'react';
import { NodeGraph } from './nodegraph.jsx';
import { StateTimeline } from './timeline.jsx';

// NoData is what Grafana says in the place of a graph.
function NoData({ panel, height }) {
  return <div style={{ height, display: 'flex', alignItems: 'center', justifyContent: 'center' }}>{panel.fieldConfig?.defaults?.noValue ?? 'No data'}</div>;
}

// orNoData is the component where there is data.
const orNoData = (Component) => (props) => (props.panel.empty ? <NoData {...props} /> : <Component {...props} />);

// useValues are the values of a panel that reduces each series to one.
function useValues(panel) {
  const theme = useTheme2();
  return () => getFieldDisplayValues({
    data: panel.frames, fieldConfig: { defaults: {}, overrides: [], ...panel.fieldConfig }, reduceOptions: panel.options.reduceOptions,
    replaceVariables: panel.replaceVariables, theme, timeZone: 'utc', sparkline: panel.options.graphMode !== 'none',
  });
}

function Stat({ panel, width, height }) {
  const theme = useTheme2();
  const { options } = panel;
  return (
    <VizRepeater getValues={useValues(panel)} getAlignmentFactors={getDisplayValueAlignmentFactors} source={panel.frames} width={width} height={height}
      renderCounter={0} orientation={options.orientation} itemSpacing={3} autoGrid
      renderValue={({ value, width, height, alignmentFactors, count }) => (
        <BigValue value={value.display} width={width} height={height} alignmentFactors={alignmentFactors} count={count} theme={theme}
          sparkline={value.sparkline} colorMode={options.colorMode} graphMode={options.graphMode} justifyMode={options.justifyMode}
          textMode={options.textMode} text={options.text} disableWideLayout={!options.wideLayout} percentChangeColorMode={options.percentChangeColorMode} />
      )} />
  );
}

// sizes of the bars, which Grafana chooses itself unless sizing is manual.
function sizesOf(options) {
  if (options.sizing !== 'manual') {
    return { minVizWidth: 8, minVizHeight: 16, maxVizHeight: 300 };
  }
  return { minVizWidth: options.minVizWidth, minVizHeight: options.minVizHeight, maxVizHeight: options.maxVizHeight };
}

function Bars({ panel, width, height }) {
  const theme = useTheme2();
  const { options } = panel;
  return (
    <VizRepeater getValues={useValues(panel)} getAlignmentFactors={getDisplayValueAlignmentFactors} source={panel.frames} width={width} height={height}
      renderCounter={0} orientation={options.orientation} itemSpacing={options.displayMode === 'lcd' ? 2 : 10} {...sizesOf(options)}
      renderValue={({ value, width, height, orientation, alignmentFactors }) => (
        <BarGauge value={value.display} field={value.field} display={value.view?.getFieldDisplayProcessor(value.colIndex ?? 0)} width={width} height={height}
          orientation={orientation} alignmentFactors={alignmentFactors} theme={theme} itemSpacing={10} lcdCellWidth={12} displayMode={options.displayMode}
          showUnfilled={options.showUnfilled} valueDisplayMode={options.valueMode} namePlacement={options.namePlacement} text={options.text} />
      )} />
  );
}

function Table({ panel, width, height }) {
  const { options } = panel;
  return (
    <TableNG data={panel.frames[options.frameIndex ?? 0]} width={width} height={height} noHeader={!options.showHeader} sortBy={options.sortBy}
      cellHeight={options.cellHeight} frozenColumns={options.frozenColumns?.left} enablePagination={options.enablePagination ?? options.footer?.enablePagination}
      noValue={panel.fieldConfig?.defaults?.noValue} fieldConfig={panel.fieldConfig} maxRowHeight={options.maxRowHeight} timeRange={panel.timeRange}
      showTypeIcons={options.showTypeIcons} enableVirtualization={false} structureRev={1} transparent={false} />
  );
}

// finite are the frames without NaN and infinities, which Grafana shows as gaps in a graph.
function finite(frames) {
  const gaps = (field) => ({ ...field, values: field.values.map((value) => (typeof value === 'number' && !Number.isFinite(value) ? null : value)) });
  return frames.map((frame) => ({ ...frame, fields: frame.fields.map(gaps) }));
}

function Graph({ panel, width, height }) {
  const frames = useMemo(() => finite(panel.frames), [panel.frames]);
  return (
    <TimeSeries frames={frames} structureRev={1} width={width} height={height} timeRange={panel.timeRange} timeZone="utc"
      legend={panel.options.legend} options={panel.options} />
  );
}

function Text({ panel }) {
  const html = renderTextPanelMarkdown(panel.replaceVariables(panel.options.content));
  return <div className="markdown-html" dangerouslySetInnerHTML={{ __html: html }} />;
}

export const panelTypes = {
  stat: Stat, bargauge: Bars, table: orNoData(Table), timeseries: orNoData(Graph), text: Text,
  'state-timeline': orNoData(StateTimeline), nodeGraph: orNoData(NodeGraph),
};
