import { time, timeOf } from '../command.mjs';
import { FLEET } from '../fleet.mjs';
import { plainLine } from '../line.mjs';
import { quantile } from '../statistics.mjs';

const COMMIT = 'c'.repeat(40);
const GOAL_MS = 300;

/** How long `ps` and `spawn` take with the current number of drones. */
export async function latencyLines({ fleet, size }, stage) {
  const client = await fleet.connect();
  const [calls, asTyped, asJson, spawns] = [[], [], [], []];
  try {
    for (let round = 0; round < stage.rounds.long; round++) {
      calls.push(await timeOf(() => client.ps()));
      asTyped.push(await time([...FLEET, 'ps'], fleet.client()));
      asJson.push(await time([...FLEET, 'ps', '--json'], fleet.client()));
    }
    const ids = [];
    for (let round = 0; round < (stage.quick ? 100 : 300); round++) {
      const spawn = async () => {
        const { drones } = await client.spawn({
          repo: 'webapp',
          commit: COMMIT,
          command: ['node', 'server.js'],
        });
        for (const [name, { id }] of Object.entries(drones)) ids.push(`${name}#${id}`);
      };
      spawns.push(await timeOf(spawn));
    }
    await client.stop(ids);
  } finally {
    client.close();
  }
  const at = `${size.toLocaleString('en-US')} drones`;
  const ps = (what, ours, notes = []) =>
    plainLine({
      what: `${what}, ${at}`,
      unit: 'ms',
      ours,
      goal: `< ${GOAL_MS} ms`,
      met: quantile(ours, 0.5) < GOAL_MS,
      notes,
    });
  return [
    ps('`fleet ps`', asTyped),
    ps('`fleet ps --json`', asJson),
    ps('`client.ps()`', calls),
    plainLine({
      what: `\`client.spawn()\`, ${at}`,
      unit: 'ms',
      ours: spawns,
      goal: null,
      notes: [`p50 ${quantile(spawns, 0.5).toFixed(1)} ms, p99 ${quantile(spawns, 0.99).toFixed(1)} ms`],
    }),
  ];
}
