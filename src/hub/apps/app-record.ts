import * as v from 'valibot';
import type { EnvironmentChange, ReleaseState } from '../../protocol/apps.ts';
import { record } from '../../protocol/record.ts';
import { own } from '../../system/own.ts';
import type { Placement } from './placement.ts';

/** A variable of an app: its value is sealed by the vault. */
export interface Variable {
  sealed: string;
  /** When it was set, in milliseconds since 1970. */
  time: number;
  by: string;
}

/** The job of a release: its command, once. */
export interface ReleaseJob {
  key: string;
  id: string;
  drone: string;
  /** Milliseconds since 1970. */
  started: number;
}

/** A release: a commit, its files, and the environment at that time. */
export interface ReleaseRecord {
  release: number;
  commit: string;
  subject: string;
  /** The stage whose sections of fleet.toml apply. */
  stage: string | null;
  /** The texts of fleet.toml and Procfile. */
  toml: string | null;
  procfile: string | null;
  /** The sealed values of the environment, by name. */
  env: Record<string, string>;
  change: EnvironmentChange;
  /** When it began, and when it became live, in milliseconds since 1970. */
  time: number;
  liveAt: number | null;
  /** Since when it rests as a canary, in milliseconds since 1970; null if it does not. */
  restsSince: number | null;
  /** Milliseconds that it has rested before. */
  restedMs: number;
  by: string;
  state: ReleaseState;
  why: string | null;
  /** The release that it repeats: then there is no release command. */
  of: number | null;
  /** How many instances of each service go ahead; null if all of them. */
  canary: number | null;
  rebuild: boolean;
  strict: boolean;
  /** What it goes back to if it fails; null for nothing. */
  replaces: number | null;
  /** Services of which it restarts nothing: their instances still have the number of this earlier release. */
  keeps: Record<string, number>;
  /** Somebody wants it to end: it goes back and is `cancelled`. */
  isCancelled: boolean;
  job: ReleaseJob | null;
  /** The number of the last event before it began. */
  seq: number;
}

/** A request that was carried out: with the change that it has made, its key is stored, so that it is made once. */
export interface DoneRequest {
  /** Random; by whoever asks. */
  key: string;
  /** The release that it was about; null if there is none, or none yet. */
  release: number | null;
  /** True if it has begun that. */
  isNew: boolean;
}

/** What a hub knows of an app: `apps/APP.json`. */
export interface AppRecord {
  version: 1;
  repo: string;
  stage: string | null;
  /** The highest number that was given to a release. */
  last: number;
  /** The release that serves; null if there is none. */
  live: number | null;
  /** The release on its way; null if there is none. */
  underWay: number | null;
  /** Oldest first. */
  releases: ReleaseRecord[];
  /** What `fleet scale` has set, by service. */
  scale: Record<string, number>;
  placement: Placement;
  /** The drones to which slots belong that have moved because theirs was lost. */
  homes: Placement;
  env: Record<string, Variable>;
  /** Why nothing happens by itself until somebody decides; null if all is well. */
  undecided: string | null;
  /** With what proxies answer requests instead; null unless there is maintenance. */
  maintenance: string | null;
  /** Those that were carried out last, oldest first. */
  requests: DoneRequest[];
}

const names = v.fallback(v.array(v.string()), []);
const number = v.pipe(v.number(), v.safeInteger());

/** The environment is what it was. */
export const NO_CHANGE: EnvironmentChange = { set: [], changed: [], unset: [] };

const releaseSchema = v.looseObject({
  release: number,
  commit: v.string(),
  subject: v.fallback(v.string(), ''),
  stage: v.fallback(v.nullable(v.string()), null),
  toml: v.fallback(v.nullable(v.string()), null),
  procfile: v.fallback(v.nullable(v.string()), null),
  env: v.fallback(record(v.string(), v.string()), {}),
  change: v.fallback(v.object({ set: names, changed: names, unset: names }), NO_CHANGE),
  time: v.fallback(number, 0),
  liveAt: v.fallback(v.nullable(number), null),
  restsSince: v.fallback(v.nullable(number), null),
  restedMs: v.fallback(number, 0),
  by: v.fallback(v.string(), ''),
  state: v.string(),
  why: v.fallback(v.nullable(v.string()), null),
  of: v.fallback(v.nullable(number), null),
  canary: v.fallback(v.nullable(number), null),
  rebuild: v.fallback(v.boolean(), false),
  strict: v.fallback(v.boolean(), false),
  replaces: v.fallback(v.nullable(number), null),
  keeps: v.fallback(record(v.string(), number), {}),
  isCancelled: v.fallback(v.boolean(), false),
  job: v.fallback(
    v.nullable(v.object({ key: v.string(), id: v.string(), drone: v.string(), started: number })),
    null,
  ),
  seq: v.fallback(number, 0),
});

const placement = v.fallback(record(v.string(), record(v.string(), v.string())), {});

/** Checks a file; keys that this version does not know are kept, as a newer one may come back. */
export const appSchema = v.looseObject({
  version: v.optional(v.literal(1), 1),
  repo: v.string(),
  stage: v.fallback(v.nullable(v.string()), null),
  last: number,
  live: v.fallback(v.nullable(number), null),
  underWay: v.fallback(v.nullable(number), null),
  releases: v.array(releaseSchema),
  scale: v.fallback(record(v.string(), number), {}),
  placement,
  homes: placement,
  env: v.fallback(record(v.string(), v.object({ sealed: v.string(), time: number, by: v.string() })), {}),
  undecided: v.fallback(v.nullable(v.string()), null),
  maintenance: v.fallback(v.nullable(v.string()), null),
  requests: v.fallback(
    v.array(v.object({ key: v.string(), release: v.nullable(number), isNew: v.boolean() })),
    [],
  ),
});

/** Returns the record of an app that nothing is known of. */
export function newApp(repo: string, stage: string | null): AppRecord {
  return {
    ...{ version: 1, repo, stage, last: 0, live: null, underWay: null },
    ...{ releases: [], scale: {}, placement: {}, homes: {}, env: {}, undecided: null, maintenance: null },
    requests: [],
  };
}

/** Returns a release of an app, if it is remembered. */
export function releaseOf(app: AppRecord, release: number | null): ReleaseRecord | null {
  return app.releases.find((one) => one.release === release) ?? null;
}

/** Returns a release that rests no longer. */
export function rested(release: ReleaseRecord, now: number): ReleaseRecord {
  const { restsSince, restedMs } = release;
  if (restsSince === null) return release;
  return { ...release, restsSince: null, restedMs: restedMs + Math.max(0, now - restsSince) };
}

/** Returns how long a release has taken, in milliseconds: the time in which a canary waits for somebody is not its own. */
export function elapsedMs(release: ReleaseRecord, now: number): number {
  return now - release.time - rested(release, now).restedMs;
}

/** Returns true if a release leaves the instances of a service as they are. */
export function isKept({ keeps }: Pick<ReleaseRecord, 'keeps'>, service: string): boolean {
  return Object.hasOwn(keeps, service);
}

/** Returns the number that the instances of a service have while a release is live. */
export function numberOf(release: Pick<ReleaseRecord, 'release' | 'keeps'>, service: string): number {
  return own(release.keeps, service) ?? release.release;
}
