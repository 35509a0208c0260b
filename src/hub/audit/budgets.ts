import { setTimeout as sleep } from 'node:timers/promises';
import { BoundedMap } from '../../system/bounded-map.ts';
import { TokenBucket } from '../../system/token-bucket.ts';
import { OWN_NAMES } from '../access/principal.ts';
import type { Keep } from './trail-files.ts';

/** What one token may write in a burst. */
const BURST_CHARACTERS = 1024 * 1024;
/** What one token may write per second in the long run, at least and at most, however long entries are kept. */
const MIN_PER_SECOND = 64;
const MAX_PER_SECOND = 1_024;
/** Tokens whose budget is remembered. */
const MAX_TOKENS = 1_000;

/** Returns how many characters a second a token may write, so that it alone does not fill the trail before it is old. */
export function perSecond({ maxBytes, maxAgeMs }: Keep): number {
  return Math.min(MAX_PER_SECOND, Math.max(MIN_PER_SECOND, (maxBytes / maxAgeMs) * 1000));
}

interface Budget {
  bucket: TokenBucket;
  /** Whoever came last waits for those before. */
  turn: Promise<void>;
}

/** What each token may write to the trail. Whoever has the hub's secret has no budget: the trail is theirs. */
export class Budgets {
  private readonly budgets = new BoundedMap<string, Budget>(MAX_TOKENS);

  constructor(private readonly keep: Keep) {}

  /**
   * Resolves when a token may write so many characters, and keeps them for it; what it resolves to gives them back, once
   * what was written instead was charged. Rejects with the reason of `until` when that is aborted.
   */
  async reserve(who: string, characters: number, until: AbortSignal): Promise<() => void> {
    const budget = this.of(who);
    if (!budget) return () => {};
    budget.turn = budget.turn.then(async () => {
      const wait = until.aborted ? 0 : budget.bucket.waitMs(performance.now());
      if (wait > 0) await sleep(wait, undefined, { ref: false, signal: until }).catch(() => {});
      if (!until.aborted) budget.bucket.spend(characters, performance.now());
    });
    await budget.turn;
    until.throwIfAborted();
    return () => budget.bucket.spend(-characters, performance.now());
  }

  charge(who: string, characters: number): void {
    this.of(who)?.bucket.spend(characters, performance.now());
  }

  private of(who: string): Budget | null {
    if (OWN_NAMES.includes(who)) return null;
    const bucketOptions = { capacity: BURST_CHARACTERS, perSecond: perSecond(this.keep) };
    const budget = this.budgets.get(who) ?? {
      bucket: new TokenBucket(bucketOptions, performance.now()),
      turn: Promise.resolve(),
    };
    this.budgets.set(who, budget);
    return budget;
  }
}
