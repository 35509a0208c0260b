import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { type ClientOptions, WebSocket } from 'ws';
import {
  addressUrl,
  type HubAddress,
  type HubTarget,
  isLoopback,
  parseAddress,
} from '../protocol/address.ts';
import { basicAuth } from '../protocol/authorization.ts';
import { FleetError } from '../protocol/errors.ts';
import { featureHeaders, featuresOfHeaders } from '../protocol/features.ts';
import { MAX_ANSWER_BYTES, MAX_MESSAGE_BYTES } from '../protocol/limits.ts';
import { VERSION } from '../protocol/version.ts';
import { connectError, noAnswer } from './connect-error.ts';
import { Peer } from './peer.ts';
import { connectPinned } from './pinned.ts';

export interface DialOptions {
  target: HubTarget;
  role: 'client' | 'drone';
  /** Milliseconds until an unanswered attempt fails with ETIMEOUT. */
  timeout: number;
  pingEvery: number;
  deadAfter: number;
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
  const { target, timeout } = options;
  const address = parseAddress(target.hub);
  if (!address.secure && (target.fingerprint || target.ca)) {
    const option = target.fingerprint ? '--fingerprint' : '--ca';
    throw new FleetError(
      'EUSAGE',
      `${option} needs TLS: write --hub=https://${address.host}:${address.port}`,
    );
  }
  const tls = target.ca ? { ca: readCa(target.ca) } : {};
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(noAnswer(address, timeout)), Math.min(timeout, 2 ** 31 - 1));
  try {
    const pinned = target.fingerprint
      ? { createConnection: await connectPinned(address, target.fingerprint, deadline.signal) }
      : {};
    return await openPeer(address, options, { ...tls, ...(pinned as ClientOptions) }, deadline.signal);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Masks (RFC 6455, 10.3) keep a proxy from mistaking what it relays for a request. Over TLS and on loopback there is no
 * such proxy, so a mask of zeros, which costs nothing, will do.
 */
function masking({ host, secure }: HubAddress): ClientOptions {
  return secure || isLoopback(host) ? { generateMask: (mask) => void mask.fill(0) } : {};
}

/** Opens the websocket, and resolves when both ends can call. */
async function openPeer(
  address: HubAddress,
  options: DialOptions,
  tls: ClientOptions,
  deadline: AbortSignal,
): Promise<Peer> {
  const { role, target } = options;
  const socket = new WebSocket(`${addressUrl(address).replace('http', 'ws')}${rpcPath(role)}`, {
    maxPayload: MAX_ANSWER_BYTES,
    perMessageDeflate: false,
    ...masking(address),
    headers: {
      ...featureHeaders(VERSION),
      ...(target.secret ? { authorization: basicAuth(target.secret) } : {}),
    },
    ...tls,
  });
  const expire = () => socket.terminate();
  deadline.addEventListener('abort', expire, { once: true });
  const maxSend = role === 'client' ? MAX_MESSAGE_BYTES - HEADROOM : MAX_MESSAGE_BYTES;
  try {
    const peer = await new Promise<Peer>((resolve, reject) => {
      socket.once('upgrade', ({ socket: stream, headers }) => {
        stream.setNoDelay(true);
        const features = featuresOfHeaders(headers);
        // Synchronously: the hub's first frame may arrive in the same turn of the event loop.
        socket.once('open', () =>
          resolve(new Peer(socket, address.host, { ...options, ...FROM_HUB, features, maxSend, stream })),
        );
      });
      socket.once('unexpected-response', (request, response) => {
        void refusal(response).then((error) => {
          reject(error);
          request.destroy();
        });
      });
      socket.on('error', (error) => reject(connectError(error, address)));
    });
    return await peer.ready();
  } catch (error) {
    throw deadline.aborted ? deadline.reason : error;
  } finally {
    deadline.removeEventListener('abort', expire);
  }
}

/** Translates a refused upgrade. */
async function refusal(response: IncomingMessage): Promise<FleetError> {
  let text = '';
  try {
    for await (const chunk of response) {
      text += String(chunk);
      if (text.length > 500) break;
    }
  } catch {
    // The status says enough.
  }
  const message = text.trim().split('\n', 1)[0]?.slice(0, 500) || `HTTP ${response.statusCode}`;
  if (response.statusCode === 401) return new FleetError('EAUTH', message);
  if (response.statusCode === 403) return new FleetError('EFORBIDDEN', message);
  if (response.statusCode === 429 || response.statusCode === 503) return new FleetError('ELIMIT', message);
  return new FleetError('EPROTOCOL', `this is not a fleet hub's control port (it answered: ${message})`);
}

function readCa(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new FleetError('ECONFIG', `cannot read the certificate authority ${path}`, { cause });
  }
}
