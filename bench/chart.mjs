const WIDTH = 900;
const LEFT = 430;
/** How many characters of a label fit before the bars. */
const LABEL = 60;
/** The width of the column with the ratios. */
const RIGHT = 70;
const ROW = 26;
const TOP = 66;

const STYLE = `
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #24292f; }
  .small { font-size: 11px; fill: #57606a; }
  .grid { stroke: #d0d7de; }
  .floor { stroke: #24292f; stroke-dasharray: 3 3; }
  .fleet { fill: #0969da; }
  .peer { fill: #afb8c1; }
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

/** Returns an SVG of the ratios on a logarithmic scale. */
export function chart(lines) {
  const most = Math.max(4, ...lines.map(({ ratio }) => ratio.median));
  const least = Math.min(0.5, ...lines.map(({ ratio }) => ratio.median));
  const log = (value) => Math.log2(value / least) / Math.log2((most * 1.05) / least);
  const x = (value) => LEFT + log(value) * (WIDTH - LEFT - RIGHT);
  const height = TOP + lines.length * ROW + 20;
  const ticks = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64].filter((tick) => tick >= least && tick <= most * 1.1);
  const grid = ticks.map((tick) => {
    const place = x(tick).toFixed(1);
    const line = `<line class="${tick === 1 ? 'floor' : 'grid'}" x1="${place}" x2="${place}" y1="${TOP - 8}" y2="${height - 16}"/>`;
    return `${line}<text class="small" x="${place}" y="${TOP - 14}" text-anchor="middle">${tick === 1 ? 'floor' : `${tick}×`}</text>`;
  });
  const bars = lines.map((line, at) => bar(line, TOP + at * ROW, x));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">
<title>Time and memory of fleet, as multiples of the floor: bare git, bare node</title>
<style>${STYLE}
</style>
<text class="small" x="10" y="20">multiples of the floor, measured in the same run; red: the goal; grey: other programs</text>
${[...grid, ...bars].join('\n')}
</svg>
`;
}

function bar({ what, ratio, goal, peer }, y, x) {
  const [from, to] = [x(1), x(ratio.median)];
  const width = Math.max(1.5, Math.abs(to - from)).toFixed(1);
  const parts = [
    `<text x="10" y="${y + 15}">${escaped(label(what))}</text>`,
    `<rect class="${peer ? 'peer' : 'fleet'}" x="${Math.min(from, to).toFixed(1)}" y="${y + 4}" width="${width}" height="14" rx="2"/>`,
    `<text class="small" x="${WIDTH - 10}" y="${y + 15}" text-anchor="end">${ratio.median.toFixed(2)}×</text>`,
  ];
  if (typeof goal === 'number') {
    const place = x(goal).toFixed(1);
    parts.push(`<line class="goal" x1="${place}" x2="${place}" y1="${y + 1}" y2="${y + 21}"/>`);
  }
  return parts.join('');
}
