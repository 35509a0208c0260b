import * as v from 'valibot';
import * as a from './app-words.ts';
import type { AnswerOf, CallRow, CheckedParamsOf } from './call-table.ts';
import { list } from './list.ts';
import * as l from './log-words.ts';
import * as p from './prune-words.ts';
import * as s from './words.ts';

const nothing = v.null();
const release = { repo: s.name, commit: s.commit };
const spec = {
  id: s.id,
  key: s.key,
  ...release,
  command: s.command,
  env: s.env,
  labels: v.optional(s.labels, {}),
};
/** How new the hub's view of the app is that the order is about. An order of a person's has none. */
const fence = v.exactOptional(a.orderFence);
const ending = { ids: s.ids, grace: s.grace, fence };

/** Every call that a hub may make of a drone. */
export const ORDERS = {
  deploy: () => ({
    params: v.object({
      ...release,
      force: v.optional(v.boolean(), false),
      size: v.exactOptional(v.object({ files: s.count, bytes: s.bytes })),
    }),
    answer: nothing,
    added: ['force', 'size'],
    about:
      'Fetch a commit and check it out. Answers when the checkout is complete; `force` makes a new one. `size` is what the checkout takes; without it, the drone counts.',
  }),
  spawn: () => ({
    params: v.object({ ...spec, ...s.place, instance: v.optional(v.nullable(a.instanceSpec), null), fence }),
    answer: v.object({ id: s.id, port: v.exactOptional(s.port) }),
    added: ['labels', 'instance', 'cwd', 'port', 'fence'],
    about:
      "Start a process and keep it running, in the checkout or at `cwd`, and with a port of the drone's if `port` is `auto`. Answers with another id if this key was served before, and with the port.",
  }),
  stop: () => ({
    params: v.object(ending),
    answer: s.stopResult,
    added: ['fence'],
    about: 'End processes for good.',
  }),
  restart: () => ({
    params: v.object({ ...ending, env: v.optional(s.env, {}) }),
    answer: s.stopResult,
    added: ['env', 'fence'],
    about:
      'End processes and start them at once, under the same ids, with `env` added to their environment for good.',
  }),
  prepare: () => ({
    params: v.object({ ...a.preparation, fence }),
    answer: v.object({ job: v.nullable(s.id), why: v.nullable(s.shortText) }),
    about:
      'Fetch a commit, check it out for an app, link its shared files and build it. Answers when it may be started from, or with `why` if the build, whose log is that of `job`, has failed.',
  }),
  prune: () => ({
    params: v.object({ ...p.keep, dryRun: v.boolean() }),
    answer: p.pruned,
    about:
      'Remove checkouts that are not needed: not what runs, nor what was deployed by hand in the last 7 days. With `dryRun`, only say which.',
  }),
  forget: () => ({
    params: v.object(release),
    answer: p.pruned,
    about:
      'Remove all checkouts of a commit, and from the mirror what no other commit needs. EBUSY, and nothing is removed, if something runs from one.',
  }),
  'job.start': () => ({
    params: v.object({ ...a.jobSpec, fence }),
    answer: a.jobReport,
    about:
      'Run a command once, whoever is connected; answers at once. A job with the same key runs only once.',
  }),
  'job.end': () => ({
    params: v.object({ key: s.key }),
    answer: nothing,
    about: 'End a job, as `stop` ends a process. Nothing if it has ended.',
  }),
  'exec.start': () => ({
    params: v.object({
      ...spec,
      cwd: v.nullable(s.path),
      stdin: v.boolean(),
      window: s.bytes,
      terminal: v.optional(v.nullable(s.terminal), null),
      app: v.optional(v.nullable(a.execApp), null),
    }),
    answer: nothing,
    added: ['labels', 'terminal', 'app'],
    about:
      'Run a command once, on a terminal of its own if one is given, and as a process of `app`, in its checkout, which is built if it is `prepared`. `window` is how many bytes of output may be unacknowledged.',
  }),
  'exec.stdin': () => ({
    params: v.object({ id: s.id, end: v.boolean() }),
    answer: nothing,
    about: 'Input, in the body. A notification.',
  }),
  'exec.ack': () => ({
    params: v.object({ id: s.id, bytes: s.bytes }),
    answer: nothing,
    about: 'How many bytes the client has taken. A notification.',
  }),
  'exec.resize': () => ({
    params: v.object({ id: s.id, ...s.terminalSize }),
    answer: nothing,
    about: 'Its terminal has another size. A notification.',
  }),
  'exec.kill': () => ({
    params: v.object({ id: s.id, signal: s.signal }),
    answer: nothing,
    about: 'Signal the process group; null ends it. A notification.',
  }),
  watch: () => ({
    params: l.interest,
    answer: nothing,
    about: 'Sets whose output is wanted, replacing the earlier interest.',
  }),
  'logs.list': () => ({
    params: v.object({ marks: v.exactOptional(v.boolean()) }),
    answer: v.object({ logs: list(l.logInfo, 100_000) }),
    added: ['marks'],
    about: 'The logs that the drone keeps; with `marks`, and how many of these each has.',
  }),
  'logs.read': () => ({
    params: v.object({
      id: s.id,
      at: l.logPlace,
      limit: s.bytes,
      repo: v.optional(v.nullable(s.name), null),
      unfinished: v.exactOptional(v.boolean()),
      marks: v.exactOptional(v.boolean()),
    }),
    answer: l.logPage,
    added: ['repo', 'unfinished', 'marks'],
    about:
      'A part of one log, in the body, and with `marks`, what happened to its process. ENOPROCESS if `repo` is given and the log belongs to another one.',
  }),
} satisfies Record<string, () => CallRow>;

export type Orders = typeof ORDERS;
type Order = keyof Orders;
/** What a drone receives, checked. */
export type CheckedOrderParams = { [K in Order]: CheckedParamsOf<Orders, K> };
/** What a drone answers. */
export type OrderAnswers = { [K in Order]: AnswerOf<Orders, K> };
