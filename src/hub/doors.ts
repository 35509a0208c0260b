import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Verdict } from '../adapters/rpc-server.ts';
import { RIGHTS, type Right } from '../protocol/rights.ts';
import type { Principal } from './principal.ts';
import { Throttle } from './throttle.ts';
import { sha256, type Tokens } from './tokens.ts';

/** Refusals that may be waiting at once; past that a wrong secret is refused without waiting. */
const MAX_WAITING = 1_000;

/** The password of Basic, whatever the user, or the token of Bearer; undefined where there is neither. */
export function secretOf(authorization: string | undefined): string | undefined {
  const [, scheme, value] = /^(basic|bearer) +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (!scheme || !value) return undefined;
  if (scheme.toLowerCase() === 'bearer') return value;
  const text = Buffer.from(value, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}

/** Decides who comes in: the same for websockets, git and everything else, before any content is read. */
export class Doors {
  private readonly throttle = new Throttle();
  private readonly hash: Buffer | undefined;
  private waiting = 0;

  constructor(
    secret: string | undefined,
    private readonly tokens: Tokens,
    private readonly log: (line: string) => void,
  ) {
    this.hash = secret === undefined ? undefined : sha256(secret);
  }

  /** Who makes this request. A wrong secret waits for its 401, longer each time; the right one never does. */
  async admit(request: IncomingMessage): Promise<Verdict<Principal>> {
    const address = request.socket.remoteAddress ?? 'unknown';
    const given = secretOf(request.headers.authorization);
    const who = this.whoIs(given, address);
    if (who) return { ok: true, who };
    if (given === undefined)
      return { ok: false, status: 401, message: 'this hub wants its secret: give --secret' };
    const delay = this.throttle.missed(address);
    this.log(`refused ${address}: wrong secret`);
    if (this.waiting >= MAX_WAITING)
      return { ok: false, status: 429, message: 'too many wrong secrets; try later' };
    this.waiting++;
    try {
      await sleep(delay);
    } finally {
      this.waiting--;
    }
    return { ok: false, status: 401, message: 'wrong secret' };
  }

  private whoIs(given: string | undefined, address: string): Principal | undefined {
    const all = { address, rights: new Set<Right>(RIGHTS), repo: null, isValid: () => true };
    if (!this.hash) return { name: 'anyone', ...all };
    if (given === undefined) return undefined;
    const hash = sha256(given);
    if (timingSafeEqual(hash, this.hash)) return { name: 'secret', ...all };
    const token = this.tokens.find(hash);
    if (!token) return undefined;
    const isValid = () => this.tokens.isValid(token);
    return { name: token.name, address, rights: new Set(token.can), repo: token.repo, isValid };
  }
}
