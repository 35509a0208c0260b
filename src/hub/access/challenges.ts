import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { DroneKeys } from './drone-keys.ts';

/** How long a drone may take to sign. */
const LIFE_MS = 30_000;

/**
 * The nonces that drones sign. None is remembered, so asking for many costs the hub nothing: each has a number, a time
 * and the hub's own mark. Of each key, only the highest number that was used is kept.
 */
export class Challenges {
  private readonly secret = randomBytes(32);
  private count = 0;
  private readonly used = new Map<string, number>();

  constructor(keys: Pick<DroneKeys, 'on'>) {
    keys.on('removed', ({ key }) => this.used.delete(key));
  }

  next(now = performance.now()): string {
    const text = `${++this.count}.${Math.floor(now)}`;
    return `${text}.${this.markOf(text)}`;
  }

  /** True for a nonce of this hub that is not too old, and newer than the last one that this key has used. */
  isFresh(key: string, nonce: string, now = performance.now()): boolean {
    const [, text = '', count = '', time = '', mark = ''] = /^((\d+)\.(\d+))\.([\w-]+)$/.exec(nonce) ?? [];
    const right = Buffer.from(this.markOf(text));
    const given = Buffer.from(mark);
    if (given.length !== right.length || !timingSafeEqual(given, right)) return false;
    return now - Number(time) <= LIFE_MS && Number(count) > (this.used.get(key) ?? 0);
  }

  /** Remembers that a key has used a fresh nonce. Only for keys that are known: anybody can make others. */
  spend(key: string, nonce: string): void {
    this.used.set(key, Number.parseInt(nonce, 10));
  }

  get size(): number {
    return this.used.size;
  }

  private markOf(text: string): string {
    return createHmac('sha256', this.secret).update(text).digest('base64url');
  }
}
