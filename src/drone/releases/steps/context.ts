import type { TrackedFiles } from '../../../git/tracked-files.ts';
import type { Mirrors } from '../mirrors.ts';
import type { Release } from '../release.ts';
import type { ReleaseStore } from '../store.ts';

/** What a step works with. */
export interface StepContext {
  release: Release;
  store: ReleaseStore;
  /** What goes into git's environment. */
  env: Record<string, string>;
  /** This boot of the machine. */
  boot: string;
  mirrors: Mirrors;
  /** Which of these directories somebody runs from at this moment. */
  occupied(directories: readonly string[]): Set<string>;
  /** Something that an operator should know, in one line. */
  problem(line: string): void;
}

/** The files of the release in this directory below `deploy/`. */
export function filesIn({ store, release }: StepContext, directory: string): TrackedFiles {
  const { commit } = release;
  const mirror = store.mirror(release);
  return { mirror, commit, gitDir: store.gitDir(release), workTree: store.pathOf(directory) };
}
