import * as v from 'valibot';
import type { AuditEntry, TokenInfo } from './answers.ts';
import type { ClientCallRow } from './call-table.ts';
import { list } from './list.ts';
import * as p from './prune-words.ts';
import { record } from './record.ts';
import { RIGHTS } from './rights.ts';
import * as s from './words.ts';

const pattern = (max: number) =>
  v.pipe(v.string(), v.minLength(1), v.maxLength(max), v.regex(/^[\w.*=,/ -]+$/));
const some = <T extends v.GenericSchema>(of: T) => v.pipe(list(of, 100), v.minLength(1));
const limits = v.pipe(
  v.object({
    stage: v.exactOptional(v.pipe(v.string(), v.maxLength(40), v.regex(/^[\w.*-]+$/, 'is not a stage'))),
    drones: v.exactOptional(some(pattern(300))),
    commands: v.exactOptional(some(s.command)),
  }),
  v.title('limits'),
);
const token = v.object({
  name: s.name,
  accessor: v.exactOptional(v.string()),
  can: v.array(v.string()) as unknown as v.GenericSchema<TokenInfo['can']>,
  repo: v.nullable(s.name),
  drone: v.exactOptional(v.nullable(s.name)),
  invitation: v.exactOptional(v.boolean()),
  limits: v.exactOptional(limits),
  parent: v.exactOptional(v.nullable(s.name)),
  created: s.milliseconds,
  expires: v.nullable(s.milliseconds),
});
/** Keys stay in the order in which they were written: their hash is of that. */
export const auditEntry = v.pipe(v.custom<AuditEntry>(isAuditEntry, 'is not an entry'), v.title('entry'));
const link = { n: s.count, hash: v.string() };
const fault = v.object({ file: v.string(), line: s.count, n: v.nullable(s.count), why: v.string() });

/** The hub of the cluster that is meant; the one that is asked if it is left out. */
const hub = v.exactOptional(v.nullable(s.name));
/** The hubs of the cluster that are connected, if there is one. */
const hubs = v.exactOptional(v.array(s.name));

/** What a check of an audit trail has found. */
export const auditVerdict = {
  entries: s.count,
  unchained: s.count,
  last: v.object(link),
  fault: v.nullable(fault),
};
/** What it takes to check one. */
export const auditCheck = { expect: v.optional(v.nullable(v.object(link)), null) };

const pruned = v.object({
  drones: record(s.name, v.union([p.pruned, s.error])),
  /** Drones that are lost, with the seconds since then. */
  absent: record(s.name, s.seconds),
  repositories: s.bytes,
});

/** Returns true if it has what every entry has. */
export function isAuditEntry(given: unknown): given is AuditEntry {
  const { time, who, address, call, result } = (given ?? {}) as Record<string, unknown>;
  return [time, who, address, call, result].every((one) => typeof one === 'string');
}

/** What administrators call. */
export const ADMIN_CALLS = {
  'secret.rotate': () => ({
    right: 'admin',
    audited: true,
    params: v.object({
      hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'is not a hash')),
      grace: s.milliseconds,
    }),
    answer: v.object({ until: s.count }),
    about:
      'Replaces the secret of the hub by the one whose SHA-256 is `hash`. The old one is refused after `grace`, at `until`, and all that goes on with it ends then. EFORBIDDEN for a token. May be repeated.',
  }),
  'token.create': () => ({
    right: 'admin',
    audited: true,
    params: v.object({
      name: s.name,
      can: v.pipe(list(s.right, RIGHTS.length), v.minLength(1)),
      repo: v.nullable(s.name),
      lifetime: v.nullable(s.milliseconds),
      drone: v.exactOptional(v.nullable(s.name)),
      invitation: v.exactOptional(v.boolean()),
      limits: v.exactOptional(limits),
      child: v.exactOptional(v.boolean()),
    }),
    answer: v.object({ token: v.string() }),
    added: ['drone', 'invitation', 'limits', 'child'],
    about:
      'Creates a token, with `drone` for the one drone of that name; with `invitation`, one that lets a drone join with a key of its own, once. `limits`: stages of `repo`, drones, or commands that may be executed, beyond which it may nothing. With `child`, it ends with the token of the caller. The hub does not store its text.',
  }),
  'token.list': () => ({
    right: 'admin',
    audited: false,
    params: v.object({}),
    answer: v.object({ tokens: v.array(token) }),
    about: 'The tokens, without their text.',
  }),
  'token.remove': () => ({
    right: 'admin',
    audited: true,
    params: v.object({ name: s.name }),
    answer: v.null(),
    about:
      'Removes a token, and those that were made with it as its children, and closes the connections that use them.',
  }),
  prune: () => ({
    right: 'admin',
    audited: true,
    params: v.object({}),
    answer: pruned,
    about:
      "Has drones remove checkouts that are not needed any more, and packs repositories. `repositories` is what the hub's own have freed. EFORBIDDEN for a token of a single repository.",
  }),
  'prune.plan': () => ({
    right: 'read',
    audited: false,
    params: v.object({}),
    answer: pruned,
    about: 'What `prune` would remove.',
  }),
  'repos.list': () => ({
    right: 'read',
    audited: false,
    params: v.object({}),
    answer: v.object({
      repositories: v.array(
        v.object({
          repo: s.name,
          bytes: s.bytes,
          commit: v.nullable(s.commit),
          processes: s.count,
          apps: v.array(v.string()),
        }),
      ),
    }),
    about:
      'The repositories of the hub, with the commit that was deployed last, how many processes run from each, and the apps of it.',
  }),
  'repos.remove': () => ({
    right: 'admin',
    audited: true,
    params: v.object({ repo: s.name }),
    answer: v.null(),
    about:
      'Removes a repository with all its commits. EBUSY if there is an app of it, or a process that runs from it; ENOREPO if there is none of this name.',
  }),
  'commit.forget': () => ({
    right: 'admin',
    audited: true,
    params: v.object({ repo: s.name, commit: s.commit, force: v.exactOptional(v.boolean()) }),
    answer: v.object({
      refs: v.array(v.string()),
      drones: record(s.name, v.union([p.pruned, s.error])),
      absent: record(s.name, s.seconds),
    }),
    about:
      'Removes a commit from a repository and from drones, with every object that nothing else needs. `refs` are those that contain it all the same, `absent` lost drones, which keep it. EBUSY if something runs from it, or a release is live or under way with it, or, without `force`, a rollback may go back to it; ENOREPO, ENOCOMMIT if nobody has it.',
  }),
  'drones.forget': () => ({
    right: 'admin',
    audited: true,
    params: v.object({ name: s.name }),
    answer: v.null(),
    about:
      'Forgets a lost drone, and its name is free. If it comes back, it joins as a new one. ENODRONE if it is connected, or not known.',
  }),
  'drones.label': () => ({
    right: 'admin',
    audited: true,
    params: v.object({ name: s.name, set: s.labels, unset: v.array(v.string()) }),
    answer: v.null(),
    about:
      'Sets labels of a drone, which win over its own, also after its restart; `unset` takes such labels back. ENODRONE if it is not known.',
  }),
  audit: () => ({
    right: 'admin',
    audited: false,
    params: v.object({ count: s.count, before: v.exactOptional(v.nullable(s.count)), hub }),
    answer: v.object({ entries: v.array(auditEntry), hubs }),
    added: ['before', 'hub'],
    about:
      'The newest `count` entries of the audit trail, oldest first, of those before number `before`, as far as they fit one answer. `hub`: of that hub of the cluster; `hubs` are those that are connected. ECLOSED for one that is not, ETIMEOUT for one that does not answer.',
  }),
  'audit.verify': () => ({
    right: 'admin',
    audited: false,
    params: v.object({ ...auditCheck, hub }),
    answer: v.object({ ...auditVerdict, hubs }),
    added: ['hub'],
    about:
      'Checks the chain of the audit trail: `fault` is the first thing that is wrong, and `entries` were checked until then. It must have the entry `expect`, from an earlier check, unless that is too old to be kept. `hub` and `hubs` as for `audit`.',
  }),
} satisfies Record<string, () => ClientCallRow>;
