import { type Backoff, backoffMs } from '../../system/backoff.ts';
import { BoundedMap } from '../../system/bounded-map.ts';

/** The wrong secrets of one network. */
interface Failures {
  count: number;
  /** performance.now of the last one. */
  at: number;
}

const PENALTY: Backoff = { firstMs: 100, longestMs: 8_000, spread: 0 };
const FORGET_AFTER_MS = 600_000;
const MAX_NETWORKS = 10_000;

/** Returns what counts as one source: an IPv4 address, or a whole IPv6 /64, which is what one customer has. */
export function networkOf(address: string): string {
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
 * Makes guessing slow: each wrong secret from one network waits longer for its refusal. The right secret never waits,
 * so nobody can lock somebody else out. Memory is bounded: the network that failed longest ago is forgotten.
 */
export class Throttle {
  private readonly failures = new BoundedMap<string, Failures>(MAX_NETWORKS);

  /** Counts a wrong secret. Returns the milliseconds that its refusal should take. */
  failed(address: string, now = performance.now()): number {
    const network = networkOf(address);
    const before = this.failures.get(network);
    const count = before && now - before.at < FORGET_AFTER_MS ? before.count + 1 : 1;
    this.failures.set(network, { count, at: now });
    return backoffMs(count - 1, PENALTY);
  }

  get size(): number {
    return this.failures.size;
  }
}
