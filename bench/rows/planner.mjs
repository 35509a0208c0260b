import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { run } from '../command.mjs';
import { plainLine } from '../line.mjs';

const SCRIPT = fileURLToPath(new URL('../planner.ts', import.meta.url));
const GOAL_MS = 20;

/** What the hub decides, each time that something has happened, about a service of 10,000 instances on 1,000 drones. */
export async function measure(stage) {
  const { rolldown } = await import('rolldown');
  const outfile = `${stage.dir}/planner.mjs`;
  // As it is shipped: the loader for TypeScript makes each inner function cost more.
  const bundle = await rolldown({ input: SCRIPT, platform: 'node' });
  await bundle.write({ file: outfile, format: 'esm', codeSplitting: false });
  await bundle.close();
  const { stdout } = await run([process.execPath, outfile, String(stage.rounds.short)]);
  const { first, replacing, nothing } = JSON.parse(stdout);
  return [
    line('the plan for 1,000 drones: where 10,000 new instances go', first),
    line('the same, half of them replaced, 2,500 to start', replacing),
    line('the same, nothing to do', nothing),
  ];
}

function line(what, rounds) {
  const ours = rounds.map(({ processor }) => processor);
  const met = middle(ours) < GOAL_MS;
  const elapsed = rounds.map((one) => one.elapsed);
  const load = loadavg()[0].toFixed(1);
  const notes = [
    `of the processor: ${extremes(ours)}; on the clock, beside whatever else runs (load ${load}): ${extremes(elapsed)}`,
  ];
  return plainLine({ what, unit: 'ms', ours, goal: `< ${GOAL_MS} ms`, met, notes });
}

const sorted = (values) => [...values].sort((a, b) => a - b);
const middle = (values) => sorted(values)[Math.floor(values.length / 2)];

function extremes(values) {
  const [low, median, high] = [sorted(values)[0], middle(values), sorted(values).at(-1)];
  return `${low.toFixed(1)} to ${high.toFixed(1)} ms, median ${median.toFixed(1)} ms`;
}
