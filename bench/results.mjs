import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, totalmem } from 'node:os';
import { chart } from './chart.mjs';
import { markdownTable } from './table.mjs';

const at = (name) => new URL(name, import.meta.url);
const RECORD = at('results.json');

/** Describes the machine. Results of different machines are not mixed in one table. */
export function machine() {
  const git = execFileSync('git', ['--version'], { encoding: 'utf8' }).trim();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${cpus().length} cores, ${memory}, ${platform()} ${arch()}, node ${process.versions.node}, ${git}`;
}

/** Stores the lines of each row that was measured, and writes the table and the chart. */
export function keep(measured, order) {
  const here = machine();
  const before = existsSync(RECORD) ? JSON.parse(readFileSync(RECORD, 'utf8')) : {};
  const rows = { ...(before.machine === here ? before.rows : {}), ...measured };
  const sorted = Object.fromEntries(order.filter((name) => rows[name]).map((name) => [name, rows[name]]));
  writeFileSync(RECORD, `${JSON.stringify({ machine: here, rows: sorted }, null, 2)}\n`);
  const lines = Object.values(sorted).flat();
  writeFileSync(at('results.md'), page(here, lines));
  writeFileSync(at('results.svg'), chart(lines.filter(({ ratio }) => ratio)));
}

function page(here, lines) {
  return `# What fleet costs, compared with the minimum

Made by \`npm run bench\` on: ${here}.
Each figure is a median with its quartiles; each ratio is the median of ratios taken round by round, fleet and floor in turn.

${markdownTable(lines)}`;
}
