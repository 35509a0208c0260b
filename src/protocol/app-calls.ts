import * as v from 'valibot';
import * as a from './app-words.ts';
import type { AppStatus, ReleaseInfo } from './apps.ts';
import type { ClientCallRow } from './call-table.ts';
import { started, streams } from './exec-calls.ts';
import { list } from './list.ts';
import { PLAN_CALLS } from './plan-calls.ts';
import * as p from './prune-words.ts';
import { record } from './record.ts';
import * as s from './words.ts';

const { ofApp, instances } = a;
const begun = v.object({
  app: a.app,
  release: a.release,
  /** The number of the last event before the release. */
  seq: s.count,
  /** Present if this was done before, for a call with the same key: it may have ended since. */
  again: v.exactOptional(v.boolean()),
});
/** Waits so long for a release that is under way. */
const wait = v.optional(s.milliseconds, 0);
/** Random. A call with the key of one that was carried out before gets its answer. */
const key = v.exactOptional(s.key);
const status = v.looseObject({ app: v.string() }) as unknown as v.GenericSchema<AppStatus>;
const releases = v.array(v.looseObject({ release: v.number() })) as unknown as v.GenericSchema<ReleaseInfo[]>;

/** What is done with releases alone, and starts only what fleet.toml says. */
const releasing = { right: 'deploy', orRight: 'release', audited: true, led: true } as const;

/** Calls about apps: what `fleet up` and the commands around it need. */
export const APP_CALLS = {
  'app.up': () => ({
    ...releasing,
    params: v.object({
      ...ofApp,
      commit: s.commit,
      subject: v.optional(s.shortText, ''),
      canary: v.optional(v.nullable(instances), null),
      rebuild: v.optional(v.boolean(), false),
      force: v.optional(v.boolean(), false),
      strict: v.optional(v.boolean(), false),
      wait,
      key,
    }),
    answer: v.union([begun, v.object({ live: status })]),
    about:
      'Releases a commit. Answers with its number when it has begun, or with the status of an app whose live release is the same already. ENOCOMMIT as for `deploy`; ECONFIG for a mistake in fleet.toml; EBUSY while another release is under way.',
  }),
  ...PLAN_CALLS,
  'app.build': () => ({
    ...releasing,
    params: v.object({ ...ofApp, commit: s.commit, rebuild: v.optional(v.boolean(), false) }),
    answer: v.object({ drones: record(s.name, v.nullable(s.error)), absent: record(s.name, s.seconds) }),
    about: 'Checks a commit out and builds it, on every drone that gets the app.',
  }),
  'app.rollback': () => ({
    ...releasing,
    params: v.object({
      ...ofApp,
      release: v.optional(v.nullable(a.release), null),
      keepEnv: v.optional(v.boolean(), false),
      wait,
      key,
    }),
    answer: begun,
    about:
      'Cancels the release that is under way, and answers with its number; else makes a new release of an earlier one.',
  }),
  'app.promote': () => ({
    ...releasing,
    params: v.object({ ...ofApp, key }),
    answer: begun,
    about: 'Continues a release that rests as a canary.',
  }),
  'app.down': () => ({
    ...releasing,
    params: v.object({ ...ofApp, wait, key }),
    answer: begun,
    about: "Stops all of an app's services.",
  }),
  'app.forget': () => ({
    right: 'admin',
    audited: true,
    led: true,
    params: v.object({ ...ofApp, wait }),
    answer: v.object({
      drones: record(s.name, v.union([p.pruned, s.error])),
      absent: record(s.name, s.seconds),
    }),
    about:
      'Stops an app, has the drones remove its checkouts, and forgets it. Its shared files stay. ENODRONE if a drone that is lost may run some of it.',
  }),
  'app.restart': () => ({
    ...releasing,
    params: v.object({ ...ofApp, services: v.array(a.service), wait, key }),
    answer: begun,
    about:
      'Replaces the instances of these services, of all if there are none, one by one, as a release does; it is one, of the live one.',
  }),
  'app.scale': () => ({
    ...releasing,
    params: v.object({ ...ofApp, scale: record(a.service, v.nullable(instances)) }),
    answer: v.object({ ...begun.entries, within: v.exactOptional(s.milliseconds) }),
    about:
      'Sets how many instances of services there are; null for what fleet.toml says. It is told how that has ended once they are all ready, or `within` ms after nothing is under way any more; a hub that has ended meanwhile does not tell.',
  }),
  'app.maintenance': () => ({
    right: 'read',
    audited: false,
    params: v.object(ofApp),
    answer: v.object({ page: a.page }),
    about: 'What requests for an app are answered by proxies instead of by its instances; null if nothing.',
  }),
  'app.maintenance.set': () => ({
    ...releasing,
    params: v.object({ ...ofApp, page: a.page }),
    answer: v.null(),
    about:
      'Sets that: a text or, if it begins with `<`, a page in HTML, with which proxies answer 503. Answers when they do, after 2 s at the latest.',
  }),
  'app.attach': () => ({
    right: 'read',
    audited: false,
    params: v.object(ofApp),
    answer: v.nullable(begun),
    about: 'The release that is under way, or null; `seq` is from before its first event.',
  }),
  'app.status': () => ({
    right: 'read',
    audited: false,
    params: v.object(ofApp),
    answer: status,
    about: 'The live release, its services and instances.',
  }),
  'app.releases': () => ({
    right: 'read',
    audited: false,
    params: v.object({ ...ofApp, count: v.optional(s.count, 20) }),
    answer: v.object({ releases }),
    about: 'The newest releases of an app, newest first.',
  }),
  'app.env.set': () => ({
    right: 'deploy',
    audited: true,
    led: true,
    params: v.object({
      ...ofApp,
      env: v.optional(s.env, {}),
      unset: v.optional(list(s.variable, 1000), []),
      roll: v.optional(v.boolean(), true),
      wait,
      key,
    }),
    answer: v.nullable(begun),
    about:
      'Sets and unsets variables of an app. Answers with the release that brings them to its processes; null if the live one has them already, or if the next one will bring them.',
  }),
  'app.env.list': () => ({
    right: 'read',
    audited: false,
    params: v.object(ofApp),
    answer: v.object({
      variables: v.array(v.object({ name: v.string(), time: v.string(), by: v.string() })),
    }),
    about: 'The names of the variables of an app, and who has set them when.',
  }),
  'app.env.get': () => ({
    right: 'exec',
    audited: true,
    params: v.object({ ...ofApp, name: s.variable }),
    answer: v.object({ value: v.nullable(v.string()) }),
    about: 'The value of a variable of an app; null if it has none.',
  }),
  'app.run': () => ({
    right: 'exec',
    audited: true,
    params: v.object({
      ...ofApp,
      key: s.key,
      command: s.command,
      env: v.optional(s.env, {}),
      commit: v.optional(v.nullable(s.commit), null),
      service: v.optional(v.nullable(a.service), null),
      drones: v.optional(v.nullable(s.names), null),
      ...streams,
    }),
    answer: v.object({ ...started.entries, commit: s.commit, why: v.nullable(s.shortText) }),
    about:
      'As `exec.start`, on one drone, with the environment of the app, and in the checkout of its live release or of `commit`. `why` says why that is not prepared, if a drone is named and it is not.',
  }),
} satisfies Record<string, () => ClientCallRow>;
