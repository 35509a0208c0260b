import type { Elsewhere, Moved, RefMoves } from '../../git/elsewhere.ts';
import { ZERO } from '../../git/push-head.ts';
import type { GitServer } from '../../git/server.ts';
import { isShallow } from '../../git/shallow-commits.ts';
import type { GitStore } from '../../git/store.ts';
import { messageOf } from '../../protocol/errors.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import type { CommitFetches } from './commit-fetches.ts';
import { firstOf } from './first-of.ts';
import type { OtherHub, OtherHubs } from './other-hubs.ts';
import {
  begun,
  type RepositoryRecord,
  withCommitAgain,
  withDeployedRef,
  withMoves,
} from './repository-record.ts';
import type { RepositoryRecords } from './repository-records.ts';
import type { SettledRepositories } from './settled-repositories.ts';
import { SharedRemovals } from './shared-removals.ts';

/** A fetch of a large repository takes as long as it takes; whoever pushes does not wait for it. */
const FOLLOW_WITHIN_MS = 600_000;
/** A fetch names thousands of objects only if it wants whole branches, which were made equal before. */
const MAX_BROUGHT = 100;
/** Pushes that are offered to hubs that come. */
const MAX_ALONE = 1_000;

export interface SharedCommitsParts {
  /** The name of this hub. */
  name: string;
  others: OtherHubs;
  store: Pick<GitStore, 'has' | 'holderOf' | 'path' | 'exists'>;
  git: Pick<GitServer, 'removals'>;
  records: RepositoryRecords;
  repositories: SettledRepositories;
  commits: CommitFetches;
  log(line: string): void;
}

interface Held {
  repo: string;
  commit: string;
  isShallow: boolean;
}

/** What is pushed to this hub, and what it lacks, as far as other hubs have to do with it. */
export class SharedCommits implements Elsewhere {
  private readonly removals: SharedRemovals;
  /** What was pushed here and no other hub has said that it has. */
  private readonly alone = new BoundedMap<string, Held>(MAX_ALONE);

  constructor(private readonly parts: SharedCommitsParts) {
    this.removals = new SharedRemovals({ ...parts, shared: this });
  }

  settle(repo: string): Promise<void> {
    return this.parts.repositories.settleFor(repo);
  }

  async bring(repo: string, objects: readonly string[]): Promise<void> {
    const { store, commits, records } = this.parts;
    const known = new Set(Object.values(records.get(repo)?.refs ?? {}));
    for (const object of objects.slice(0, MAX_BROUGHT))
      if (!known.has(object) && !(await store.has(repo, object)))
        await commits.ensure(repo, object).catch(() => {});
  }

  async keep(repo: string, commit: string): Promise<string | null> {
    const { records, store, log } = this.parts;
    const known = records.get(repo);
    try {
      if (!known || known.isRemoved || known.forgotten.includes(commit))
        await records.change(repo, (now) => withCommitAgain(now, [commit]) ?? begun(now));
    } catch (error) {
      log(`${repo} is not known to other hubs yet: ${messageOf(error)}`);
    }
    const held = { repo, commit, isShallow: await isShallow(store, repo, commit) };
    this.alone.set(`${repo} ${commit}`, held);
    return this.tell((other) => this.offer(other, held));
  }

  /** Offers a hub that has come what no other one has taken. */
  offerAll(other: OtherHub): void {
    for (const held of this.alone.values()) void this.offer(other, held).catch(() => {});
  }

  private async offer(other: OtherHub, held: Held): Promise<void> {
    await other.calls.call('commit.hold', held, { timeout: FOLLOW_WITHIN_MS });
    this.alone.delete(`${held.repo} ${held.commit}`);
  }

  async move({ repo, moves }: RefMoves): Promise<Moved> {
    const { records } = this.parts;
    const pushed = moves.map(({ after }) => after).filter((object) => object !== ZERO);
    let refused: string | null = null;
    try {
      const record = await records.change(repo, (now) => {
        const next = withMoves(withCommitAgain(now, pushed) ?? now, moves);
        refused = typeof next === 'string' ? next : null;
        return typeof next === 'string' ? null : next;
      });
      await this.follow(repo);
      return { refused, line: refused === null && record ? await this.tellOf(repo, record) : null };
    } catch (error) {
      await this.follow(repo);
      return { refused: `the hubs cannot move it now, push again later: ${messageOf(error)}`, line: null };
    }
  }

  async deployed(repo: string, commit: string): Promise<void> {
    const { records, log } = this.parts;
    try {
      const record = await records.change(repo, (now) => withDeployedRef(now, commit));
      await this.follow(repo);
      if (record) void this.tellOf(repo, record);
    } catch (error) {
      log(`clones of ${repo} have an older commit: ${messageOf(error)}`);
    }
  }

  damaged(repo: string): void {
    this.parts.repositories.unsettle(repo);
    void this.parts.repositories.settle(repo).catch(() => {});
  }

  remove(repo: string): Promise<void> {
    return this.removals.remove(repo);
  }

  forget(repo: string, commit: string, instead: string | null): Promise<string[]> {
    return this.removals.forget(repo, commit, instead);
  }

  tidy(): Promise<number> {
    return this.removals.tidy();
  }

  /** Follows the record here, after something was changed. What fails is logged. */
  async follow(repo: string): Promise<void> {
    this.parts.repositories.unsettle(repo);
    await this.parts.repositories.settle(repo).catch(() => {});
  }

  /** Tells other hubs that a record has changed. Resolves as `keep` does. */
  tellOf(repo: string, { id, changes }: RepositoryRecord): Promise<string | null> {
    return this.tell((other) =>
      other.calls.call('repository.settle', { repo, id, changes }, { timeout: FOLLOW_WITHIN_MS }),
    );
  }

  private async tell(ask: (other: OtherHub) => Promise<unknown>): Promise<string | null> {
    const others = this.parts.others.all();
    if (others.length === 0) return null;
    return (await firstOf(others, ask)) ? null : `held by ${this.parts.name} alone`;
  }
}
