import * as v from 'valibot';
import * as a from './app-words.ts';
import type { CallRow, CheckedAnswerOf, CheckedParamsOf, ParamsOf } from './call-table.ts';
import * as f from './fetch-words.ts';
import { list } from './list.ts';
import * as l from './log-words.ts';
import * as m from './machine-words.ts';
import { processReport } from './process-words.ts';
import * as t from './traffic-words.ts';
import * as s from './words.ts';

const nothing = v.null();
const process = { id: s.id, repo: s.name, commit: s.commit, command: s.command };
/** When it happened, if the drone tells of it later (ms since 1970, by its clock). */
const time = v.exactOptional(s.moment);
/** Random: an event that is told again has the same. */
const key = v.exactOptional(s.key);
const told = { time, key };

const event = v.variant('type', [
  v.object({ type: v.literal('deployed'), repo: s.name, commit: s.commit, ...told }),
  v.object({ type: v.literal('spawned'), ...process, restarts: v.exactOptional(s.count), ...told }),
  v.object({
    type: v.literal('exited'),
    ...process,
    ...s.exit,
    asked: v.exactOptional(v.boolean()),
    ...told,
  }),
  v.object({ type: v.literal('stopped'), ...process, ...told }),
]);

const JOIN = {
  join: () => ({
    params: v.object({
      identity: s.key,
      name: s.name,
      processes: list(processReport, 100_000),
      version: v.optional(s.version, '1.0.0'),
      features: v.optional(s.features, []),
      /** Random, of each start of a drone. */
      start: v.optional(v.nullable(s.key), null),
      labels: v.optional(s.labels, {}),
      jobs: v.optional(list(a.jobReport, 10_000), []),
      /** Where its instances are reached. */
      address: v.optional(v.nullable(t.address), null),
      lags: v.optional(f.lags, []),
      /** The highest fence of the orders that it has taken, by app. */
      fences: v.optional(a.fences, {}),
    }),
    answer: v.object({
      name: s.name,
      deploy: list(v.object({ repo: s.name, commit: s.commit }), 100_000),
      watch: l.interest,
      /** What its git shows the hub instead of a secret, if it has proven a key. */
      pass: v.exactOptional(s.shortText),
    }),
    added: ['version', 'features', 'start', 'labels', 'jobs', 'address', 'lags', 'fences'],
    about:
      'The first call, once per connection. The identity is random, kept by the drone, and secret: whoever has it is this drone, and replaces its old connection. EDUPLICATE if that one is of another `start` and alive: then one of them is a copy. Answers with the name of the drone, what it should check out, and whose output is wanted; with `pass`, if it has proven a key, for git.',
  }),
} satisfies Record<string, () => CallRow>;

/** What a drone that has joined may tell its hub. */
export const REPORTS = {
  changed: () => ({
    params: processReport,
    answer: nothing,
    added: ['labels', 'instance', 'cpu', 'memory'],
    about: 'A process has changed, or is new.',
  }),
  gone: () => ({
    params: v.object({ id: s.id }),
    answer: nothing,
    about: 'A process has ended for good.',
  }),
  job: () => ({ params: a.jobReport, answer: nothing, about: 'A job has begun or ended.' }),
  fetching: () => ({
    params: v.object({ repo: s.name, commit: s.commit, ...f.fetchState }),
    answer: nothing,
    about:
      'How far a fetch is that takes longer than a second: whenever that has changed, at most once a second. A notification.',
  }),
  lags: () => ({
    params: v.object({ lags: f.lags }),
    answer: nothing,
    about: 'All commits that the drone lacks because a deploy has failed.',
  }),
  machine: () => ({
    params: v.object(m.machine),
    answer: nothing,
    about: 'How busy its machine is: `load` of the last minute, and the disk that it is on.',
  }),
  event: () => ({
    params: event,
    answer: nothing,
    added: ['time', 'restarts', 'asked', 'key'],
    about: 'Something has happened; see Events.',
  }),
  output: () => ({
    params: v.object(l.outputPiece),
    answer: nothing,
    added: ['atLeast', 'marks'],
    about: 'Output of a process that is wanted, in the body.',
  }),
  'exec.output': () => ({
    params: v.object({ id: s.id, stream: s.stream }),
    answer: nothing,
    about: 'Output of an exec, in the body.',
  }),
  'exec.exit': () => ({
    params: v.object({ id: s.id, ...s.exit }),
    answer: nothing,
    about: 'An exec has ended.',
  }),
  'exec.stdin-ack': () => ({
    params: v.object({ id: s.id, bytes: s.bytes }),
    answer: nothing,
    about: 'How many bytes of its input the process has taken.',
  }),
} satisfies Record<string, () => CallRow>;

/** Every call that a drone may make of its hub. Nothing in them names another drone: a drone speaks for itself only. */
export const DRONE_CALLS = { ...JOIN, ...REPORTS };

export type Reports = typeof REPORTS;
export type DroneCalls = typeof DRONE_CALLS;
export type DroneCall = keyof DroneCalls;
/** What a drone passes. */
export type DroneParams = { [K in DroneCall]: ParamsOf<DroneCalls, K> };
/** What the hub receives, checked. */
export type CheckedDroneParams = { [K in DroneCall]: CheckedParamsOf<DroneCalls, K> };
/** What a hub answers to a drone that joins. */
export type Welcome = CheckedAnswerOf<DroneCalls, 'join'>;
