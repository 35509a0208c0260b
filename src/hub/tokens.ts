import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readJson, writeJson } from '../adapters/json-file.ts';
import type { TokenInfo } from '../protocol/answers.ts';
import { FleetError } from '../protocol/errors.ts';
import type { Right } from '../protocol/rights.ts';

/** A token as the hub keeps it: its hash, never itself. Times are ms since 1970. */
interface Token extends TokenInfo {
  hash: string;
}

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** The tokens of a hub, in `tokens.json` (0600) of its directory. */
export class Tokens {
  private readonly path: string;
  private tokens: Token[];

  /** ECONFIG where the file is not what a hub writes: a hub that cannot tell who may come in does not start. */
  constructor(dir: string) {
    this.path = join(dir, 'tokens.json');
    const read = readJson(this.path) as { tokens?: Token[] } | undefined;
    if (read !== undefined && !Array.isArray(read?.tokens)) {
      throw new FleetError(
        'ECONFIG',
        `${this.path} is not what a hub writes; move it away to start without tokens`,
      );
    }
    this.tokens = read?.tokens ?? [];
  }

  /** Makes a token and gives it away, once. `lifetime` in milliseconds, null for ever. */
  create(name: string, can: Right[], repo: string | null, lifetime: number | null): string {
    if (this.tokens.some((token) => token.name === name)) {
      throw new FleetError(
        'EUSAGE',
        `there is a token '${name}' already; remove it first: fleet token rm ${name}`,
      );
    }
    const secret = `fleet_${randomBytes(32).toString('base64url')}`;
    const created = Date.now();
    const expires = lifetime === null ? null : created + lifetime;
    this.save([...this.tokens, { name, can, repo, created, expires, hash: sha256(secret).toString('hex') }]);
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
  }

  /** The token whose text has this hash, unless it has expired. Found by hash: no comparison tells a guesser anything. */
  find(hash: Buffer): TokenInfo | undefined {
    const hex = hash.toString('hex');
    const token = this.tokens.find((one) => one.hash === hex);
    return token && this.isValid(token) ? token : undefined;
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
