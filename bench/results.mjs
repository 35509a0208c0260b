import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { chart } from './chart.mjs';
import { machine } from './machine.mjs';
import { amount, markdownTable } from './table.mjs';

const at = (name) => new URL(name, import.meta.url);
const RECORD = at('results.json');
const NODE = process.versions.node;

/**
 * Stores the lines of each row that was measured with this Node, and writes the table and the chart. Those of other Nodes
 * on the same machine stay. `speed` is how fast the machine was.
 */
export function keep(measured, order, speed) {
  const here = machine();
  const before = existsSync(RECORD) ? JSON.parse(readFileSync(RECORD, 'utf8')) : {};
  const nodes = before.machine === here ? before.nodes : {};
  const rows = { ...nodes[NODE]?.rows, ...measured };
  const sorted = sortedRows(rows, order);
  const all = { ...withoutOlder(nodes), [NODE]: { speed, rows: sorted } };
  write({ machine: here, nodes: all });
}

/** Returns rows in the order of their names, and leaves out what is none any more. `cluster of 3000 drones` comes after `cluster`. */
function sortedRows(rows, order) {
  const namesOf = (name) => Object.keys(rows).filter((row) => row === name || row.startsWith(`${name} of `));
  const names = order.flatMap((name) =>
    namesOf(name).sort((a, b) => a.localeCompare(b, 'en', { numeric: true })),
  );
  return Object.fromEntries(names.map((name) => [name, rows[name]]));
}

/** Leaves out an earlier release of this Node. */
function withoutOlder(nodes) {
  const [major] = NODE.split('.');
  return Object.fromEntries(Object.entries(nodes).filter(([node]) => node.split('.')[0] !== major));
}

function write(record) {
  writeFileSync(RECORD, `${JSON.stringify(record, null, 2)}\n`);
  const byVersion = ([a], [b]) => a.localeCompare(b, 'en', { numeric: true });
  const runs = Object.entries(record.nodes)
    .sort(byVersion)
    .map(([node, { speed, rows }]) => ({ node, speed, lines: Object.values(rows).flat() }));
  writeFileSync(at('results.md'), page(record.machine, runs));
  writeFileSync(at('results.svg'), chart(runs));
}

function page(here, runs) {
  const parts = runs.map(({ node, lines }) => `## Node ${node}\n\n${markdownTable(lines)}`);
  return `# What fleet costs, compared with the minimum

Made by \`npm run bench\` on: ${here}.
Each figure is a median with its quartiles. What it takes more than the floor, and how many times as much, are the medians of
what was taken round by round, fleet and floor in turn.

How fast this machine is:

| Node | \`node -e 0\` | to start \`/bin/true\` | 100 million additions in a loop | load before |
| --- | --: | --: | --: | --: |
${runs.map(speedRow).join('\n')}

${parts.join('\n')}`;
}

function speedRow({ node, speed: { nodeMs, forkMs, loopMs, load } }) {
  const cells = [node, ...[nodeMs, forkMs, loopMs].map((ms) => amount(ms, 'ms')), load.toFixed(1)];
  return `| ${cells.join(' | ')} |`;
}
