import { type AppRecord, NO_CHANGE, newApp, type ReleaseRecord } from '../../../src/hub/apps/app-record.ts';
import type { AppDrone, Instance, World } from '../../../src/hub/apps/world.ts';

/** A release that rolls, unless something else is said. */
export function makeRelease(release: number, more: Partial<ReleaseRecord> = {}): ReleaseRecord {
  return {
    ...{ release, commit: String(release % 10).repeat(40), subject: '', stage: null, toml: null },
    ...{
      procfile: null,
      env: {},
      change: NO_CHANGE,
      time: 0,
      liveAt: null,
      restsSince: null,
      restedMs: 0,
      by: 'ada',
      state: 'rolling',
    },
    ...{ why: null, of: null, canary: null, rebuild: false, strict: false, replaces: null },
    ...{ isCancelled: false, keeps: {}, job: null, seq: 0 },
    ...more,
  };
}

/** An app with these releases. */
export function makeApp(releases: ReleaseRecord[], more: Partial<AppRecord> = {}): AppRecord {
  const last = releases.at(-1)?.release ?? 0;
  return { ...newApp('webapp', null), releases, last, ...more };
}

/** An instance that is good. */
export function makeInstance(slot: number, release: number, more: Partial<Instance> = {}): Instance {
  return {
    ...{ id: `i${slot}${release}`, service: 'web', slot, drone: 'd1', release, port: null, state: 'ready' },
    ...{ why: null, restart: null, exit: null, ageMs: 0, isGood: true, isLeaving: false },
    ...more,
  };
}

export function makeDrone(name: string, more: Partial<AppDrone> = {}): AppDrone {
  return { name, isConnected: true, processes: 0, labels: {}, ...more };
}

/** A world in which every checkout is ready, and nothing has failed. */
export function makeWorld(drones: AppDrone[], instances: Instance[] = [], more: Partial<World> = {}): World {
  return {
    drones,
    instances,
    prepared: () => 'ready',
    startFailure: () => null,
    job: null,
    newerHubAt: null,
    awayMs: () => 0,
    now: 0,
    ...more,
  };
}
