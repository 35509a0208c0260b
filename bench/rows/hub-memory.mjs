import { setTimeout as sleep } from 'node:timers/promises';
import { line, plainLine } from '../line.mjs';
import { memory } from '../proc.mjs';
import { Swarm } from '../swarm/swarm.mjs';
import { idleNode } from './drone-memory.mjs';

const REST = 3000;

/** The memory of a hub with 20 drones and with 1,000, each with 10 processes. */
export async function measure(stage) {
  const node = await idleNode(stage);
  const swarm = await Swarm.start(stage);
  const of = async (size) => {
    await swarm.grow(size);
    await sleep(REST);
    return [memory(swarm.fleet.hub.pid)];
  };
  const same = { floor: 'an idle node', unit: 'MB', floors: [node] };
  const few = line({
    ...same,
    what: 'memory of a hub, 20 drones, 200 processes',
    goal: 1.5,
    ours: await of(20),
  });
  const ours = await of(1000);
  const what = 'memory of a hub, 1,000 drones, 10,000 processes';
  return [few, plainLine({ ...same, what, ours, goal: '< 150 MB', met: ours[0] < 150 })];
}
