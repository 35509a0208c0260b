import { setTimeout as sleep } from 'node:timers/promises';
import { plainLine } from '../line.mjs';
import { peakMemory } from '../proc.mjs';

/** Seconds that the hub is away: long enough for drones to have backed off. */
const AWAY = 5;

/** The hub is killed and comes back: how long until all drones are connected, and how many connect per second. */
export async function restartLine(swarm) {
  const { fleet, size } = swarm;
  await fleet.hub.end('SIGKILL');
  await sleep(AWAY * 1000);
  swarm.ups = [];
  const from = Date.now();
  await fleet.startHub();
  await swarm.complete();
  const ms = Date.now() - from;
  return plainLine({
    what: `hub back after ${AWAY} s: all ${size.toLocaleString('en-US')} drones connected, ps correct`,
    unit: 'ms',
    ours: [ms],
    goal: '< 30 s',
    met: ms < 30_000,
    notes: [
      `${swarm.busiest(from)} joined in the busiest second; the hub used at most ${Math.round(peakMemory(fleet.hub.pid))} MB`,
    ],
  });
}
