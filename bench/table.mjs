/** Returns `128 ms`, `1.52 s`, `47 MB`: at most three digits, because a bench is not more precise. */
export function amount(value, unit) {
  if (unit === 'ms' && value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  if (unit === 'ms' && value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  const text = value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value >= 10 ? 0 : 1);
  return unit ? `${text} ${unit}` : text;
}

function spread({ median, low, high }, unit) {
  const plain = low === high ? '' : ` (${withoutUnit(amount(low, unit))}–${withoutUnit(amount(high, unit))})`;
  return `${amount(median, unit)}${plain}`;
}

/** Returns the same with a sign, for what it is more or less than something else. */
function signed({ median, low, high }, unit) {
  const text = (value) => `${value < 0 ? '−' : '+'}${amount(Math.abs(value), unit)}`;
  return low === high
    ? text(median)
    : `${text(median)} (${withoutUnit(text(low))} to ${withoutUnit(text(high))})`;
}

const withoutUnit = (text) => text.replace(/ .*/, '');

const times = (value) => `${value.toFixed(2)}×`;

function goalText({ goal, met }) {
  if (goal === null) return '';
  return `${typeof goal === 'number' ? times(goal) : goal} ${met ? '✓' : '✗'}`;
}

/** Returns the cells of one line, in the order of HEAD, with quartiles. */
export function cells(line) {
  const { what, floor, unit, ours, bare, more, ratio } = line;
  return [
    what,
    spread(ours, unit),
    floor ?? '',
    bare ? spread(bare, unit) : '',
    more ? signed(more, unit) : '',
    ratio ? `${times(ratio.median)} (${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)})` : '',
    goalText(line),
  ];
}

export const HEAD = ['what', 'took', 'floor', 'floor took', 'more', 'ratio', 'goal'];

/** Returns the lines in columns, for a terminal. */
export function plainTable(lines) {
  const rows = [HEAD, ...lines.map(cells)].map((row) => row.map((cell) => cell.replaceAll('`', '')));
  const widths = HEAD.map((_, at) => Math.max(...rows.map((row) => row[at].length)));
  const text = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]))
      .join('  ')
      .trimEnd(),
  );
  return `${text.join('\n')}\n`;
}

/** Returns the lines as a Markdown table, with notes below it. */
export function markdownTable(lines) {
  const row = (all) => `| ${all.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const head = [row(HEAD), row(['---', '--:', '---', '--:', '--:', '--:', '--:'])];
  const notes = lines.flatMap(({ what, notes }) => notes.map((note) => `- ${what}: ${note}`));
  return `${[...head, ...lines.map((one) => row(cells(one)))].join('\n')}\n${notes.length > 0 ? `\n${notes.join('\n')}\n` : ''}`;
}
