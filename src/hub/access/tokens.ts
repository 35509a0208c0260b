import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import type { TokenInfo } from '../../protocol/answers.ts';
import type { ClientParams } from '../../protocol/client-calls.ts';
import { FleetError } from '../../protocol/errors.ts';
import { readJson, writeJson } from '../../system/json-file.ts';
import type { Principal } from './principal.ts';

/** A token as the hub keeps it: its hash, never itself. Times are ms since 1970. */
interface Token extends TokenInfo {
  hash: string;
}

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Tokens of one hub: each request with a wrong secret is compared with all of them. */
const MAX_TOKENS = 1_000;

/** The tokens of a hub, in `tokens.json` (0600) of its directory. Emits `removed` when one was. */
export class Tokens extends EventEmitter<{ removed: [] }> {
  private readonly path: string;
  private tokens: Token[];

  /** Throws ECONFIG if the file is not what a hub writes: a hub that cannot tell who may come in does not start. */
  constructor(dir: string) {
    super();
    this.path = join(dir, 'tokens.json');
    const read = readJson(this.path) as { tokens?: Token[] } | undefined;
    if (read !== undefined && !(Array.isArray(read?.tokens) && read.tokens.every(isToken))) {
      throw new FleetError(
        'ECONFIG',
        `${this.path} is not what a hub writes; move it away to start without tokens`,
      );
    }
    this.tokens = read?.tokens ?? [];
  }

  /**
   * Makes a token and returns it; it can't be had again. `lifetime` in milliseconds, null for ever. Throws EFORBIDDEN
   * for what `by` does not have, EUSAGE for a name that is taken, ELIMIT if there are too many.
   */
  create(by: Principal, { name, can, repo, lifetime }: ClientParams['token.create']): string {
    const created = Date.now();
    const expires = lifetime === null ? null : created + lifetime;
    demandToGive(by, { name, can, repo, created, expires });
    if (this.tokens.some((token) => token.name === name)) {
      throw new FleetError(
        'EUSAGE',
        `there is a token '${name}' already; remove it first: fleet token rm ${name}`,
      );
    }
    const live = this.tokens.filter((token) => this.isValid(token));
    if (live.length >= MAX_TOKENS)
      throw new FleetError('ELIMIT', `this hub keeps ${MAX_TOKENS} tokens, and no more; see: fleet token ls`);
    const kept = this.tokens.length >= MAX_TOKENS ? live : this.tokens;
    const secret = `fleet_${randomBytes(32).toString('base64url')}`;
    this.save([...kept, { name, can, repo, created, expires, hash: sha256(secret).toString('hex') }]);
    return secret;
  }

  list(): TokenInfo[] {
    return this.tokens.map(({ hash, ...info }) => info);
  }

  remove(name: string): void {
    const left = this.tokens.filter((token) => token.name !== name);
    if (left.length === this.tokens.length) {
      const names = this.tokens.map((token) => token.name).join(', ');
      throw new FleetError('EUSAGE', `there is no token '${name}'; there are: ${names || 'none'}`);
    }
    this.save(left);
    this.emit('removed');
  }

  /** The token whose text has this hash, also an expired one. Found by hash, so that no comparison tells anything to whoever guesses. */
  find(hash: Buffer): TokenInfo | undefined {
    const hex = hash.toString('hex');
    return this.tokens.find((one) => one.hash === hex);
  }

  /** False once it was removed or has expired. */
  isValid(token: TokenInfo): boolean {
    const known = this.tokens.some(({ name, created }) => name === token.name && created === token.created);
    return known && (token.expires === null || Date.now() < token.expires);
  }

  private save(tokens: Token[]): void {
    writeJson(this.path, { tokens });
    this.tokens = tokens;
  }
}

/** Rights over the whole hub: a drone works for all repositories, and an administrator makes tokens. */
const OF_THE_WHOLE = ['drone', 'admin'] as const;

function demandToGive(by: Principal, { can, repo, expires }: TokenInfo): void {
  const whole = repo !== null && OF_THE_WHOLE.find((right) => can.includes(right));
  if (whole) {
    throw new FleetError(
      'EUSAGE',
      `the right '${whole}' cannot be limited to a repository; leave out --repo`,
    );
  }
  const lacking = can.find((right) => !by.rights.has(right));
  if (lacking)
    throw new FleetError('EFORBIDDEN', `'${by.name}' cannot give the right '${lacking}', which it lacks`);
  if (by.expires !== null && (expires === null || expires > by.expires)) {
    throw new FleetError('EFORBIDDEN', `'${by.name}' cannot make a token that lives longer than itself`);
  }
}

function isToken(one: Partial<Token> | null): boolean {
  return typeof one?.name === 'string' && typeof one.hash === 'string' && Array.isArray(one.can);
}
