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
  const perSecond = new Map();
  for (const at of swarm.ups) {
    const second = Math.floor((at - from) / 1000);
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
  }
  return plainLine({
    what: `hub back after ${AWAY} s: all ${size.toLocaleString('en-US')} drones connected, ps correct`,
    unit: 'ms',
    ours: [ms],
    goal: '< 30 s',
    met: ms < 30_000,
    notes: [
      `${Math.max(...perSecond.values())} joined in the busiest second; the hub used at most ${Math.round(peakMemory(fleet.hub.pid))} MB`,
    ],
  });
}
