import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../protocol/errors.ts';
import { bootId } from '../system/procfs.ts';
import { readRegular } from '../system/regular-file.ts';
import { writeWhole } from '../system/write-whole.ts';
import { damageIn, emptyFiles } from './damage.ts';
import type { Elsewhere } from './elsewhere.ts';
import { whyUnopenable, whyUnreadable } from './mend-files.ts';
import { removeBrokenObjects, removeBrokenRefs } from './mend-objects.ts';
import type { ShallowCommits } from './shallow-commits.ts';
import { type GitStore, shallowName } from './store.ts';

/** The file in a repository that names the boot in which the repository was last found to have no empty files. */
const SEEN_IN = 'fleet-boot';
/** How many milliseconds an intact repository is not checked again. */
const LOOK_AGAIN_MS = 600_000;

/**
 * Repairs damage in the hub's repositories. Broken objects are removed, and so are refs that are incomplete without them.
 * The hub then no longer has the commit, so the next push sends it again.
 */
export class Repairs {
  private readonly underWay = new Map<string, Promise<void>>();
  /** Repositories that were checked since this hub started. */
  private readonly looked = new Set<string>();
  /** When a repository was last found intact, by performance.now: some pushes make git print what sounds like damage. */
  private readonly foundWhole = new Map<string, number>();
  private readonly boot = bootId();

  constructor(
    private readonly store: GitStore,
    private readonly shallowCommits: ShallowCommits,
    private readonly log: (line: string) => void,
    private readonly elsewhere: Pick<Elsewhere, 'damaged'> | null,
    /** Of each git that looks for damage. */
    private readonly memoryBytes: number,
  ) {}

  /**
   * Resolves when this repository is not being repaired. A repository that git could not open is repaired first. The
   * first call checks its refs and, after a reboot, all of its files.
   */
  async settled(repo: string): Promise<void> {
    await this.underWay.get(repo);
    const unopenable = this.whyUnopenable(repo);
    if (unopenable !== null) this.begin(repo, () => this.mend(repo, unopenable));
    if (!this.looked.has(repo)) {
      this.looked.add(repo);
      if (existsSync(this.store.path(repo))) this.look(repo);
    }
    await this.underWay.get(repo);
  }

  /** Repairs the repository if the last error of a git (null if it succeeded) reports damage. */
  consider(repo: string, said: string | null): void {
    if (said === null || performance.now() - (this.foundWhole.get(repo) ?? -Infinity) < LOOK_AGAIN_MS) return;
    const [, wanted] = /not our ref ([0-9a-f]{40})/.exec(said) ?? [];
    const damage = damageIn(said);
    if (damage !== null) this.begin(repo, () => this.mend(repo, damage));
    else if (wanted !== undefined)
      this.begin(repo, async () => {
        if (await this.store.has(repo, wanted)) await this.mend(repo, `${wanted} cannot be read`);
      });
  }

  /** Does something while nobody else uses the repository but pushes and fetches that are under way. Settles as `work` does. */
  async alone<T>(repo: string, work: () => Promise<T>): Promise<T> {
    while (this.underWay.has(repo)) await this.underWay.get(repo);
    const result = work();
    const over = result.then(
      () => {},
      () => {},
    );
    this.underWay.set(
      repo,
      over.finally(() => this.underWay.delete(repo)),
    );
    return result;
  }

  private look(repo: string): void {
    this.begin(repo, async () => {
      const unreadable = (await Promise.all(this.pathsOf(repo).map(whyUnreadable))).find(
        (why) => why !== null,
      );
      if (unreadable) await this.mend(repo, unreadable);
      if (this.isSeen(repo)) return;
      const [empty] = (await Promise.all(this.pathsOf(repo).map(emptyFiles))).flat();
      if (empty !== undefined) await this.mend(repo, `${empty} is empty`);
      this.noteSeen(repo);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.underWay.values());
  }

  private begin(repo: string, work: () => Promise<void>): void {
    if (this.underWay.has(repo)) return;
    const over = work()
      .catch((error: unknown) => this.log(`cannot repair the repository ${repo}: ${messageOf(error)}`))
      .finally(() => this.underWay.delete(repo));
    this.underWay.set(repo, over);
  }

  private noteSeen(repo: string): void {
    try {
      writeWhole(join(this.store.path(repo), SEEN_IN), this.boot);
    } catch {
      // On a full disk it is checked again when the next hub starts.
    }
  }

  private isSeen(repo: string): boolean {
    try {
      return readRegular(join(this.store.path(repo), SEEN_IN)) === this.boot;
    } catch {
      return this.boot === '';
    }
  }

  private whyUnopenable(repo: string): string | null {
    try {
      const reasons = this.pathsOf(repo).map(whyUnopenable);
      return reasons.find((why) => why !== null) ?? null;
    } catch {
      return null; // It cannot be read, which git will say.
    }
  }

  private async mend(repo: string, why: string): Promise<void> {
    const paths = this.pathsOf(repo);
    let broken = this.store.mend(repo) + (await this.shallowCommits.mend(repo));
    for (const path of paths) broken += await removeBrokenObjects(path, this.memoryBytes);
    let lost = 0;
    for (const path of paths) lost += await removeBrokenRefs(path, this.memoryBytes);
    if (broken + lost === 0) return void this.foundWhole.set(repo, performance.now());
    const what = `${broken} files were repaired or removed, ${lost} refs are gone until the next push`;
    this.log(`the repository ${repo} was damaged (${why}): ${what}`);
    this.elsewhere?.damaged(repo);
  }

  /** Returns the paths of a repository's objects. The shallow ones come last, because they borrow from the others. */
  private pathsOf(repo: string): string[] {
    return [repo, shallowName(repo)].map((name) => this.store.path(name)).filter((path) => existsSync(path));
  }
}
