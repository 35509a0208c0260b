import * as v from 'valibot';
import { ADMIN_CALLS } from './admin-calls.ts';
import { APP_CALLS } from './app-calls.ts';
import * as a from './app-words.ts';
import type { AnswerOf, CheckedAnswerOf, CheckedParamsOf, ClientCallRow, ParamsOf } from './call-table.ts';
import { CERTIFICATE_CALLS } from './certificate-calls.ts';
import { CLUSTER_CALLS } from './cluster-calls.ts';
import { eventPlace } from './event-place.ts';
import { EXEC_CALLS, release, run, started } from './exec-calls.ts';
import * as f from './fetch-words.ts';
import { list } from './list.ts';
import * as l from './log-words.ts';
import * as m from './machine-words.ts';
import { record } from './record.ts';
import { TRAFFIC_CALLS } from './traffic-calls.ts';
import * as t from './traffic-words.ts';
import * as s from './words.ts';

const ending = {
  select: v.optional(v.nullable(s.selection), null),
  /** How clients of fleet 1.0 select. */
  processes: v.optional(list(s.processName, 100_000), []),
  grace: s.grace,
  /** The connection broke before the answer came, and this is the same call once more. */
  again: v.optional(v.boolean(), false),
  /** Ends instances of apps too. */
  force: v.optional(v.boolean(), false),
};
/** How many instances of each app were selected and left alone. */
const leftAlone = v.optional(record(v.string(), s.count), {});
/** Drones that are lost, and so were left out, with the seconds since then. */
const absent = v.optional(record(s.name, s.seconds), {});
const ended = v.object({
  drones: record(s.name, s.stopResult),
  unknown: v.array(v.string()),
  absent,
  leftAlone,
});
const droneStatus = v.object({
  lost: v.nullable(s.seconds),
  awaited: v.optional(v.boolean(), false),
  lags: v.optional(f.lags, []),
  processes: record(s.id, s.processStatus),
});
const last = v.exactOptional(v.nullable(eventPlace));
/** Every call that a client may make of a hub. */
export const CLIENT_CALLS = {
  drones: () => ({
    right: 'read',
    audited: false,
    params: v.object({}),
    answer: v.object({
      drones: v.array(
        v.object({
          name: s.name,
          lost: v.nullable(s.seconds),
          version: v.optional(s.version, '1.0.0'),
          labels: v.optional(s.labelsOfDrone, {}),
          address: v.optional(v.nullable(t.address), null),
          unreached: v.optional(v.boolean(), false),
          ...m.knownMachine,
          lags: v.optional(f.lags, []),
        }),
      ),
    }),
    about:
      'The drones that are connected, or were within the last hour, with `lost`: how long ago, or null. `address` is where its instances are reached, `unreached` if somebody who follows endpoints cannot reach them there; `load`, `memory` and `disk` are those of its machine. `lags`: what each lacks because a deploy has failed.',
  }),
  ps: () => ({
    right: 'read',
    audited: false,
    params: v.object({
      select: v.optional(v.nullable(s.selection), null),
      after: v.optional(v.nullable(s.name), null),
    }),
    answer: v.object({ drones: record(s.name, droneStatus), next: v.optional(v.nullable(s.name), null) }),
    added: ['select', 'after'],
    about:
      'The processes, by drone and id. `awaited`: the drone has not come back since the hub started, and this is its last report. If that is too much for one answer, `next` is what `after` must be for the drones that follow.',
  }),
  deploy: () => ({
    right: 'deploy',
    audited: true,
    params: v.object({
      ...release,
      force: v.optional(v.boolean(), false),
      drones: v.optional(v.nullable(s.names), null),
    }),
    /** A hub of fleet 1.0 says `missing` where a newer one throws ENOCOMMIT. */
    answer: v.object({
      drones: record(s.name, v.nullable(s.error)),
      absent,
      missing: v.optional(v.boolean(), false),
      /** It has a fleet.toml or a Procfile, so that it can be released. */
      isApp: v.optional(v.boolean(), false),
    }),
    added: ['force', 'drones'],
    about:
      'Has every drone, or the named ones, check a commit out; `force` makes new checkouts. Answers per drone, null for success. ENOCOMMIT if the hub does not have the commit: push it, then call again.',
  }),
  spawn: () => ({
    right: 'deploy',
    audited: true,
    params: v.object({ ...run, ...s.place }),
    answer: started,
    added: ['labels', 'appEnv', 'cwd', 'port'],
    about:
      "Starts a process and keeps it running, on the named drones, or on one picked at random for null; in the checkout or at `cwd`, and with a port of its drone's if `port` is `auto`.",
  }),
  stop: () => ({
    right: 'deploy',
    audited: true,
    params: v.object(ending),
    answer: ended,
    added: ['select', 'again', 'force'],
    about:
      'Ends processes for good. `unknown` has the selected ids that no drone has, `absent` drones that have not come back since the hub started, on which more may run. Instances of apps are ended with `force` alone: `leftAlone` counts them by app, and those that were named by id have the error EINSTANCE.',
  }),
  restart: () => ({
    right: 'deploy',
    audited: true,
    params: v.object({ ...ending, env: v.optional(s.env, {}) }),
    answer: ended,
    added: ['select', 'again', 'force', 'env'],
    about:
      'Ends processes and starts them at once, under the same ids, with `env` added to their environment for good, which instances of apps refuse. Instances of apps are left alone, as by `stop`, unless the selection has ids, a service or a stage.',
  }),
  subscribe: () => ({
    right: 'read',
    audited: false,
    params: v.object({
      events: v.boolean(),
      output: v.nullable(l.interest),
      drones: v.nullable(s.names),
      since: v.optional(v.nullable(s.count), null),
      after: v.optional(v.nullable(eventPlace), null),
      recent: v.exactOptional(v.pipe(v.array(eventPlace), v.maxLength(100))),
      begun: v.exactOptional(eventPlace),
    }),
    /** Null from a hub of fleet 1.0. */
    answer: v.nullable(v.object({ seq: s.count, missed: v.nullable(s.count), last })),
    added: ['since', 'after', 'recent', 'begun'],
    about:
      'Sets what this connection is told, replacing earlier settings. Events after number `since` come first. Answers with the number of the newest event, and how many after `since` the hub no longer has. `after` is for who was told of the last event by another hub, which has other numbers: what has come after that comes first, and what has come at about the same time once more; `missed` is null if it is not known; `recent` are events before that, oldest first, of which it takes the newest that it knows if it does not know `after`; what this hub has noted up to `begun` does not come. `last` is the newest event that this client may see.',
  }),
  'logs.list': () => ({
    right: 'read',
    audited: false,
    params: v.object({
      drones: v.optional(v.nullable(s.names), null),
      select: v.optional(v.nullable(s.selection), null),
      marks: v.exactOptional(v.boolean()),
      release: v.exactOptional(v.object({ repo: s.name, stage: v.nullable(a.stage), release: a.release })),
    }),
    answer: v.object({ drones: record(s.name, v.union([v.array(l.logInfo), s.error])), absent }),
    added: ['select', 'marks', 'release'],
    about:
      'The logs that drones keep; with `marks`, and how many of these each has. With `release`, only those of its build, its command and its instances. Archived ones only with `release` or ids. A drone that fails answers with its error.',
  }),
  'logs.read': () => ({
    right: 'read',
    audited: false,
    params: v.object({
      drone: s.name,
      id: s.id,
      at: l.logPlace,
      limit: s.bytes,
      unfinished: v.exactOptional(v.boolean()),
      marks: v.exactOptional(v.boolean()),
    }),
    answer: l.logPage,
    added: ['unfinished', 'marks'],
    about: 'A part of one log: the bytes are in the body. With `marks`, and what happened to its process.',
  }),
  ...APP_CALLS,
  ...TRAFFIC_CALLS,
  ...CERTIFICATE_CALLS,
  ...EXEC_CALLS,
  ...ADMIN_CALLS,
  ...CLUSTER_CALLS,
} satisfies Record<string, () => ClientCallRow>;

export type ClientCalls = typeof CLIENT_CALLS;
export type ClientCall = keyof ClientCalls;
/** What a client passes. */
export type ClientParams = { [K in ClientCall]: ParamsOf<ClientCalls, K> };
/** What the hub receives, checked. */
export type CheckedClientParams = { [K in ClientCall]: CheckedParamsOf<ClientCalls, K> };
/** What the hub answers. */
export type ClientAnswers = { [K in ClientCall]: AnswerOf<ClientCalls, K> };
/** What a client gets, checked. */
export type CheckedClientAnswers = { [K in ClientCall]: CheckedAnswerOf<ClientCalls, K> };
