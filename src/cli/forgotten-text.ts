import type { ForgottenCommit } from '../client/admin-types.ts';

/** How many refs are named. */
const MAX_NAMED = 10;

/** Returns what `repos forget` prints: what is done, and what is left of the commit at hub and drones. */
export function forgottenLines(
  commit: string,
  { refs, failed }: Pick<ForgottenCommit, 'refs' | 'failed'>,
): { done: string[]; left: string[] } {
  const left = Object.entries(failed).map(([drone, { message }]) => `[${drone}] ${message}`);
  if (refs.length > 0) left.push(`fleet: the hub still has it in ${namesOf(refs).join(', ')}`);
  return { done: refs.length > 0 ? [] : [`forgot ${commit}`], left };
}

/** Returns refs as people call them: branches, tags, and other commits that were deployed. */
function namesOf(refs: readonly string[]): string[] {
  const names = refs.map((ref) =>
    ref
      .replace(/^refs\/heads\//, 'the branch ')
      .replace(/^refs\/tags\//, 'the tag ')
      .replace(/^refs\/fleet\//, 'the commit '),
  );
  const more = names.length - MAX_NAMED;
  return more > 0 ? [...names.slice(0, MAX_NAMED), `${more} more`] : names;
}
