// The node graph, which Grafana's library does not have: nodes and arrows, from the same fields and
// settings, in layers from left to right.
import { useTheme2 } from '@grafana/ui';

const RADIUS = 40, ACROSS = 190, DOWN = 130;

// rowsOf returns the rows of the frames that have the field, as objects with lower-case names.
function rowsOf(frames, has) {
  return frames.map((frame) => ({ length: frame.length, fields: Object.fromEntries(frame.fields.map((f) => [f.name.toLowerCase(), f])) }))
    .filter(({ fields }) => has(fields))
    .flatMap(({ length, fields }) => Array.from({ length }, (_, i) => (name) => fields[name] && {
      raw: fields[name].values[i], text: shownText(fields[name], i), color: fields[name].display(fields[name].values[i]).color,
    }));
}

function shownText(field, i) {
  const { prefix = '', text, suffix = '' } = field.display(field.values[i]);
  return prefix + text + suffix;
}

// laidOut gives each node its layer, behind what leads to it, and its line: a leaf gets one of its own,
// what leads to several lies in their middle.
function laidOut(nodes, edges) {
  const targets = new Map(nodes.map((n) => [n('id').raw, []]));
  const roots = new Set(targets.keys());
  for (const e of edges) {
    const [source, target] = [e('source').raw, e('target').raw];
    if (targets.has(source) && targets.has(target)) {
      targets.get(source).push(target);
      roots.delete(target);
    }
  }
  const places = new Map();
  let lines = 0;
  function place(id, layer) {
    if (places.has(id)) {
      return places.get(id).line;
    }
    const at = { layer, line: 0 };
    places.set(id, at); // before those behind it, which may lead back
    const behind = targets.get(id).filter((t) => !places.has(t)).map((t) => place(t, layer + 1));
    at.line = behind.length > 0 ? (behind[0] + behind.at(-1)) / 2 : lines++;
    return at.line;
  }
  [...roots, ...targets.keys()].forEach((id) => place(id, 0));
  return places;
}

function Node({ node, x, y }) {
  const theme = useTheme2();
  const line = (name, at, size) => node(name)?.text && (
    <text y={at} fontSize={size} textAnchor="middle" fill={theme.colors.text.primary}>{node(name).text}</text>
  );
  return (
    <g transform={`translate(${x} ${y})`}>
      <circle r={RADIUS} fill={theme.components.panel.background} stroke={node('color')?.color ?? theme.colors.text.secondary} strokeWidth={2} />
      {line('mainstat', -4, 14)}
      {line('secondarystat', 14, 12)}
      {line('title', RADIUS + 18, 14)}
      {line('subtitle', RADIUS + 34, 12)}
    </g>
  );
}

function Edge({ edge, from, to }) {
  const theme = useTheme2();
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const along = (distance) => ({ x: from.x + ((to.x - from.x) * distance) / length, y: from.y + ((to.y - from.y) * distance) / length });
  const [start, end, middle] = [along(RADIUS + 2), along(length - RADIUS - 8), along(length / 2)];
  return (
    <g>
      <line x1={start.x} y1={start.y} x2={end.x} y2={end.y} stroke={edge('color')?.color ?? '#999'} strokeWidth={edge('thickness')?.raw ?? 1} markerEnd="url(#arrow)" />
      <text x={middle.x} y={middle.y - 6} fontSize={12} textAnchor="middle" fill={theme.colors.text.primary}>{edge('mainstat')?.text}</text>
    </g>
  );
}

export function NodeGraph({ panel, width, height }) {
  const edges = rowsOf(panel.frames, (fields) => fields.source && fields.target);
  const nodes = rowsOf(panel.frames, (fields) => fields.id && !fields.source);
  const laid = laidOut(nodes, edges);
  const places = new Map([...laid].map(([id, { layer, line }]) => [id, { x: layer * ACROSS, y: line * DOWN }]));
  const [right, bottom] = ['x', 'y'].map((axis) => Math.max(...[...places.values()].map((p) => p[axis])));
  const drawn = edges.filter((e) => places.has(e('source').raw) && places.has(e('target').raw));
  return (
    <svg width={width} height={height} viewBox={`${-RADIUS * 2} ${-RADIUS * 1.5} ${right + RADIUS * 4} ${bottom + RADIUS * 4}`}>
      <marker id="arrow" viewBox="0 0 10 10" refX="5" refY="5" markerWidth="10" markerHeight="10" markerUnits="userSpaceOnUse" orient="auto">
        <path d="M0 0L10 5L0 10z" fill="#999" />
      </marker>
      {drawn.map((e) => <Edge key={e('id').raw} edge={e} from={places.get(e('source').raw)} to={places.get(e('target').raw)} />)}
      {nodes.map((n) => <Node key={n('id').raw} node={n} {...places.get(n('id').raw)} />)}
    </svg>
  );
}
