import { existsSync, rmSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { COMMIT_PATTERN } from '../protocol/names.ts';
import { regularText } from '../system/regular-file.ts';
import { syncFile } from '../system/sync-tree.ts';
import { bareConfig, makeBareRepository } from './bare-repository.ts';
import { list, removeLeftovers } from './leftovers.ts';
import { mendFiles } from './mend-files.ts';

/** The maximum number of repositories of a hub. */
const MAX_REPOSITORIES = 1_000;
/** The branch that a plain `git clone` checks out if nobody has pushed one by hand. */
export const DEPLOYED = 'refs/heads/deployed';

/**
 * Objects are deleted only if a commit is forgotten (so a cached answer stays correct until then), every pushed object is checked, any commit can be fetched
 * by its hash, and fleet's own refs do not appear in clones.
 */
const SETTINGS = `[gc]
	auto = 0
[receive]
	autogc = false
	fsckObjects = true
[uploadpack]
	allowAnySHA1InWant = true
	hideRefs = refs/fleet
`;

/** A git has locked the ref, or a pushed branch has the name of one of our folders, or the other way round. */
const TAKEN = new Set(['EEXIST', 'EISDIR', 'ENOTDIR', 'ENOTEMPTY']);

/** Returns the store's name for the repository of a repository's shallow commits. No request can contain it. */
export const shallowName = (repo: string) => `${repo}.git/shallow`;

/** The hub's bare repositories, as files: what can be read or written without a git process is. */
export class GitStore {
  /** Locks that this process holds. */
  private locks = 0;
  private made = 0;

  /** `dir` holds the repositories, `NAME.git` each. */
  constructor(readonly dir: string) {}

  path(repo: string): string {
    return join(this.dir, `${repo}.git`);
  }

  exists(repo: string): boolean {
    return existsSync(join(this.path(repo), 'HEAD'));
  }

  /**
   * Creates a repository if it does not exist, under a temporary name first. `more` is added to its configuration. Throws
   * ELIMIT if there are too many, EIO if it cannot be written.
   */
  async create(repo: string, more = ''): Promise<void> {
    if (this.exists(repo)) return;
    if (existsSync(this.path(repo))) return void this.mend(repo, more);
    // Unique to this call, because another one may be creating the same repository.
    const temporary = `${this.path(repo)}.${process.pid}.${++this.made}.new`;
    try {
      await mkdir(this.dir, { recursive: true, mode: 0o700 });
      if ((await readdir(this.dir)).length >= MAX_REPOSITORIES)
        throw new FleetError('ELIMIT', `this hub keeps ${MAX_REPOSITORIES} repositories, and no more`);
      await rm(temporary, { recursive: true, force: true });
      await mkdir(temporary); // Nobody else's.
      await makeBareRepository(temporary, DEPLOYED, `${SETTINGS}${more}`);
      await rename(temporary, this.path(repo));
      await syncFile(this.dir);
    } catch (cause) {
      await rm(temporary, { recursive: true, force: true }).catch(() => {});
      if (this.exists(repo)) return; // Another call created it at the same time.
      if (cause instanceof FleetError) throw cause;
      throw new FleetError('EIO', `cannot make the repository ${repo}: ${messageOf(cause)}`, { cause });
    }
  }

  /** Returns the hash that a ref holds, or null if there is no such ref. Reads the files, without a git process. */
  async ref(repo: string, ref: string): Promise<string | null> {
    if (!isPlainRef(ref)) return null;
    const loose = await regularText(join(this.path(repo), ref));
    if (loose !== null && COMMIT_PATTERN.test(loose.trim())) return loose.trim();
    const packed = await regularText(join(this.path(repo), 'packed-refs'));
    const at = packed?.indexOf(` ${ref}\n`) ?? -1;
    const object = packed?.slice(at - 40, at) ?? '';
    return at >= 40 && COMMIT_PATTERN.test(object) ? object : null;
  }

  /** Writes a ref as git does: a lock file, renamed. Does nothing if git has the name in use. Throws EIO. */
  async setRef(repo: string, ref: string, commit: string): Promise<void> {
    if ((await this.ref(repo, ref)) === commit) return;
    await this.replace(repo, ref, `${commit}\n`);
  }

  /** Returns true if the complete commit is here: git set this ref after everything had arrived. */
  async has(repo: string, commit: string): Promise<boolean> {
    const ref = `refs/fleet/${commit}`;
    return (await this.ref(await this.holderOf(repo, commit), ref)) === commit;
  }

  /** Keeps a stored commit permanently, and lets a plain `git clone` check it out. Throws EIO. */
  async hold(repo: string, commit: string): Promise<void> {
    const holder = await this.holderOf(repo, commit);
    await this.setRef(holder, `refs/fleet/${commit}`, commit);
    await this.setRef(holder, DEPLOYED, commit);
  }

  /** Returns the name of the repository that has the commit: its own, or that of its shallow commits. */
  async holderOf(repo: string, commit: string): Promise<string> {
    const ref = `refs/fleet/${commit}`;
    const [own, shallow] = await Promise.all([this.ref(repo, ref), this.ref(shallowName(repo), ref)]);
    return own === null && shallow !== null ? shallowName(repo) : repo;
  }

  /** Returns true if the branch that HEAD points to does not exist: a clone would have nothing to check out. */
  async isEmpty(repo: string): Promise<boolean> {
    const head = await this.head(repo);
    return head !== undefined && (await this.ref(repo, head)) === null;
  }

  /** Points HEAD at this branch if it names one that does not exist, or fleet's own: people's branches come first. */
  async settleHead(repo: string, branch: string): Promise<void> {
    const isOurs = (await this.head(repo)) === DEPLOYED && branch !== DEPLOYED;
    if (isOurs || (await this.isEmpty(repo))) await this.setHead(repo, branch);
  }

  /** Points HEAD at a branch. Throws EIO. */
  async setHead(repo: string, branch: string): Promise<void> {
    if ((await this.head(repo)) !== branch && isPlainRef(branch))
      await this.replace(repo, 'HEAD', `ref: ${branch}\n`);
  }

  /** Returns the branch that HEAD points to; undefined if it cannot be read. */
  async head(repo: string): Promise<string | undefined> {
    return /^ref: (.+)\n$/.exec((await regularText(join(this.path(repo), 'HEAD'))) ?? '')?.[1];
  }

  /** Removes what a killed git left behind. No git may be running there. */
  sweep(repo: string): void {
    // This is only for tidiness, and can wait until the next time.
    if (this.locks === 0) removeLeftovers(this.path(repo));
  }

  /** Sweeps all repositories. Must be called before anything is served. */
  sweepAll(): void {
    for (const name of list(this.dir)) {
      if (name.endsWith('.new')) rmSync(join(this.dir, name), { recursive: true, force: true });
      else if (name.endsWith('.git')) {
        const repo = name.slice(0, -'.git'.length);
        for (const one of [repo, shallowName(repo)]) this.sweep(one);
      }
    }
  }

  /** Rewrites unreadable files of a repository, except objects; `more` as for `create`. Returns how many. Throws EIO. */
  mend(repo: string, more = ''): number {
    return mendFiles(this.path(repo), { config: bareConfig(`${SETTINGS}${more}`), head: DEPLOYED });
  }

  /** Returns when the settings were last changed, in milliseconds since 1970. */
  async configured(repo: string): Promise<number> {
    return (await stat(join(this.path(repo), 'config'))).mtimeMs;
  }

  private async replace(repo: string, file: string, text: string): Promise<void> {
    const path = join(this.path(repo), file);
    this.locks++;
    try {
      await mkdir(dirname(path), { recursive: true });
      const lock = await open(`${path}.lock`, 'wx');
      try {
        await lock.writeFile(text);
        await lock.sync();
        await lock.close();
        await rename(`${path}.lock`, path);
        await syncFile(dirname(path));
      } catch (error) {
        await lock.close().catch(() => {});
        await rm(`${path}.lock`, { force: true });
        throw error;
      }
    } catch (cause) {
      if (TAKEN.has((cause as NodeJS.ErrnoException).code ?? '')) return;
      throw new FleetError('EIO', `cannot write ${path}: ${messageOf(cause)}`, { cause });
    } finally {
      this.locks--;
    }
  }
}

/** Returns true if a ref's name is also a path below `refs/` (git-check-ref-format(1) is stricter). */
function isPlainRef(ref: string): boolean {
  return (
    /^refs\/(heads|tags|fleet)\/[^\0\n]+$/.test(ref) &&
    !ref.split('/').some((part) => /^\.|^$|\.lock$/.test(part))
  );
}
