import { type Backoff, backoffMs } from '../../system/backoff.ts';

/** What is remembered of one address that guessed wrong. */
interface Misses {
  count: number;
  /** performance.now of the last one. */
  at: number;
}

const PENALTY: Backoff = { firstMs: 100, longestMs: 8_000, spread: 0 };
const FORGET_AFTER = 600_000;
const MAX_ADDRESSES = 10_000;

/** Who counts as one guesser: an IPv4 address, or a whole IPv6 /64, which is what one customer has. */
export function guesserOf(address: string): string {
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (v4) return v4;
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}

/**
 * Makes guessing slow: each wrong secret from one address waits longer for its refusal. The right secret never waits,
 * so nobody can lock another one out. Memory is bounded: the address that missed longest ago is forgotten.
 */
export class Throttle {
  private readonly misses = new Map<string, Misses>();

  /** Notes a wrong secret; gives the milliseconds that its refusal should take. */
  missed(address: string, now = performance.now()): number {
    const guesser = guesserOf(address);
    const before = this.misses.get(guesser);
    const count = before && now - before.at < FORGET_AFTER ? before.count + 1 : 1;
    this.misses.delete(guesser);
    this.misses.set(guesser, { count, at: now });
    if (this.misses.size > MAX_ADDRESSES) {
      for (const oldest of this.misses.keys()) {
        this.misses.delete(oldest);
        break;
      }
    }
    return backoffMs(count - 1, PENALTY);
  }

  get size(): number {
    return this.misses.size;
  }
}
