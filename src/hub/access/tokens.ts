import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import type { TokenInfo } from '../../protocol/answers.ts';
import type { ClientParams } from '../../protocol/client-calls.ts';
import { isKeyName } from '../../protocol/drone-proof.ts';
import { FleetError } from '../../protocol/errors.ts';
import { readJson, writeJson } from '../../system/json-file.ts';
import { demandGrantable, demandLimitable, demandParent } from './grantable.ts';
import { noLongerValid, OWN_NAMES, type Principal } from './principal.ts';

/** A token as the hub keeps it: its hash, never itself. Times are ms since 1970. */
interface Token extends Omit<TokenInfo, 'accessor' | 'parent'> {
  hash: string;
  /** The hash of the token that it ends with. */
  parent?: string;
}

const ACCESSOR_CHARACTERS = 8;

/** Returns a short name of a token that everybody may know: of its hash, so it says nothing of the token. */
function accessorOf({ hash }: Pick<Token, 'hash'>): string {
  return sha256(`accessor ${hash}`).toString('hex').slice(0, ACCESSOR_CHARACTERS);
}

/** Returns those whose parents, and theirs in turn, are among them. */
function withParents(tokens: readonly Token[]): Token[] {
  const hashes = new Set(tokens.map(({ hash }) => hash));
  const left = tokens.filter(({ parent }) => parent === undefined || hashes.has(parent));
  return left.length === tokens.length ? left : withParents(left);
}

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Each request with a wrong secret is compared with all tokens. */
const MAX_TOKENS = 1_000;

/** The tokens of a hub, in `tokens.json` (0600) in its directory. Emits `removed` after a token was removed. */
export class Tokens extends EventEmitter<{ removed: [] }> {
  private readonly path: string;
  private tokens: Token[];

  /** Throws ECONFIG if the file is not one that a hub wrote: a hub that cannot tell who may come in does not start. */
  constructor(dir: string) {
    super();
    this.path = join(dir, 'tokens.json');
    const read = readJson(this.path) as { tokens?: Token[] } | undefined;
    if (read !== undefined && !(Array.isArray(read?.tokens) && read.tokens.every(isToken))) {
      throw new FleetError(
        'ECONFIG',
        `${this.path} is not a file that a hub wrote; move it away to start without tokens`,
      );
    }
    // An older hub removes a token, and not its children.
    this.tokens = withParents((read?.tokens ?? []).map(readToken));
  }

  /**
   * Makes a token and returns its text, which cannot be shown again. `lifetime` is in milliseconds, null for no end.
   * With `child`, it ends when that of `by` does, at the latest. Throws EFORBIDDEN if `by` lacks what it asks for, EUSAGE if the name is taken, ELIMIT if there are too many tokens.
   */
  create(by: Principal, params: ClientParams['token.create']): string {
    const { name, can, repo, lifetime, drone = null, invitation = false, limits, child = false } = params;
    if (child) demandParent(by, invitation);
    const created = Date.now();
    const expires = lifetime !== null ? created + lifetime : child ? by.expires : null;
    demandGrantable(by, { name, can, repo, drone, invitation, created, expires });
    if (limits) demandLimitable({ can, repo, limits });
    if (OWN_NAMES.includes(name) || isKeyName(name))
      throw new FleetError('EUSAGE', `'${name}' is somebody else in the audit trail; give it another name`);
    if (this.tokens.some((token) => token.name === name)) {
      throw new FleetError(
        'EUSAGE',
        `there is already a token '${name}'; remove it first: fleet token rm ${name}`,
      );
    }
    const live = this.tokens.filter((token) => this.isValid(token));
    if (live.length >= MAX_TOKENS)
      throw new FleetError(
        'ELIMIT',
        `this hub already has ${MAX_TOKENS} tokens, its limit; see: fleet token ls`,
      );
    const kept = this.tokens.length >= MAX_TOKENS ? live : this.tokens;
    const secret = `fleet_${randomBytes(32).toString('base64url')}`;
    const only = {
      ...(drone === null ? {} : { drone }),
      ...(invitation ? { invitation } : {}),
      ...(limits ? { limits } : {}),
      ...(child ? { parent: this.hashOf(by) } : {}),
    };
    const hash = sha256(secret).toString('hex');
    this.save([...kept, { name, can, repo, ...only, created, expires, hash }]);
    return secret;
  }

  list(): TokenInfo[] {
    return this.tokens.map((token) => this.infoOf(token));
  }

  /** Removes a token, and those that end with it. Throws ENOTOKEN, EIO. */
  remove(name: string): void {
    const left = this.tokens.filter((token) => token.name !== name);
    if (left.length === this.tokens.length) {
      const names = this.tokens.map((token) => token.name).join(', ');
      throw new FleetError('ENOTOKEN', `there is no token '${name}'; there are: ${names || 'none'}`);
    }
    this.save(withParents(left));
    this.emit('removed');
  }

  /**
   * Finds the token whose text has this hash, even if it has expired. Looks up the hash, so that timing tells an
   * attacker nothing about the token.
   */
  find(hash: Buffer): TokenInfo | undefined {
    const hex = hash.toString('hex');
    const token = this.tokens.find((one) => one.hash === hex);
    return token && this.infoOf(token);
  }

  /** Returns false once the token was removed or has expired. */
  isValid(token: TokenInfo): boolean {
    const known = this.tokens.some(({ name, created }) => name === token.name && created === token.created);
    return known && (token.expires === null || Date.now() < token.expires);
  }

  private infoOf(token: Token): TokenInfo {
    const { hash, parent, ...info } = token;
    const by = parent && this.tokens.find((one) => one.hash === parent);
    return { ...info, accessor: accessorOf(token), ...(by ? { parent: by.name } : {}) };
  }

  /** Throws EAUTH once the token of this one was removed. */
  private hashOf(by: Principal): string {
    const token = this.tokens.find((one) => one.name === by.name && accessorOf(one) === by.accessor);
    if (!token) throw noLongerValid(by);
    return token.hash;
  }

  private save(tokens: Token[]): void {
    writeJson(this.path, { tokens: tokens.map(writtenToken) });
    this.tokens = tokens;
  }
}

/** A token in the file. An older hub, which would not know its limits or its parent, sees one that may do nothing. */
interface Written extends Token {
  limitedTo?: TokenInfo['can'];
}

function readToken({ limitedTo, ...token }: Written): Token {
  return limitedTo ? { ...token, can: limitedTo } : token;
}

function writtenToken(token: Token): Written {
  return token.limits || token.parent ? { ...token, can: [], limitedTo: token.can } : token;
}

function isToken(one: Partial<Token> | null): boolean {
  return typeof one?.name === 'string' && typeof one.hash === 'string' && Array.isArray(one.can);
}
