import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { TokenInfo } from '../../protocol/answers.ts';
import type { ClientParams } from '../../protocol/client-calls.ts';
import { isKeyName } from '../../protocol/drone-proof.ts';
import { FleetError } from '../../protocol/errors.ts';
import { KeptRecords } from '../store/kept-records.ts';
import { notWritten } from '../store/not-written.ts';
import type { Entry, Store } from '../store/store.ts';
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

function without(tokens: readonly Token[], others: readonly Token[]): Token[] {
  const hashes = new Set(others.map(({ hash }) => hash));
  return tokens.filter(({ hash }) => !hashes.has(hash));
}

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Each request with a wrong secret is compared with all tokens. */
const MAX_TOKENS = 1_000;

const PREFIX = 'token.';

/** The tokens of a hub. Emits `made` with each that is new, and `removed` after some were removed, here or at another hub. */
export class Tokens extends EventEmitter<{ made: [TokenInfo]; removed: [] }> {
  private tokens: Token[];

  private constructor(private readonly kept: KeptRecords<Written>) {
    super();
    this.tokens = tokensIn(kept.all);
    kept.follow(() => {
      const before = this.tokens;
      this.tokens = tokensIn(kept.all);
      for (const token of without(this.tokens, before)) this.emit('made', this.infoOf(token));
      if (without(before, this.tokens).length > 0) this.emit('removed');
    });
  }

  /** Throws ECONFIG if a token is not one that a hub wrote: a hub that cannot tell who may come in does not start. */
  static async open(store: Store): Promise<Tokens> {
    const check = ({ key, value }: Entry) => {
      if (isToken(value as Partial<Written>)) return value as Written;
      throw notWritten(store.where(key), 'to start without tokens');
    };
    return new Tokens(await KeptRecords.open(store, [PREFIX], check));
  }

  /**
   * Makes a token and returns its text, which cannot be shown again. `lifetime` is in milliseconds, null for no end.
   * With `child`, it ends when that of `by` does, at the latest. Throws EFORBIDDEN if `by` lacks what it asks for, EUSAGE if the name is taken, ELIMIT if there are too many tokens.
   */
  async create(by: Principal, params: ClientParams['token.create']): Promise<string> {
    const { name, can, repo, lifetime, drone = null, invitation = false, limits, child = false } = params;
    if (child) demandParent(by, invitation);
    const created = Date.now();
    const expires = lifetime !== null ? created + lifetime : child ? by.expires : null;
    demandGrantable(by, { name, can, repo, drone, invitation, created, expires });
    if (limits) demandLimitable({ can, repo, limits });
    if (OWN_NAMES.includes(name) || isKeyName(name))
      throw new FleetError('EUSAGE', `'${name}' is somebody else in the audit trail; give it another name`);
    const secret = `fleet_${randomBytes(32).toString('base64url')}`;
    const hash = sha256(secret).toString('hex');
    await this.kept.change((now) => {
      const tokens = tokensIn(now);
      const only = {
        ...(drone === null ? {} : { drone }),
        ...(invitation ? { invitation } : {}),
        ...(limits ? { limits } : {}),
        ...(child ? { parent: hashOf(tokens, by) } : {}),
      };
      const token: Token = { name, can, repo, ...only, created, expires, hash };
      const gone = expiredWith(tokens, token).map((one) => [`${PREFIX}${one.name}`, null] as const);
      return { next: [...gone, [`${PREFIX}${name}`, writtenToken(token)] as const] };
    });
    return secret;
  }

  list(): TokenInfo[] {
    return this.tokens.map((token) => this.infoOf(token));
  }

  /** Removes a token, and those that end with it. Throws ENOTOKEN, EIO. */
  async remove(name: string): Promise<void> {
    await this.kept.change((now) => {
      const tokens = tokensIn(now);
      const left = tokens.filter((token) => token.name !== name);
      if (left.length === tokens.length) {
        const names = tokens.map((token) => token.name).join(', ');
        throw new FleetError('ENOTOKEN', `there is no token '${name}'; there are: ${names || 'none'}`);
      }
      const kept = new Set(withParents(left).map((token) => `${PREFIX}${token.name}`));
      return { next: [...now.keys()].filter((key) => !kept.has(key)).map((key) => [key, null]) };
    });
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
}

/** Throws EAUTH once the token of this one was removed. */
function hashOf(tokens: readonly Token[], by: Principal): string {
  const token = tokens.find((one) => one.name === by.name && accessorOf(one) === by.accessor);
  if (!token) throw noLongerValid(by);
  return token.hash;
}

/** Returns the tokens that make room for one more: those that have expired, if there are too many. Throws EUSAGE, ELIMIT. */
function expiredWith(tokens: readonly Token[], { name, created }: Token): Token[] {
  if (tokens.some((token) => token.name === name))
    throw new FleetError(
      'EUSAGE',
      `there is already a token '${name}'; remove it first: fleet token rm ${name}`,
    );
  if (tokens.length < MAX_TOKENS) return [];
  const expired = tokens.filter(({ expires }) => expires !== null && created >= expires);
  if (tokens.length - expired.length >= MAX_TOKENS)
    throw new FleetError(
      'ELIMIT',
      `this hub already has ${MAX_TOKENS} tokens, its limit; see: fleet token ls`,
    );
  return expired;
}

/** Returns the tokens, the oldest first. An older hub removes a token, and not its children. */
function tokensIn(records: ReadonlyMap<string, Written>): Token[] {
  const tokens = [...records.values()].map(readToken).sort((a, b) => a.created - b.created);
  return withParents(tokens);
}

/** A token as it is stored. An older hub, which would not know its limits or its parent, sees one that may do nothing. */
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
