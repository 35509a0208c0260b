import { existsSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkoutTree, fetchCommit, hasCommit, sweepMirror } from '../adapters/git.ts';
import type { HubRemote } from '../adapters/git-access.ts';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { gitMark } from './environment.ts';

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
  let swept: Promise<void> | undefined;

  const inTurn = <T>(mirror: string, work: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(mirror) ?? Promise.resolve()).then(work, work);
    turns.set(
      mirror,
      turn.catch(() => {}),
    );
    return turn;
  };
  const once = () => {
    swept ??= cleared().then(() => sweep(dir));
    return swept;
  };
  const env = gitMark(mark);
  const make = async (repo: string, commit: string, path: string) => {
    await once();
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
    sweep: once,
    close: async () => {
      await Promise.allSettled(running.values());
    },
  };
}

function sweep(dir: string): void {
  const list = (path: string) => (existsSync(path) ? readdirSync(path) : []);
  for (const left of list(join(dir, 'deploy'))) {
    if (left.startsWith('.tmp-')) removeBusy(join(dir, 'deploy', left));
  }
  for (const mirror of list(join(dir, 'repos'))) sweepMirror(join(dir, 'repos', mirror));
}

/** Where marks cannot be seen, a git may still be writing there; what cannot be removed now goes the next time. */
function removeBusy(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  } catch {
    // It is in nobody's way.
  }
}
