import { existsSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { checkoutTree } from '../../git/checkout.ts';
import { fetchCommit, hasCommit, sweepMirror } from '../../git/mirror.ts';
import type { HubRemote } from '../../git/remote.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { gitMark } from '../processes/environment.ts';

/** The commits that are checked out on a drone. */
export interface Checkouts {
  /** The directory of a commit, fetched and checked out where it is not there. */
  ensure(repo: string, commit: string): Promise<string>;
  has(repo: string, commit: string): Promise<boolean>;
  /** Removes what a drone that was killed left half done. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

export interface CheckoutsOptions {
  dir: string;
  hub: () => HubRemote;
  /** See `markOf`. */
  mark: string;
  /** Settles once no git of a drone before this one is at work here. */
  cleared: () => Promise<unknown>;
}

/** `deploy/REPO.COMMIT/`, made under a temporary name and renamed: it is whole or it is not there. */
export function createCheckouts({ dir, hub, mark, cleared }: CheckoutsOptions): Checkouts {
  const deploy = join(dir, 'deploy');
  const running = new Map<string, Promise<string>>();
  /** One fetch at a time for each mirror: git's own locks would refuse the second. */
  const turns = new Map<string, Promise<unknown>>();
  const { checkouts, mirrors } = leftovers(dir);
  let swept: Promise<void> | undefined;

  const inTurn = <T>(mirror: string, work: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(mirror) ?? Promise.resolve()).then(work, work);
    turns.set(
      mirror,
      turn.catch(() => {}),
    );
    return turn;
  };
  const sweep = () => {
    swept ??= cleared().then(() => {
      checkouts.forEach(removeBusy);
      mirrors.forEach(sweepMirror);
    });
    return swept;
  };
  const env = gitMark(mark);
  const make = async (repo: string, commit: string, path: string) => {
    await sweep();
    const mirror = join(dir, 'repos', `${repo}.git`);
    await inTurn(mirror, async () => {
      if (!(await hasCommit(mirror, commit))) await fetchCommit(mirror, hub(), repo, commit, env);
    });
    // Of this process: where the system shows no marks, a killed drone's git may still be writing into that one's.
    const temporary = join(deploy, `.tmp-${repo}.${commit}.${process.pid}`);
    try {
      await mkdir(temporary, { recursive: true });
      await checkoutTree(mirror, commit, temporary, env);
      await rename(temporary, path);
      return path;
    } catch (error) {
      await rm(temporary, { recursive: true, force: true }).catch(() => {});
      if (error instanceof FleetError) throw error;
      throw new FleetError('EIO', `cannot check out into ${deploy}: ${messageOf(error)}`, { cause: error });
    }
  };
  return {
    ensure: (repo, commit) => {
      const path = join(deploy, `${repo}.${commit}`);
      if (existsSync(path)) return Promise.resolve(path);
      let made = running.get(path);
      if (!made) {
        made = make(repo, commit, path).finally(() => running.delete(path));
        running.set(path, made);
      }
      return made;
    },
    has: async (repo, commit) => existsSync(join(deploy, `${repo}.${commit}`)),
    sweep,
    close: async () => {
      await Promise.allSettled(running.values());
    },
  };
}

/** What a drone that was killed left half done, and the mirrors where its git may have left something. EIO. */
function leftovers(dir: string): { checkouts: string[]; mirrors: string[] } {
  const list = (folder: string) => {
    const path = join(dir, folder);
    try {
      return existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : [];
    } catch (cause) {
      throw new FleetError('EIO', `cannot read ${path}: ${messageOf(cause)}`, { cause });
    }
  };
  const checkouts = list('deploy').filter((path) => basename(path).startsWith('.tmp-'));
  return { checkouts, mirrors: list('repos') };
}

/** Where marks cannot be seen, a git may still be writing there; what cannot be removed now goes the next time. */
function removeBusy(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  } catch {
    // It is in nobody's way.
  }
}
