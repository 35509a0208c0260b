import type { TrackedFiles } from '../../../git/tracked-files.ts';
import type { Mirrors } from '../mirrors.ts';
import type { Release } from '../release.ts';
import type { ReleaseStore } from '../store.ts';

/** Everything that a step needs. */
export interface StepContext {
  release: Release;
  store: ReleaseStore;
  /** Added to git's environment. */
  env: Record<string, string>;
  /** The id of the machine's current boot. */
  boot: string;
  mirrors: Mirrors;
  /** Returns those of the directories that a process runs from right now. */
  occupied(directories: readonly string[]): Set<string>;
  /** Reports a problem to the operator, in one line. */
  problem(line: string): void;
}

/** Returns the files of the release in this directory below `deploy/`. */
export function filesIn({ store, release }: StepContext, directory: string): TrackedFiles {
  const { commit } = release;
  const mirror = store.mirror(release);
  return { mirror, commit, gitDir: store.gitDir(release), workTree: store.pathOf(directory) };
}
