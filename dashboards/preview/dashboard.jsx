// The page around the panels: title, variables, links and the grid.
import { Icon, PanelChrome, useTheme2, ErrorBoundary } from '@grafana/ui';
import { panelTypes } from './panels.jsx';

const CELL = 30, GAP = 8, COLUMNS = 24, PADDING = 16, HEAD = 88;

// placed is where a panel lies, in pixels.
function placed({ x, y, w, h }, width) {
  const column = (width - GAP * (COLUMNS - 1)) / COLUMNS;
  return {
    left: x * (column + GAP), top: y * (CELL + GAP),
    width: w * column + (w - 1) * GAP, height: h * CELL + (h - 1) * GAP,
  };
}

function Head({ title, variables, links }) {
  const theme = useTheme2();
  const box = { border: `1px solid ${theme.colors.border.medium}`, borderRadius: 2, padding: '4px 8px', whiteSpace: 'nowrap' };
  const shown = (v) => variables.valuesOf(v).map((value) => (value === '$__all' ? 'All' : value)).join(' + ');
  return (
    <div style={{ height: HEAD, overflow: 'hidden' }}>
      <div style={{ fontSize: 16, fontWeight: 500, padding: '12px 0' }}>{title}</div>
      <div style={{ display: 'flex', gap: 8, fontSize: 12 }}>
        {variables.list.filter((v) => v.hide !== 2).map((v) => (
          <div key={v.name} style={box}><b style={{ fontWeight: 500, color: theme.colors.text.secondary }}>{v.label ?? v.name}</b>&ensp;{shown(v)}</div>
        ))}
        <div style={{ flex: 1 }} />
        {links.map((l) => <div key={l.title} style={{ ...box, background: theme.colors.background.secondary }}>{l.title}</div>)}
      </div>
    </div>
  );
}

function Row({ title, style }) {
  return <div style={{ ...style, position: 'absolute', display: 'flex', alignItems: 'center', gap: 8, fontWeight: 500, fontSize: 16 }}><Icon name="angle-down" />{title}</div>;
}

// rowsIn is how many rows a table has.
function rowsIn({ frames, options }) {
  return frames[options?.frameIndex ?? 0]?.length ?? 0;
}

function Panel({ panel, style }) {
  const Body = panelTypes[panel.type];
  return (
    <div style={{ ...style, position: 'absolute' }} data-panel={panel.title} data-rows={panel.type === 'table' ? rowsIn(panel) : 0}>
      <PanelChrome title={panel.title} description={panel.description} width={style.width} height={style.height}
        padding={panel.type === 'table' ? 'none' : 'md'} statusMessage={panel.problems.join('; ') || undefined}
        titleItems={panel.links?.length > 0 ? <Icon name="external-link-alt" size="sm" /> : undefined}>
        {(width, height) => (
          <ErrorBoundary boundaryName={panel.title} onError={(error) => panel.problems.push(`it cannot be drawn: ${error.message}`)}>
            {({ error }) => (error || !Body ? <div>{String(error ?? panel.type)}</div> : <Body panel={panel} width={width} height={height} />)}
          </ErrorBoundary>
        )}
      </PanelChrome>
    </div>
  );
}

export function Dashboard({ title, links, variables, panels }) {
  const theme = useTheme2();
  const width = document.documentElement.clientWidth - 2 * PADDING;
  const boxes = panels.map((panel) => ({ panel, style: placed(panel.gridPos, width) }));
  const height = Math.max(...boxes.map(({ style }) => style.top + style.height));
  return (
    <div style={{ background: theme.colors.background.canvas, padding: PADDING, paddingTop: 0 }}>
      <Head title={title} variables={variables} links={links} />
      <div style={{ position: 'relative', height }}>
        {boxes.map(({ panel, style }) => panel.type === 'row'
          ? <Row key={panel.id} title={panel.title} style={style} />
          : <Panel key={panel.id} panel={panel} style={style} />)}
      </div>
    </div>
  );
}
