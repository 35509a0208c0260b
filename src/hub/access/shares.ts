import { FleetError } from '../../protocol/errors.ts';
import { FairSemaphore } from '../../system/fair-semaphore.ts';
import { OWN_NAMES, type Principal } from './principal.ts';

/** What one token may have under way at once. All together are limited elsewhere, where each of these is served. */
const SHARES = {
  connections: 1_000,
  pushes: 16,
  fetches: 64,
  'reads of logs': 256,
  deploys: 64,
  calls: 10_000,
} as const;

/** Ids of processes, repositories and drones that all subscriptions of one token may name together. */
export const MAX_WATCHED = 10_000;

export type Share = keyof typeof SHARES;

/** Lists of logs that are made at once: each may be large, and those of one token have half of the places. */
const LOG_LISTS = 8;

/** Counts what each token has under way, so that no one of them takes the place of the others. */
export class Shares {
  private readonly logLists = new FairSemaphore(LOG_LISTS);
  private readonly counts = new Map<string, number>();

  /** Returns what ends it. Throws ELIMIT if `who` has as many under way as a token may have. */
  enter({ name }: Pick<Principal, 'name'>, share: Share): () => void {
    if (!isLimited(name)) return () => {};
    const key = `${share} ${name}`;
    const count = this.counts.get(key) ?? 0;
    if (count >= SHARES[share])
      throw new FleetError('ELIMIT', `the token '${name}' has ${count} ${share} at once, as many as it may`);
    this.counts.set(key, count + 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const left = (this.counts.get(key) ?? 1) - 1;
      if (left > 0) this.counts.set(key, left);
      else this.counts.delete(key);
    };
  }

  /** Makes a list of logs when it is the turn of `who`. Rejects with ELIMIT as above. */
  duringList<T>(who: Pick<Principal, 'name'>, act: () => Promise<T>): Promise<T> {
    return this.during(who, 'reads of logs', async () => {
      const leave = await this.logLists.enter(isLimited(who.name) ? who.name : null);
      return act().finally(leave);
    });
  }

  /** Does something that counts until it has ended. Rejects with ELIMIT as above. */
  async during<T>(who: Pick<Principal, 'name'>, share: Share, act: () => T | Promise<T>): Promise<T> {
    const leave = this.enter(who, share);
    try {
      return await act();
    } finally {
      leave();
    }
  }
}

/** Whoever has the hub's secret is not limited. */
export function isLimited(name: string): boolean {
  return !OWN_NAMES.includes(name);
}
