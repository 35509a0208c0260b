import { fileURLToPath } from 'node:url';
import { run } from '../command.mjs';
import { plainLine } from '../line.mjs';

const SCRIPT = fileURLToPath(new URL('../planner.ts', import.meta.url));

/** What the hub computes, each time that something has happened, about a service of 10,000 instances on 1,000 drones. */
export async function measure(stage) {
  const rounds = stage.rounds.short;
  const script = [process.execPath, '--import', 'tsx', SCRIPT, String(rounds)];
  const { first, next } = JSON.parse((await run(script)).stdout);
  const goal = 20;
  const plan = (what, ours) => {
    const median = [...ours].sort((a, b) => a - b)[Math.floor(ours.length / 2)];
    return plainLine({ what, unit: 'ms', ours, goal: `< ${goal} ms`, met: median < goal, notes: [] });
  };
  return [
    plan('plan: 10,000 instances on 1,000 drones, while they are replaced', next),
    plan('plan: where 10,000 new instances go', first),
  ];
}
