import { branchesAndTags, changeRefs, missingIn, type RefChange } from '../../git/all-refs.ts';
import { ZERO } from '../../git/push-head.ts';
import { removeRepository } from '../../git/repositories.ts';
import type { GitServer } from '../../git/server.ts';
import type { GitStore } from '../../git/store.ts';
import type { GitOfHubs } from './git-of-hubs.ts';
import type { OtherHub } from './other-hubs.ts';
import { refPlan } from './ref-plan.ts';
import { readMarker, writeMarker } from './repository-marker.ts';
import {
  begun,
  forgottenOf,
  type RepositoryRecord,
  standingOf,
  stillToForget,
  withOwn,
} from './repository-record.ts';
import type { RepositoryRecords } from './repository-records.ts';

/** If nobody has all that is needed, so many are fetched each for itself at a time. */
const MAX_SINGLE = 50;

interface Fetched {
  /** Objects that no other hub has. */
  lacking: ReadonlySet<string>;
  failure: unknown;
}

const NOTHING_LACKS: Fetched = { lacking: new Set(), failure: null };

export interface SettlingParts {
  store: GitStore;
  git: Pick<GitServer, 'during' | 'removals' | 'fromHubs'>;
  records: RepositoryRecords;
  hubs: Pick<GitOfHubs, 'withAny'>;
}

/** Makes a repository of this hub what its record says. */
export class RepositorySettling {
  constructor(private readonly parts: SettlingParts) {}

  /**
   * Returns the record that the repository follows now, of which it has everything; undefined if there is none. What has to be
   * fetched is fetched from `from` first. Throws EGIT, EIO, EBUSY, ENOCOMMIT.
   */
  async settle(repo: string, from: OtherHub | null): Promise<RepositoryRecord | undefined> {
    const { store, records } = this.parts;
    await this.take(repo);
    const record = records.get(repo);
    if (!record || record.isRemoved) return record;
    if (!store.exists(repo)) {
      await store.create(repo);
      writeMarker(store.path(repo), { id: record.id, forgotten: forgottenOf(record) });
    }
    await this.forget(repo, record);
    await this.setRefs(repo, record, from);
    return record;
  }

  /** Removes a repository if it was removed at another hub, or adds to the record what this hub has brought along. */
  private async take(repo: string): Promise<void> {
    const { store, records } = this.parts;
    const path = store.path(repo);
    if (!store.exists(repo)) return;
    const now = records.get(repo);
    const standing = now ? standingOf(now, readMarker(path)?.id ?? null) : 'foreign';
    if (standing === 'gone') await removeRepository(store, repo);
    if (standing !== 'foreign') return;
    const refs = await branchesAndTags(path);
    const head = (await store.head(repo)) ?? null;
    const record = await records.change(repo, (one) => withOwn(one, { refs, head }) ?? begun(one));
    if (record) writeMarker(path, { id: record.id, forgotten: 0 });
  }

  private async forget(repo: string, record: RepositoryRecord): Promise<void> {
    const { store, git } = this.parts;
    const path = store.path(repo);
    const { forgotten = 0 } = readMarker(path) ?? {};
    for (const commit of stillToForget(record, forgotten))
      if (await store.has(repo, commit)) await git.removals.here.forget(repo, commit, null);
    if (forgotten < forgottenOf(record)) writeMarker(path, { id: record.id, forgotten: forgottenOf(record) });
  }

  private async setRefs(repo: string, record: RepositoryRecord, from: OtherHub | null): Promise<void> {
    const { store, git } = this.parts;
    const path = store.path(repo);
    await git.during(repo, async () => {
      const changes = refPlan(record.refs, await branchesAndTags(path));
      const { lacking, failure } = await this.fetch(repo, changes, from);
      await changeRefs(
        path,
        changes.filter(({ after }) => !lacking.has(after)),
      );
      await store.setHead(repo, record.head);
      if (failure !== null) throw failure;
    });
  }

  /** Fetches what is not here of objects that refs are to name. Returns what cannot be had, and why. */
  private async fetch(repo: string, changes: readonly RefChange[], from: OtherHub | null): Promise<Fetched> {
    const { store, git, hubs } = this.parts;
    const set = changes.filter(({ after }) => after !== ZERO);
    const commits = new Set(set.filter(({ ref }) => ref.startsWith('refs/heads/')).map(({ after }) => after));
    const others = set.map(({ after }) => after).filter((object) => !commits.has(object));
    const needed = await missingIn(store.path(repo), [...new Set(others)]);
    for (const commit of commits)
      if ((await store.ref(repo, `refs/fleet/${commit}`)) === null) needed.push(commit);
    const fetch = (objects: readonly string[]) =>
      hubs.withAny(from, (remote) =>
        git.fromHubs.fetch(remote, { repo, objects, isKept: (one) => commits.has(one) }),
      );
    return needed.length === 0 ? NOTHING_LACKS : fetchAllOrEach(needed, fetch);
  }
}

/** Fetches all of some objects at once or, if nobody has all of them, as many as can be had. */
async function fetchAllOrEach(
  objects: readonly string[],
  fetch: (objects: readonly string[]) => Promise<void>,
): Promise<Fetched> {
  try {
    await fetch(objects);
    return NOTHING_LACKS;
  } catch (failure) {
    const lacking = new Set(objects);
    if (objects.length > 1)
      for (const object of objects.slice(0, MAX_SINGLE))
        await fetch([object]).then(
          () => lacking.delete(object),
          () => {},
        );
    return { lacking, failure: lacking.size === 0 ? null : failure };
  }
}
