import { fromWire } from '../protocol/errors.ts';
import type { Link } from './link.ts';
import type { PruneReport } from './prune-types.ts';

/** Has the hub remove what is not needed any more, or with `dryRun` say what that is. */
export async function prune(link: Link, { dryRun = false } = {}): Promise<PruneReport> {
  const { result } = dryRun ? await link.call('prune.plan', {}) : await link.callOnce('prune', {});
  const drones = Object.entries(result.drones).map(
    ([name, one]) => [name, 'code' in one ? fromWire(one) : one] as const,
  );
  return { ...result, drones: Object.fromEntries(drones) };
}
