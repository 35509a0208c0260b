import * as v from 'valibot';
import { defaultsFirst } from '../../git/kept-pushes.ts';
import { type PushCommand, ZERO } from '../../git/push-head.ts';
import { DEPLOYED } from '../../git/store.ts';

/** A record is one message of the engine. */
const MAX_REFS = 8_000;
const MAX_FORGOTTEN = 5_000;
const MAX_FORMER = 100;

const schema = v.looseObject({
  /** Random: another one if it is made anew. */
  id: v.string(),
  isRemoved: v.boolean(),
  /** Grows with each change. */
  changes: v.number(),
  /** What a clone checks out. */
  head: v.string(),
  /** Objects of branches and tags. */
  refs: v.record(v.string(), v.string()),
  /** Commits that no hub should have any more, oldest first; empty if it was pushed again. */
  forgotten: v.array(v.string()),
  /** How many older ones are not listed any more. */
  forgottenBefore: v.number(),
  /** The ids of those of this name that were removed. */
  former: v.array(v.string()),
});

/** What all hubs should have of a repository. */
export type RepositoryRecord = v.InferOutput<typeof schema>;

/** Returns true if a hub has written this. */
export function isRepositoryRecord(read: unknown): read is RepositoryRecord {
  return v.is(schema, read);
}

/** Returns the record of a repository that is made in place of `former`, which was removed; undefined for none. */
export function emptyRecord(id: string, former: RepositoryRecord | undefined): RepositoryRecord {
  const ids = former ? [...former.former, former.id].slice(-MAX_FORMER) : [];
  const nothing = { refs: {}, forgotten: [], forgottenBefore: 0, former: ids };
  return { id, isRemoved: false, changes: 0, head: DEPLOYED, ...nothing };
}

/** Returns the record after moves of refs; a text, for whoever pushes, if they are refused. */
export function withMoves(
  record: RepositoryRecord,
  moves: readonly PushCommand[],
): RepositoryRecord | string {
  const refs = new Map(Object.entries(record.refs));
  for (const { ref, before, after } of moves) {
    const now = refs.get(ref) ?? ZERO;
    if (now !== before && now !== after) return 'somebody else has pushed meanwhile; git fetch first';
    if (after === ZERO) refs.delete(ref);
    else refs.set(ref, after);
  }
  if (refs.size > MAX_REFS)
    return `several hubs keep at most ${MAX_REFS} branches and tags of a repository, and these would be ${refs.size}`;
  const branches = defaultsFirst(moves).filter(
    ({ ref, after }) => ref.startsWith('refs/heads/') && after !== ZERO,
  );
  const [first] = branches;
  if (first && first.ref !== DEPLOYED) refs.set(DEPLOYED, first.after);
  const has = (ref: string) => refs.has(ref);
  const head = branches.reduce((now, { ref }) => settledHead(now, ref, has), record.head);
  return changed(record, {
    refs: Object.fromEntries(refs),
    head: has(head) ? head : settledHead(head, DEPLOYED, has),
  });
}

/** Returns what HEAD names once a branch was pushed: people's branches come first. */
function settledHead(head: string, branch: string, has: (ref: string) => boolean): string {
  const isOurs = head === DEPLOYED && branch !== DEPLOYED;
  return isOurs || !has(head) ? branch : head;
}

/** Returns the record with a commit that was deployed last; null if nothing changes. */
export function withDeployedRef(record: RepositoryRecord, commit: string): RepositoryRecord | null {
  if (record.refs[DEPLOYED] === commit) return null;
  return changed(record, { refs: { ...record.refs, [DEPLOYED]: commit } });
}

/** Returns the record with what a hub has of the repository and the record lacks; null if that is nothing. */
export function withOwn(
  record: RepositoryRecord,
  { refs, head }: { refs: ReadonlyMap<string, string>; head: string | null },
): RepositoryRecord | null {
  const room = Math.max(0, MAX_REFS - Object.keys(record.refs).length);
  const more = [...refs].filter(([ref]) => !(ref in record.refs)).slice(0, room);
  if (more.length === 0) return null;
  const all = { ...Object.fromEntries(more), ...record.refs };
  const isBetter = head !== null && head in all && (record.head === DEPLOYED || !(record.head in all));
  return changed(record, { refs: all, head: isBetter ? head : record.head });
}

/** Returns the record without a commit: it was forgotten, and `instead` is the newest that was deployed, if any. */
export function withoutCommit(
  record: RepositoryRecord,
  commit: string,
  instead: string | null,
): RepositoryRecord {
  const all = [...record.forgotten, commit];
  const forgotten = all.slice(-MAX_FORGOTTEN);
  const { [DEPLOYED]: deployed, ...others } = record.refs;
  const kept = deployed === commit ? instead : deployed;
  return changed(record, {
    refs: { ...others, ...(kept && { [DEPLOYED]: kept }) },
    forgotten,
    forgottenBefore: record.forgottenBefore + all.length - forgotten.length,
  });
}

/** Returns the record with a commit that was forgotten and is pushed again; null if it was not. */
export function withCommitAgain(
  record: RepositoryRecord,
  commits: readonly string[],
): RepositoryRecord | null {
  const again = new Set(commits);
  if (!record.forgotten.some((one) => again.has(one))) return null;
  return changed(record, { forgotten: record.forgotten.map((one) => (again.has(one) ? '' : one)) });
}

export function removedRecord(record: RepositoryRecord): RepositoryRecord {
  return changed(record, { isRemoved: true, refs: {}, forgotten: [] });
}

/** Returns which forgotten commits a hub still has to forget that has forgotten so many. */
export function stillToForget({ forgotten, forgottenBefore }: RepositoryRecord, done: number): string[] {
  return forgotten.slice(Math.max(0, done - forgottenBefore)).filter((commit) => commit !== '');
}

/** Returns how many commits were ever forgotten. */
export function forgottenOf({ forgotten, forgottenBefore }: RepositoryRecord): number {
  return forgottenBefore + forgotten.length;
}

/** Returns the record of a repository that is new; null if it is not. */
export function begun(record: RepositoryRecord): RepositoryRecord | null {
  return record.changes === 0 ? { ...record, changes: 1 } : null;
}

/**
 * Returns what a hub's repository is to a record, by the id of the record that it has followed; null for none. `gone` was
 * removed, and `foreign` is what another record, which was lost, or none was about.
 */
export function standingOf(
  { id, isRemoved, former }: RepositoryRecord,
  followed: string | null,
): 'same' | 'gone' | 'foreign' {
  if (followed === id) return isRemoved ? 'gone' : 'same';
  return followed !== null && former.includes(followed) ? 'gone' : 'foreign';
}

function changed(record: RepositoryRecord, by: Partial<RepositoryRecord>): RepositoryRecord {
  return { ...record, ...by, changes: record.changes + 1 };
}
