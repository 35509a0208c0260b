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
  const reported = drones
    .filter(({ connection }) => connection)
    .flatMap((drone) =>
      [...drone.processes]
        .filter(([, { report }]) => report.instance?.app === app)
        .map(([id, known]) => reportedInstance(drone.name, known, leaving.has(id), since.get(id), now)),
    );
  // A drone reports a process before it answers the order.
  return [...reported, ...ordered.filter(({ id }) => id === null).map(orderedInstance(now))];
}

function reportedInstance(
  drone: string,
  { report, at }: KnownProcess,
  isLeaving: boolean,
  since: number | undefined,
  now: number,
): Instance {
  const {
    service = '',
    slot = 0,
    release = 0,
    port = null,
    state = '',
    why = null,
    restart = null,
  } = report.instance ?? {};
  const { id, lastExit, uptime } = report;
  return {
    ...{ id, drone, service, slot, release, port, state, why, restart, isLeaving },
    isGood: GOOD.has(state) && report.status === 'running' && !isLeaving,
    exit: lastExit && exitText(lastExit),
    ageMs: since === undefined ? uptime + (now - at) : now - since,
  };
}

function orderedInstance(now: number): (ordered: Ordered) => Instance {
  return ({ at, ...ordered }) => ({
    ...ordered,
    ...{
      port: null,
      state: 'starting',
      why: null,
      restart: null,
      isGood: false,
      isLeaving: false,
      exit: null,
    },
    ageMs: now - at,
  });
}

/** Returns how a run ended, in words: `exited with code 1`. */
export function exitText({ code, signal, error }: LastExit): string {
  if (error !== undefined) return `could not be started: ${error}`;
  if (signal !== null) return `was ended by ${signal}`;
  return code === null ? 'has ended' : `exited with code ${code}`;
}
