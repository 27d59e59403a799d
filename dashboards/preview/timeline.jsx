// The state timeline, which Grafana's library does not have: drawn from the same data and settings.
import { dateTimeFormat, getFieldDisplayName } from '@grafana/data';
import { measureText, Pagination, useTheme2, VizLegend, VizLayout } from '@grafana/ui';

const AXIS = 20, PAGER = 40;

// rowsOf returns a row for each series, with the stretches in which its state is the same.
function rowsOf(frames) {
  return frames.flatMap((frame) => {
    const time = frame.fields[0];
    return frame.fields.slice(1).map((field) => ({
      name: getFieldDisplayName(field, frame, frames),
      stretches: stretchesOf(time, field),
    }));
  });
}

function stretchesOf(time, field) {
  const step = time.config.interval, all = [];
  time.values.forEach((at, i) => {
    const shown = field.display(field.values[i]), last = all.at(-1);
    if (last && last.text === shown.text && at - last.to <= 1.5 * step) {
      last.to = at;
    } else {
      if (last && at - last.to <= 1.5 * step) {
        last.to = at;
      }
      all.push({ from: at, to: at, text: shown.text, color: shown.color });
    }
  });
  return all;
}

function Stretch({ stretch, place, height, panel }) {
  const theme = useTheme2();
  const left = place(stretch.from), width = Math.max(place(stretch.to) - left, 1);
  const { showValue = 'auto', alignValue = 'center' } = panel.options;
  const fits = showValue === 'always' || (showValue === 'auto' && measureText(stretch.text, 12).width + 8 < width);
  const opacity = (panel.fieldConfig.defaults.custom?.fillOpacity ?? 70) / 100;
  return (
    <g>
      <rect x={left} width={width} height={height} fill={stretch.color} fillOpacity={opacity} />
      {fits && <text x={alignValue === 'left' ? left + 4 : left + width / 2} y={height / 2} dominantBaseline="central" fontSize={12}
        textAnchor={alignValue === 'left' ? 'start' : 'middle'} fill={theme.colors.getContrastText(stretch.color)}>{stretch.text}</text>}
    </g>
  );
}

function Axis({ range, place, top }) {
  const theme = useTheme2();
  const [from, to] = [range.from.valueOf(), range.to.valueOf()];
  const count = Math.max(1, Math.floor((place(to) - place(from)) / 90));
  const ticks = Array.from({ length: count }, (_, i) => from + ((to - from) * (i + 0.5)) / count);
  return ticks.map((t) => (
    <text key={t} x={place(t)} y={top + 14} fontSize={12} textAnchor="middle" fill={theme.colors.text.primary}>
      {dateTimeFormat(t, { format: 'HH:mm:ss', timeZone: 'utc' })}
    </text>
  ));
}

function Chart({ panel, rows, width, height }) {
  const theme = useTheme2();
  const { from, to } = panel.timeRange;
  const labels = Math.min(Math.max(...rows.map((row) => measureText(row.name, 12).width)) + 12, 0.4 * width);
  const place = (t) => labels + ((t - from.valueOf()) / (to.valueOf() - from.valueOf())) * (width - labels);
  const step = (height - AXIS) / rows.length, bar = step * (panel.options.rowHeight ?? 0.9);
  return (
    <svg width={width} height={height} style={{ display: 'block' }}>
      {rows.map((row, i) => (
        <g key={i} transform={`translate(0 ${i * step + (step - bar) / 2})`}>
          <text x={labels - 8} y={bar / 2} textAnchor="end" dominantBaseline="central" fontSize={12} fill={theme.colors.text.primary}>{row.name}</text>
          {row.stretches.map((s) => <Stretch key={s.from} stretch={s} place={place} height={bar} panel={panel} />)}
        </g>
      ))}
      <Axis range={panel.timeRange} place={place} top={height - AXIS} />
    </svg>
  );
}

export function StateTimeline({ panel, width, height }) {
  const all = rowsOf(panel.frames), perPage = panel.options.perPage ?? 20;
  const pages = Math.ceil(all.length / perPage);
  const states = new Map(all.flatMap((row) => row.stretches.map((s) => [s.text, s.color])));
  const items = [...states].map(([label, color]) => ({ label, color, yAxis: 1 }));
  const { legend } = panel.options;
  const shownLegend = (
    <VizLayout.Legend placement={legend.placement}>
      <VizLegend items={items} placement={legend.placement} displayMode={legend.displayMode} />
    </VizLayout.Legend>
  );
  return (
    <>
      <VizLayout width={width} height={height - (pages > 1 ? PAGER : 0)} legend={legend.showLegend ? shownLegend : null}>
        {(w, h) => <Chart panel={panel} rows={all.slice(0, perPage)} width={w} height={h} />}
      </VizLayout>
      <Pagination currentPage={1} numberOfPages={pages} onNavigate={() => {}} hideWhenSinglePage />
    </>
  );
}
