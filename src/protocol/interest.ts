import type { Interest } from './events.ts';

export const NOTHING: Interest = { all: false, ids: [], repos: [] };
export const EVERYTHING: Interest = { all: true, ids: [], repos: [] };

/** Returns true if whoever has this interest wants output of that process. */
export function wants({ all, ids, repos }: Interest, process: { id: string; repo: string }): boolean {
  return all || ids.includes(process.id) || repos.includes(process.repo);
}

/** Returns what `wants` does, for many questions: they take no longer for many ids. */
export function wanting(interest: Interest): (process: { id: string; repo: string }) => boolean {
  const [ids, repos] = [new Set(interest.ids), new Set(interest.repos)];
  return ({ id, repo }) => interest.all || ids.has(id) || repos.has(repo);
}

/** Returns the one interest that wants what any of these wants, and no more. In whichever order: it is the same. */
export function union(interests: Interest[]): Interest {
  if (interests.some(({ all }) => all)) return EVERYTHING;
  return {
    all: false,
    ids: [...new Set(interests.flatMap(({ ids }) => ids))].sort(),
    repos: [...new Set(interests.flatMap(({ repos }) => repos))].sort(),
  };
}

/** Returns what is left of an interest for whoever may see one repository only. Its ids may still be of others. */
export function within({ all, ids, repos }: Interest, repo: string): Interest {
  return { all: false, ids, repos: all || repos.includes(repo) ? [repo] : [] };
}
