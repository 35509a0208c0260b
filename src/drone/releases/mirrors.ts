import { existsSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { damageIn, emptyFiles } from '../../git/damage.ts';
import { whyUnopenable, whyUnreadable } from '../../git/mend-files.ts';
import { hasCommit, sweepMirror } from '../../git/mirror.ts';
import type { HubRemote } from '../../git/remote.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { readRegular } from '../../system/regular-file.ts';
import { writeWhole } from '../../system/write-whole.ts';
import { fetchFromHub } from './fetch-from-hub.ts';
import type { FetchStates } from './fetch-states.ts';
import { MirrorUpkeep } from './mirror-upkeep.ts';
import { type Release, releaseOf } from './release.ts';
import type { Room } from './room.ts';
import type { ReleaseStore } from './store.ts';
import { Turns } from './turns.ts';

/** The file in a mirror that names the boot in which the mirror was last found to have no empty files. */
const SEEN_IN = 'fleet-boot';

export interface MirrorsOptions {
  store: ReleaseStore;
  room: Room;
  hub(): HubRemote;
  fetches: Pick<FetchStates, 'follow'>;
  /** Added to git's environment. */
  env: Record<string, string>;
  /** The id of the machine's current boot. */
  boot: string;
  problem(line: string): void;
}

/**
 * The objects of all commits, in a bare repository for each of the hub's. A mirror is a cache: if it is damaged, it is
 * fetched again, once, and replaced.
 */
export class Mirrors {
  /** Each mirror has one fetch at a time, because git's own locks would refuse a second. */
  private readonly turns = new Turns();
  private readonly removals = new Turns();
  /** How often each mirror was replaced, by repository. */
  private readonly replaced = new Map<string, number>();
  /** Repositories whose mirror was checked since this drone started. */
  private readonly looked = new Set<string>();
  private readonly closing = new AbortController();

  readonly upkeep: MirrorUpkeep;

  constructor(private readonly options: MirrorsOptions) {
    const { turns, closing } = this;
    this.upkeep = new MirrorUpkeep({ ...options, turns, signal: closing.signal });
  }

  /** Fetches a commit into its mirror. Throws ENOCOMMIT, EGIT, EIO, and the errors of a hub that cannot be reached. */
  fetch(release: Release): Promise<void> {
    return this.use(release, () => this.turns.take(release.repo, () => this.fetchMissing(release))).then(() =>
      this.upkeep.packLater(release),
    );
  }

  /** Runs `work`, which needs a commit's objects, and again if the mirror was damaged. Throws as `fetch` and `work` do. */
  async use<T>(release: Release, work: () => Promise<T>): Promise<T> {
    await this.lookOnce(release);
    const before = this.replaced.get(release.repo);
    try {
      return await work();
    } catch (error) {
      const damage = damageIn(wordsOf(error));
      if (damage === null) throw error;
      await this.turns.take(release.repo, async () => {
        // Another caller may have replaced it already.
        if (this.replaced.get(release.repo) === before) await this.replace(release, damage);
      });
      return work();
    }
  }

  async close(): Promise<void> {
    this.closing.abort(new FleetError('ECLOSED', 'the drone has ended'));
    await Promise.all([this.turns.idle(), this.removals.idle()]);
  }

  private async fetchMissing(release: Release, mirror = this.options.store.mirror(release)): Promise<void> {
    const { hub, env, room, fetches } = this.options;
    if (await hasCommit(mirror, release.commit)) return;
    try {
      await fetches.follow(release, (onStep) =>
        room.fetch(release, mirror, (full) => {
          const signal = AbortSignal.any([full, this.closing.signal]);
          return fetchFromHub(hub, mirror, release, { extra: env, signal, onStep });
        }),
      );
    } catch (error) {
      // Otherwise the objects fetched so far would stay, and repeated failures would fill the disk.
      sweepMirror(mirror);
      if (error instanceof FleetError) throw error;
      throw new FleetError('EIO', `cannot write ${mirror}: ${messageOf(error)}`, { cause: error });
    }
  }

  /**
   * On the first use, looks for what would hold up a git that opens it, and after a boot for files that a power cut emptied:
   * git would not notice all of them.
   */
  private async lookOnce(release: Release): Promise<void> {
    const { repo } = release;
    if (this.looked.has(repo)) return;
    this.looked.add(repo);
    const { store, boot, problem } = this.options;
    const mirror = store.mirror(release);
    const seenIn = join(mirror, SEEN_IN);
    if (!existsSync(mirror)) return;
    await this.turns.take(repo, async () => {
      await this.replaceUnopenable(release);
      try {
        if (read(seenIn) === boot) return;
        const [empty] = await emptyFiles(mirror);
        if (empty !== undefined) await this.replace(release, `${empty} is empty`);
        writeWhole(seenIn, boot);
      } catch (error) {
        this.looked.delete(repo); // What is needed now may be intact; if not, git will fail.
        problem(messageOf(error));
      }
    });
  }

  private async replaceUnopenable(release: Release): Promise<void> {
    const mirror = this.options.store.mirror(release);
    const why = whyUnopenable(mirror) ?? (await whyUnreadable(mirror));
    if (why === null) return;
    try {
      await this.replace(release, why);
    } catch (error) {
      this.looked.delete(release.repo);
      throw error;
    }
  }

  /** Fetches a mirror again. The old one stays until that is done. */
  private async replace(release: Release, why: string): Promise<void> {
    const { store, problem } = this.options;
    const { repo } = release;
    const mirror = store.mirror(release);
    const [fresh, old] = [store.asideMirror(release, 'new'), store.asideMirror(release, 'old')];
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
    await this.fetchMissing(release, fresh).catch(async (error: unknown) => {
      await rm(fresh, { recursive: true, force: true });
      throw error;
    });
    if (existsSync(mirror)) renameSync(mirror, old);
    renameSync(fresh, mirror);
    this.replaced.set(repo, (this.replaced.get(repo) ?? 0) + 1);
    problem(`the mirror of ${repo} was damaged and has been fetched again (${why})`);
    void this.removals.take(repo, () => rm(old, { recursive: true, force: true })).catch(() => {});
    void this.turns.take(repo, () => this.fetchBorrowed(repo));
  }

  /** Other checkouts of the repository borrow objects from the mirror too, and git should work in them. */
  private async fetchBorrowed(repo: string): Promise<void> {
    for (const commit of this.options.store.commitsOf(repo)) {
      if (this.closing.signal.aborted) return;
      await this.fetchMissing(releaseOf(repo, commit)).catch(() => {}); // The hub may no longer have it.
    }
  }
}

/** Returns all output of git. */
function wordsOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause.message : '';
}

function read(path: string): string {
  try {
    return readRegular(path);
  } catch {
    return '';
  }
}
