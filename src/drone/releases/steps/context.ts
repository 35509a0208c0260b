import type { TrackedFiles } from '../../../git/tracked-files.ts';
import type { Mirrors } from '../mirrors.ts';
import type { Need } from '../need.ts';
import type { Release } from '../release.ts';
import type { Room } from '../room.ts';
import type { ReleaseStore } from '../store.ts';

/** Runs builds. */
export interface BuildRunner {
  /**
   * Starts the build of the checkout in `path`. `begun` is called with the job's id before it starts; the id is returned
   * once it runs or has failed to start. Throws EIO.
   */
  start(release: Release, need: Need, path: string, begun: (job: string) => void): Promise<string>;
  /** Returns the state of a build; null if it is unknown. */
  stateOf(job: string): 'running' | 'ok' | 'failed' | null;
}

/** Everything that a step needs. */
export interface StepContext {
  release: Release;
  store: ReleaseStore;
  /** Added to git's environment. */
  env: Record<string, string>;
  /** The id of the machine's current boot. */
  boot: string;
  mirrors: Pick<Mirrors, 'fetch' | 'use'>;
  room: Pick<Room, 'checkout' | 'known' | 'most'>;
  /** Returns those of the directories that a process runs from right now. */
  occupied(directories: readonly string[]): Set<string>;
  builds: BuildRunner;
  /** Reports a problem to the operator, in one line. */
  problem(line: string): void;
}

/** Returns the files of the release in this directory below `deploy/`. */
export function filesIn({ store, release }: StepContext, directory: string): TrackedFiles {
  const { commit } = release;
  const mirror = store.mirror(release);
  return { mirror, commit, gitDir: store.gitDir(release), workTree: store.pathOf(directory) };
}
