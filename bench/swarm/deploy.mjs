import { timeOf } from '../command.mjs';
import { plainLine } from '../line.mjs';
import { cpuSecondsOfAll, peakMemory } from '../proc.mjs';
import { commitChange } from '../repository.mjs';

/** A small change, fetched and checked out by all drones with real git, each with its own mirror. */
export async function deployLine({ fleet, size }, app) {
  const client = await fleet.connect();
  try {
    const commit = await commitChange(app);
    const seen = { most: 0, told: 0 };
    const cpu = cpuSecondsOfAll(fleet.hub.pid);
    let result;
    const ms = await timeOf(async () => {
      result = await client.deploy({
        dir: app,
        commit,
        onProgress: ({ phase, done }) => {
          if (phase === 'drones') Object.assign(seen, { most: done, told: seen.told + 1 });
        },
      });
    });
    const hub = 1000 * (cpuSecondsOfAll(fleet.hub.pid) - cpu);
    const failed = Object.entries(result.drones).filter(([, error]) => error !== null);
    const count = Object.keys(result.drones).length;
    if (failed.length > 0)
      throw new Error(`${failed.length} drones failed: ${failed[0][0]}: ${failed[0][1].message}`);
    return plainLine({
      what: `deploy of a small change, ${size.toLocaleString('en-US')} drones on this machine`,
      unit: 'ms',
      ours: [ms],
      goal: 'all have it',
      met: count === size && seen.most === size,
      notes: [
        `${(ms / size).toFixed(1)} ms for each drone, of which the hub took ${(hub / size).toFixed(1)} ms of processor time; ${seen.told} progress messages; the hub used at most ${Math.round(peakMemory(fleet.hub.pid))} MB`,
      ],
    });
  } finally {
    client.close();
  }
}
