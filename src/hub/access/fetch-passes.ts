import { randomBytes } from 'node:crypto';
import type { Principal } from './principal.ts';
import { sha256 } from './tokens.ts';

/** A fetch may go on, or begin, while a drone has lost its connection. */
const AFTERWARDS_MS = 600_000;
/** Of one drone; more replace its oldest. */
const MAX_PASSES = 4;

/** What a drone that has proven its key shows with git instead of a secret: while it is connected, and a while longer. */
export class FetchPasses {
  /** By the hash of their text. */
  private readonly passes = new Map<string, Principal>();

  /** Returns the text of a pass; it ends some time after `gone`. */
  issue(who: Principal, gone: Promise<unknown>): string {
    const text = randomBytes(32).toString('base64url');
    const hash = sha256(text).toString('hex');
    const own = [...this.passes].filter(([, { name }]) => name === who.name);
    for (const [old] of own.slice(0, Math.max(0, own.length - MAX_PASSES + 1))) this.passes.delete(old);
    this.passes.set(hash, who);
    void gone.then(() => setTimeout(() => this.passes.delete(hash), AFTERWARDS_MS).unref());
    return text;
  }

  /** Returns whose pass has this hash, if it is shown at `address`. */
  find(hash: Buffer, address: string): Principal | undefined {
    const who = this.passes.get(hash.toString('hex'));
    return who && { ...who, address };
  }
}
