import type { Lag } from '../protocol/fetch.ts';

/** Returns what is said about a commit that a drone lacks. */
export function lagText({ repo, commit, why, retries }: Lag): string {
  const next = retries ? 'tries again' : 'try fleet deploy';
  return `lacks ${repo}/${commit.slice(0, 7)}: ${why}; ${next}`;
}
