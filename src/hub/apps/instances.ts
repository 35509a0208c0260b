import type { LastExit } from '../../protocol/process.ts';
import type { Drone, KnownProcess } from '../drones/drone.ts';
import type { Instance } from './world.ts';

const GOOD = new Set(['ready', 'up']);

/** An instance that was ordered. */
export interface Ordered {
  /** Null until its drone has answered. */
  id: string | null;
  service: string;
  slot: number;
  drone: string;
  release: number;
  /** By performance.now. */
  at: number;
}

/** Returns the instances of an app: those that its connected drones report, and those that were ordered just now. */
export function instancesOf(
  app: string,
  drones: readonly Drone[],
  ordered: readonly Ordered[],
  leaving: ReadonlySet<string>,
  now = performance.now(),
): Instance[] {
  const since = new Map(ordered.flatMap(({ id, at }) => (id === null ? [] : [[id, at] as const])));
  const instances: Instance[] = [];
  for (const drone of drones) {
    if (!drone.connection) continue;
    for (const [id, known] of drone.processes)
      if (known.report.instance?.app === app)
        instances.push(reportedInstance(drone.name, known, leaving.has(id), since.get(id), now));
  }
  // A drone reports a process before it answers the order.
  for (const one of ordered) if (one.id === null) instances.push(orderedInstance(one, now));
  return instances;
}

// A spread before other properties makes a hidden class for each object, and everything that reads them slow.

function reportedInstance(
  drone: string,
  { report, at }: KnownProcess,
  isLeaving: boolean,
  since: number | undefined,
  now: number,
): Instance {
  const { instance, id, lastExit, uptime } = report;
  const state = instance?.state ?? '';
  return {
    id,
    drone,
    service: instance?.service ?? '',
    slot: instance?.slot ?? 0,
    release: instance?.release ?? 0,
    port: instance?.port ?? null,
    state,
    why: instance?.why ?? null,
    restart: instance?.restart ?? null,
    exit: lastExit && exitText(lastExit),
    isGood: GOOD.has(state) && report.status === 'running' && !isLeaving,
    isLeaving,
    ageMs: since === undefined ? uptime + (now - at) : now - since,
  };
}

function orderedInstance({ id, drone, service, slot, release, at }: Ordered, now: number): Instance {
  return {
    id,
    drone,
    service,
    slot,
    release,
    port: null,
    state: 'starting',
    why: null,
    restart: null,
    exit: null,
    isGood: false,
    isLeaving: false,
    ageMs: now - at,
  };
}

/** Returns how a run ended, in words: `exited with code 1`. */
export function exitText({ code, signal, error }: LastExit): string {
  if (code === null && signal === null)
    return error === undefined ? 'has ended' : `could not be started: ${error}`;
  const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
  return error === undefined ? how : `${how}, ${error}`;
}
