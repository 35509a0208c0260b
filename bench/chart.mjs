const WIDTH = 900;
const LEFT = 430;
/** How many characters of a label fit before the bars. */
const LABEL = 60;
/** The width of the column with the ratios of one Node. */
const RIGHT = 52;
const ROW = 26;
const TOP = 84;
/** The height of all bars of one row. */
const BARS = 16;

const STYLE = `
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #24292f; }
  .small { font-size: 11px; fill: #57606a; }
  .grid { stroke: #d0d7de; }
  .floor { stroke: #24292f; stroke-dasharray: 3 3; }
  .fleet { fill: #0969da; }
  .peer { fill: #afb8c1; }
  .other { opacity: 0.6; }
  .goal { stroke: #cf222e; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .small { fill: #9198a1; }
    .grid { stroke: #30363d; }
    .floor { stroke: #e6edf3; }
    .fleet { fill: #4493f8; }
    .peer { fill: #545d68; }
    .goal { stroke: #ff7b72; }
  }`;

const escaped = (text) => text.replaceAll('`', '').replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Returns what is measured, without the details in the table. */
function label(what) {
  const short = what.length > LABEL ? what.split(':')[0] : what;
  return short.length > LABEL ? `${short.slice(0, LABEL - 1)}…` : short;
}

/**
 * Returns an SVG of the ratios on a logarithmic scale: a row for each line that has one, with a bar for each of the runs,
 * which are `{node, lines}`.
 */
export function chart(runs) {
  const all = runs.flatMap(({ lines }) => lines.filter(({ ratio }) => ratio));
  const rows = [...new Set(all.map(({ what }) => what))].map((what) =>
    runs.map(({ lines }) => lines.find((one) => one.what === what && one.ratio) ?? null),
  );
  const medians = all.map(({ ratio }) => ratio.median);
  const [least, most] = [Math.min(0.5, ...medians), Math.max(4, ...medians)];
  const log = (value) => Math.log2(value / least) / Math.log2((most * 1.05) / least);
  const right = RIGHT * runs.length + 18;
  const x = (value) => LEFT + log(value) * (WIDTH - LEFT - right);
  const height = TOP + rows.length * ROW + 20;
  const bars = rows.map((row, at) => rowOf(row, TOP + at * ROW, x));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">
<title>Time and memory of fleet, as multiples of the floor: bare git, bare node</title>
<style>${STYLE}
</style>
<text class="small" x="10" y="20">multiples of the floor, measured in the same run; red: the goal; grey: other programs</text>
${[...runs.map(heading), ...gridOf({ least, most, height }, x), ...bars].join('\n')}
</svg>
`;
}

/** The Node of each run, above its ratios; its bars are in the same order, from above. */
function heading({ node }, at, { length }) {
  return `<text class="small" x="${columnOf(at, length)}" y="${TOP - 32}" text-anchor="end">Node ${node.split('.')[0]}</text>`;
}

const columnOf = (at, count) => WIDTH - 10 - (count - 1 - at) * RIGHT;

function gridOf({ least, most, height }, x) {
  const ticks = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64].filter((tick) => tick >= least && tick <= most * 1.1);
  return ticks.map((tick) => {
    const place = x(tick).toFixed(1);
    const line = `<line class="${tick === 1 ? 'floor' : 'grid'}" x1="${place}" x2="${place}" y1="${TOP - 8}" y2="${height - 16}"/>`;
    return `${line}<text class="small" x="${place}" y="${TOP - 14}" text-anchor="middle">${tick === 1 ? 'floor' : `${tick}×`}</text>`;
  });
}

/** Returns the bars of one row, of which each is null if that Node has not measured it. */
function rowOf(lines, y, x) {
  const { what, goal } = lines.find((line) => line);
  const parts = [`<text x="10" y="${y + 15}">${escaped(label(what))}</text>`];
  lines.forEach((line, at) => {
    if (line) parts.push(bar(line, { at, count: lines.length, y }, x));
  });
  if (typeof goal === 'number') {
    const place = x(goal).toFixed(1);
    parts.push(`<line class="goal" x1="${place}" x2="${place}" y1="${y + 1}" y2="${y + 21}"/>`);
  }
  return parts.join('');
}

function bar({ ratio, peer }, { at, count, y }, x) {
  const [from, to] = [x(1), x(ratio.median)];
  const width = Math.max(1.5, Math.abs(to - from)).toFixed(1);
  const height = BARS / count;
  const top = (y + 3 + at * height).toFixed(1);
  const look = `${peer ? 'peer' : 'fleet'}${at > 0 ? ' other' : ''}`;
  const box = `<rect class="${look}" x="${Math.min(from, to).toFixed(1)}" y="${top}" width="${width}" height="${(height - 1).toFixed(1)}" rx="2"/>`;
  return `${box}<text class="small" x="${columnOf(at, count)}" y="${y + 15}" text-anchor="end">${ratio.median.toFixed(2)}×</text>`;
}
