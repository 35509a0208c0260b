import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../protocol/errors.ts';
import { list } from './leftovers.ts';
import type { GitProcesses } from './server-processes.ts';
import { type GitStore, shallowName } from './store.ts';

/** What makes a repository slow, counted as `git gc --auto` does it: in one of the 256 folders of loose objects. */
export interface Clutter {
  packs: number;
  looseInOneFolder: number;
  looseRefs: number;
}

/** Niceness, for work that nobody waits for. */
const NICE = 15;

/** Returns true if tidying up is worth it. */
export function needsMaintenance({ packs, looseInOneFolder, looseRefs }: Clutter): boolean {
  return packs > 50 || looseInOneFolder > 20 || looseRefs > 500;
}

function count(dir: string, pattern = /./): number {
  try {
    return readdirSync(dir).filter((name) => pattern.test(name)).length;
  } catch {
    return 0;
  }
}

export function clutterOf(path: string): Clutter {
  return {
    packs: count(join(path, 'objects/pack'), /\.pack$/),
    looseInOneFolder: count(join(path, 'objects/17')),
    looseRefs: count(join(path, 'refs/fleet')),
  };
}

/**
 * Keeps repositories fast, however many commits are deployed: combines packs and loose objects, and puts refs into one
 * file. No object is deleted, reachable or not. It works on one repository at a time, and never during a push to it.
 */
export class Maintenance {
  private last: Promise<unknown> = Promise.resolve();
  /** Queued or in progress. */
  private readonly due = new Set<string>();

  constructor(
    private readonly repositories: GitStore,
    private readonly processes: GitProcesses,
    private readonly log: (line: string) => void,
  ) {}

  /** Returns true while a repository is queued or in progress. */
  isAt(repo: string): boolean {
    return this.due.has(repo);
  }

  /** Tidies up in the background after a push, if it is worth it. */
  look(repo: string): void {
    if (this.due.has(repo) || !needsMaintenance(clutterOf(this.repositories.path(repo)))) return;
    this.add(repo);
  }

  /** Tidies all repositories up, whether it is worth it or not, and resolves when that is done. */
  async tidyAll(): Promise<void> {
    for (const repo of namesIn(this.repositories)) {
      const { packs, looseInOneFolder, looseRefs } = clutterOf(this.repositories.path(repo));
      if (!this.due.has(repo) && packs + looseInOneFolder + looseRefs > 1) this.add(repo);
    }
    await this.idle();
  }

  /** Does something when nothing is in progress; what comes later waits. Settles as `work` does. */
  after<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => {});
    return result;
  }

  private add(repo: string): void {
    this.due.add(repo);
    this.last = this.last.then(() => this.tidy(repo)).finally(() => this.due.delete(repo));
  }

  /** Resolves when nothing is in progress. */
  async idle(): Promise<void> {
    await this.last;
  }

  private async tidy(repo: string): Promise<void> {
    for (const args of [
      ['-c', 'pack.threads=1', 'repack', '-d', '-q', '--geometric=2'],
      ['pack-refs', '--all'],
    ]) {
      const of = ['--git-dir', this.repositories.path(repo)];
      const failure = await this.processes.write([...of, ...args], { started: lower }).catch(messageOf);
      if (failure !== null) return this.log(`tidying ${repo}: ${failure}`);
    }
  }
}

function lower(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, NICE);
  } catch {
    // It has ended already.
  }
}

/** Returns the names of all repositories, also of those for shallow commits. */
function namesIn(repositories: GitStore): string[] {
  const names = list(repositories.dir).filter((name) => name.endsWith('.git'));
  const repos = names.map((name) => name.slice(0, -'.git'.length));
  return repos.flatMap((repo) => [repo, shallowName(repo)]).filter((repo) => repositories.exists(repo));
}
