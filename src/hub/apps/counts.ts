import type { AppFile } from '../../app-file/types.ts';
import type { ReleaseState, ServiceCount } from '../../protocol/apps.ts';
import { own } from '../../system/own.ts';
import { type AppRecord, numberOf, type ReleaseRecord, releaseOf } from './app-record.ts';
import { wantedSlots } from './targets.ts';
import type { Instance, World } from './world.ts';

type Counts = Record<string, ServiceCount>;
type FileOf = (release: ReleaseRecord) => AppFile;

/** In these states, the release before serves. */
const NOT_SERVING: ReleaseState[] = ['failed', 'cancelled', 'canary'];

/**
 * Returns, for each service of what serves while a release is in its state, how many instances are good, and how many there
 * should be; with those of a canary that went ahead.
 */
export function countsWhile(
  release: ReleaseRecord,
  app: AppRecord,
  instances: readonly Instance[],
  fileOf: FileOf,
): Counts {
  const isServing = !NOT_SERVING.includes(release.state);
  const serving = countsOf(isServing ? release : releaseOf(app, release.replaces), app, instances, fileOf);
  if (release.state !== 'canary') return serving;
  const ahead = countsOf(release, app, instances, fileOf);
  const names = [...new Set([...Object.keys(serving), ...Object.keys(ahead)])];
  return Object.fromEntries(
    names.map((name) => {
      const { ready = 0, count = 0 } = own(serving, name) ?? {};
      return [name, { ready, count, canary: own(ahead, name)?.ready ?? 0 }];
    }),
  );
}

/** Returns those of these services; all if none is named. */
export function countsOfServices(counts: Counts, services: readonly string[]): Counts {
  if (services.length === 0) return counts;
  return Object.fromEntries(Object.entries(counts).filter(([name]) => services.includes(name)));
}

function countsOf(
  release: ReleaseRecord | null,
  app: AppRecord,
  instances: readonly Instance[],
  fileOf: FileOf,
): Counts {
  if (!release) return {};
  const counts = fileOf(release).services.map((service) => {
    const number = numberOf(release, service.name);
    const good = instances.filter(
      (one) => one.service === service.name && one.release === number && one.isGood,
    );
    const scaled = Object.hasOwn(app.scale, service.name) ? { file: service.count } : {};
    return [
      service.name,
      { ready: good.length, count: wantedSlots(app, service).length, ...scaled },
    ] as const;
  });
  return Object.fromEntries(counts);
}

/** Returns the drones on which instances of a release should run, and which are lost. */
export function lostDrones(
  release: ReleaseRecord,
  app: AppRecord,
  { drones }: World,
  fileOf: FileOf,
): string[] {
  const connected = new Set(drones.filter((one) => one.isConnected).map(({ name }) => name));
  const slots = fileOf(release).services.flatMap((service) => wantedSlots(app, service));
  return [...new Set(slots.map(({ drone }) => drone))].filter((name) => !connected.has(name)).sort();
}
