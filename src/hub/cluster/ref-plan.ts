import type { RefChange } from '../../git/all-refs.ts';
import { ZERO } from '../../git/push-head.ts';

/** Returns how the refs of a repository become those that it should have. */
export function refPlan(
  should: Readonly<Record<string, string>>,
  is: ReadonlyMap<string, string>,
): RefChange[] {
  const gone = [...is].filter(([ref]) => !(ref in should));
  const set = Object.entries(should).filter(([ref, object]) => is.get(ref) !== object);
  return [
    ...gone.map(([ref, before]) => ({ ref, before, after: ZERO })),
    ...set.map(([ref, after]) => ({ ref, before: is.get(ref) ?? ZERO, after })),
  ];
}
