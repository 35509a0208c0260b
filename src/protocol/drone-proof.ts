import { createHash } from 'node:crypto';
import * as v from 'valibot';

/** The scheme of requests in which a drone shows its key instead of a secret (RFC 9110, 11.1). */
const SCHEME = 'Fleet-Drone';

/** What a hub asks a drone to sign, and where the drone has met it. */
export interface Challenge {
  /** The hub's, for one proof. */
  nonce: string;
  /** The address that the drone has dialled, as a URL. */
  at: string;
  /** The base64 sha256 of the public key (SPKI) that the drone was shown there; null without TLS. */
  tls: string | null;
}

/** A challenge that was signed. */
export interface Proof extends Challenge {
  /** The drone's public key: the 32 bytes of Ed25519 (RFC 8032) as base64url. */
  key: string;
  signature: string;
  /** Lets in a key that the hub does not know yet. */
  invitation?: string | undefined;
}

const base64url = (bytes: number) => v.pipe(v.string(), v.regex(new RegExp(`^[\\w-]{${bytes}}$`)));
const visible = (max: number) => v.pipe(v.string(), v.maxLength(max), v.regex(/^[!-~]+$/));
const proof = v.object({
  nonce: visible(200),
  at: visible(300),
  tls: v.nullable(visible(44)),
  key: base64url(43),
  signature: base64url(86),
  invitation: v.optional(visible(100)),
});

/** Returns the bytes that a drone signs. They name the hub, so that nobody else can pass a signature on to it. */
export function signedPart({ nonce, at, tls, key }: Omit<Proof, 'signature'>): Buffer {
  return Buffer.from(['fleet drone proof 1', nonce, at, tls ?? '-', key].join('\n'));
}

/** Returns the Authorization header of a proof; without one, that of a drone that asks for a challenge. */
export function proofHeader(given?: Proof): string {
  return given ? `${SCHEME} ${Buffer.from(JSON.stringify(given)).toString('base64url')}` : SCHEME;
}

/**
 * Returns what an Authorization header shows: undefined if it is of another scheme, null if it asks for a challenge.
 * `broken` is for one that cannot be read.
 */
export function proofOf(authorization: string | undefined): Proof | null | 'broken' | undefined {
  const [, scheme, value] = /^([\w-]+)(?: +([\w-]+))?$/.exec(authorization ?? '') ?? [];
  if (scheme?.toLowerCase() !== SCHEME.toLowerCase()) return undefined;
  if (value === undefined) return null;
  try {
    const read = v.safeParse(proof, JSON.parse(Buffer.from(value, 'base64url').toString('utf8')));
    return read.success ? read.output : 'broken';
  } catch {
    return 'broken';
  }
}

/** Returns the WWW-Authenticate header with which a hub asks for a proof. */
export function challengeHeader(nonce: string): string {
  return `${SCHEME} nonce="${nonce}"`;
}

/** Returns the nonce in a WWW-Authenticate header; undefined if there is none, as of an older hub. */
export function nonceOf(header: string | undefined): string | undefined {
  return new RegExp(`^${SCHEME} nonce="([!-~]{1,200})"$`).exec(header ?? '')?.[1];
}

/** Returns what a key is called, in the audit trail and elsewhere. */
export function keyName(key: string): string {
  const digest = createHash('sha256').update(Buffer.from(key, 'base64url')).digest('hex');
  return `key-${digest.slice(0, 12)}`;
}

/** True if this is how a key is called, so that no token can be. */
export function isKeyName(name: string): boolean {
  return /^key-[0-9a-f]{12}$/.test(name);
}
