import { readFileSync } from 'node:fs';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  type HubAddress,
  type HubTarget,
  isLoopback,
  parseAddress,
  pinToFingerprint,
} from '../protocol/address.ts';
import { basicAuth } from '../protocol/authorization.ts';
import { type Challenge, type Proof, proofHeader } from '../protocol/drone-proof.ts';
import { FleetError } from '../protocol/errors.ts';
import { featureHeaders, featuresOfHeaders } from '../protocol/features.ts';
import { MAX_ANSWER_BYTES, MAX_MESSAGE_BYTES } from '../protocol/limits.ts';
import { VERSION } from '../protocol/version.ts';
import { randomBytes } from '../system/random.ts';
import type { Masking } from './bare-frame.ts';
import { askChallenge } from './challenge.ts';
import { connectError, noAnswer } from './connect-error.ts';
import { Peer } from './peer.ts';
import { connectPinned } from './pinned.ts';
import { clientSocket } from './stream-socket.ts';
import { upgrade } from './upgrade.ts';

export interface DialOptions {
  target: HubTarget;
  role: 'client' | 'drone';
  /** Milliseconds until an unanswered attempt fails with ETIMEOUT. */
  timeout: number;
  pingEvery: number;
  deadAfter: number;
  /** Signs a challenge of the hub; the secret is not sent then. */
  prove?: ((challenge: Challenge) => Proof) | undefined;
  /** Called when there is a connection, on which the hub may still be silent. */
  connected?: (() => void) | undefined;
  /** Ends the attempt, which rejects with its reason. */
  signal?: AbortSignal | undefined;
  /** Told of what a handler throws that is not a FleetError. */
  onFault?: ((method: string, error: unknown) => void) | undefined;
}

/** Bytes that a client leaves free in a message for what the hub adds when it forwards it. */
const HEADROOM = 65_536;
/** A hub may call as often as it likes: it is trusted to run commands anyway. */
const FROM_HUB = { maxPending: 10_000, rate: Number.POSITIVE_INFINITY };

/** Returns the path at which a role upgrades; the number is the protocol's version. */
export const rpcPath = (role: 'client' | 'drone') => `/v1/${role}`;

/**
 * Connects to a hub. Rejects with ECONNECT if nothing answers, EAUTH or EFORBIDDEN if the hub refuses, ELIMIT if it is
 * full, EPROTOCOL if something other than a hub answers, ETIMEOUT if it takes too long in all, EUSAGE if the address or
 * the fingerprint is invalid, ECONFIG if the certificate authority cannot be read.
 */
export async function dial(options: DialOptions): Promise<Peer> {
  const { target, timeout, connected = () => {} } = options;
  const address = parseAddress(target.hub);
  if (!address.secure && (target.fingerprint || target.ca)) {
    const option = target.fingerprint ? '--fingerprint' : '--ca';
    throw new FleetError(
      'EUSAGE',
      `${option} needs TLS: write --hub=https://${address.host}:${address.port}`,
    );
  }
  const ca = target.ca ? readCa(target.ca) : undefined;
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(noAnswer(address, timeout)), Math.min(timeout, 2 ** 31 - 1));
  const abort = () => deadline.abort(options.signal?.reason);
  options.signal?.addEventListener('abort', abort, { once: true });
  if (options.signal?.aborted) abort();
  try {
    const { signal } = deadline;
    const open = async (fingerprint = target.fingerprint) => {
      if (!fingerprint) return connectionTo(address, ca).once('connect', connected);
      const pinned = await connectPinned(address, fingerprint, signal);
      connected();
      return pinned;
    };
    const { prove } = options;
    if (!prove) return await openPeer(await open(), address, options, signal);
    const challenge = await askChallenge(await open(), address, rpcPath(options.role), target, signal);
    const authorization = proofHeader(prove(challenge));
    // The other end must be the one that has asked.
    const stream = await open(challenge.tls === null ? undefined : pinToFingerprint(challenge.tls));
    return await openPeer(stream, address, { ...options, authorization }, signal);
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', abort);
  }
}

/** Returns a connection that is about to be made. */
function connectionTo({ host, port, secure }: HubAddress, ca: Buffer | undefined): Socket {
  if (!secure) return connectTcp({ host, port });
  return connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...(ca && { ca }) });
}

/**
 * Masks (RFC 6455, 10.3) keep a proxy from mistaking what it relays for a request. Over TLS and on loopback there is no
 * such proxy, so a mask of zeros, which costs nothing, will do.
 */
function maskingFor({ host, secure }: HubAddress): Masking | undefined {
  return secure || isLoopback(host) ? 'zeros' : undefined;
}

/** Upgrades a connection, and resolves when both ends can call. */
async function openPeer(
  stream: Socket,
  address: HubAddress,
  { authorization, ...options }: DialOptions & { authorization?: string },
  deadline: AbortSignal,
): Promise<Peer> {
  const { role, target } = options;
  const shown = authorization ?? (target.secret && basicAuth(target.secret));
  const request = {
    address,
    path: rpcPath(role),
    headers: { ...featureHeaders(VERSION), ...(shown ? { authorization: shown } : {}) },
  };
  const masking = maskingFor(address);
  const maxSend = role === 'client' ? MAX_MESSAGE_BYTES - HEADROOM : MAX_MESSAGE_BYTES;
  const expire = () => stream.destroy(deadline.reason as Error);
  deadline.addEventListener('abort', expire, { once: true });
  try {
    const peer = await upgrade(stream, request, ({ headers, head }) => {
      const features = featuresOfHeaders(headers);
      const socket = clientSocket(stream, head, {
        maxPayload: MAX_ANSWER_BYTES,
        generateMask: masking
          ? (mask) => void mask.fill(0)
          : (mask) => void randomBytes(mask.length).copy(mask),
      });
      return new Peer(socket, address.host, { ...options, ...FROM_HUB, features, maxSend, stream, masking });
    });
    return await peer.ready();
  } catch (error) {
    throw deadline.aborted ? deadline.reason : connectError(error as Error, address);
  } finally {
    deadline.removeEventListener('abort', expire);
  }
}

function readCa(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new FleetError('ECONFIG', `cannot read the certificate authority ${path}`, { cause });
  }
}
