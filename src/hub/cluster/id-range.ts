import { FleetError } from '../../protocol/errors.ts';
import { ID_RANGES } from '../../protocol/names.ts';
import { isObject } from '../store/section.ts';
import type { Entry, Store } from '../store/store.ts';

const PREFIX = 'id-range.';
/** Other hubs that start at the same time may each be quicker once. */
const MAX_TRIES = 2 * ID_RANGES;

/** Which hub has a range, and since when it was last started (ms since 1970). */
interface Range {
  hub: string;
  at: number;
}

/**
 * Returns which part of all process ids is the hub's own, the same as before if it had one. If all are taken, that of the hub
 * that was started longest ago of those that are not there. Throws ELIMIT if all are, ECLUSTER, EIO.
 */
export async function ownRange(
  store: Store,
  hub: string,
  isThere: (hub: string) => boolean,
): Promise<number> {
  for (let n = 0; n < MAX_TRIES; n++) {
    const taken = await store.list(PREFIX);
    const range = rangeFor(taken, hub, isThere);
    const key = PREFIX + range;
    const before = taken.find((one) => one.key === key);
    const value: Range = { hub, at: Date.now() };
    try {
      await (before ? store.update(key, value, before.revision) : store.create(key, value));
      return range;
    } catch (error) {
      if (!(error instanceof FleetError && error.code === 'ECONFLICT')) throw error;
    }
  }
  throw new FleetError('ECLUSTER', 'other hubs that are starting are always quicker; try again');
}

/** Returns the range that a hub takes. Throws ELIMIT. */
export function rangeFor(
  taken: readonly Pick<Entry, 'key' | 'value'>[],
  hub: string,
  isThere: (hub: string) => boolean,
): number {
  const ranges = taken.flatMap(({ key, value }) => (isRange(value) ? [{ n: numberOf(key), ...value }] : []));
  const own = ranges.find((one) => one.hub === hub);
  if (own) return own.n;
  const numbers = new Set(taken.map(({ key }) => numberOf(key)));
  for (let n = 0; n < ID_RANGES; n++) if (!numbers.has(n)) return n;
  const [oldest] = ranges.filter((one) => !isThere(one.hub)).sort((a, b) => a.at - b.at);
  if (oldest) return oldest.n;
  throw new FleetError('ELIMIT', `a cluster has ${ID_RANGES} hubs at most`);
}

const numberOf = (key: string) => Number(key.slice(PREFIX.length));

function isRange(value: unknown): value is Range {
  return isObject(value) && typeof value['hub'] === 'string' && typeof value['at'] === 'number';
}
