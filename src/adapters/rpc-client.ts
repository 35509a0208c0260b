import { createHash, type X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type ClientOptions, WebSocket } from 'ws';
import {
  addressUrl,
  fingerprintToPin,
  type HubAddress,
  type HubTarget,
  parseAddress,
} from '../protocol/address.ts';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { MAX_MESSAGE } from '../protocol/limits.ts';
import { Peer } from './rpc.ts';

export interface DialOptions {
  target: HubTarget;
  role: 'client' | 'drone';
  /** Milliseconds until an unanswered attempt fails with ETIMEOUT. */
  timeout: number;
  pingEvery: number;
  deadAfter: number;
}

/** The path that a peer of each role upgrades at; the number is the protocol's version. */
export const rpcPath = (role: 'client' | 'drone') => `/v1/${role}`;

/** What goes into an Authorization header, for websockets and git alike. */
export function basicAuth(secret: string): string {
  return `Basic ${Buffer.from(`git:${secret}`).toString('base64')}`;
}

/**
 * Connects to a hub. Rejects with ECONNECT where nothing answers, EAUTH or EFORBIDDEN where the hub refuses, EPROTOCOL
 * where something else than a hub answers, and ETIMEOUT.
 */
export async function dial(options: DialOptions): Promise<Peer> {
  const address = parseAddress(options.target.hub);
  const pinned =
    options.target.fingerprint && address.secure ? await connectPinned(address, options) : undefined;
  const socket = new WebSocket(`${addressUrl(address).replace('http', 'ws')}${rpcPath(options.role)}`, {
    maxPayload: MAX_MESSAGE,
    perMessageDeflate: false,
    handshakeTimeout: options.timeout,
    headers: options.target.secret ? { authorization: basicAuth(options.target.secret) } : {},
    ...(options.target.ca ? { ca: readCa(options.target.ca) } : {}),
    ...(pinned ? ({ createConnection: () => pinned } as ClientOptions) : {}),
  });
  const peer = await new Promise<Peer>((resolve, reject) => {
    socket.once('upgrade', (response) => response.socket.setNoDelay(true));
    // Made here and now: the hub's first frame may come in the same turn of the event loop.
    socket.once('open', () => resolve(new Peer(socket, address.host, { ...options, maxPending: 10_000 })));
    socket.once('unexpected-response', (request, response) => {
      void refusal(response).then((error) => {
        reject(error);
        request.destroy();
      });
    });
    socket.once('error', (error) => reject(connectError(error, address, options.timeout)));
  });
  return peer.ready();
}

/** What a refused upgrade means. */
async function refusal(response: IncomingMessage): Promise<FleetError> {
  let text = '';
  try {
    for await (const chunk of response) text = (text + String(chunk)).slice(0, 500);
  } catch {
    // The status says enough.
  }
  const message = text.trim().split('\n', 1)[0] || `HTTP ${response.statusCode}`;
  if (response.statusCode === 401) return new FleetError('EAUTH', message);
  if (response.statusCode === 403) return new FleetError('EFORBIDDEN', message);
  if (response.statusCode === 429 || response.statusCode === 503) return new FleetError('ELIMIT', message);
  return new FleetError('EPROTOCOL', `this is not a fleet hub's control port (it answered: ${message})`);
}

const CONNECT_WORDS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name could not be looked up',
  EHOSTUNREACH: 'no way to that host',
  ENETUNREACH: 'no way to that network',
  ECONNRESET: 'it hung up',
  EPROTO: 'it does not speak TLS; try without https://',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed; give --fingerprint or --ca',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted here; give --ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted here; give --ca',
  CERT_HAS_EXPIRED: 'its certificate has expired',
};

function connectError(error: Error & { code?: string }, address: HubAddress, timeout: number): FleetError {
  if (error instanceof FleetError) return error;
  const where = `${address.host}:${address.port}`;
  if (/handshake has timed out|ETIMEDOUT/.test(`${error.message} ${error.code}`)) {
    return new FleetError(
      'ETIMEOUT',
      `no answer from the hub at ${where} within ${timeout / 1000} s; is it the right address?`,
      {
        cause: error,
      },
    );
  }
  const hangUp = error.message === 'socket hang up' && !address.secure;
  const why = hangUp
    ? 'it hung up; if the hub uses TLS, write https://'
    : (CONNECT_WORDS[error.code ?? ''] ?? messageOf(error));
  return new FleetError('ECONNECT', `cannot reach the hub at ${where}: ${why}`, { cause: error });
}

function readCa(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new FleetError('ECONFIG', `cannot read the certificate authority ${path}`, { cause });
  }
}

/** The base64 sha256 of a certificate's public key, as curl's and git's pinnedPubkey take it. */
export function publicKeyPin(certificate: X509Certificate): string {
  return createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}

/** A TLS connection to exactly the hub with this key: checked before a byte of the secret is sent. */
async function connectPinned(address: HubAddress, options: DialOptions): Promise<Socket> {
  const pin = fingerprintToPin(options.target.fingerprint ?? '');
  const { connect } = await import('node:tls');
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address.host, port: address.port, rejectUnauthorized: false });
    const fail = (error: Error) => {
      socket.destroy();
      reject(connectError(error, address, options.timeout));
    };
    socket.setTimeout(options.timeout, () => fail(new Error('handshake has timed out')));
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      socket.setTimeout(0);
      socket.off('error', fail);
      const shown = socket.getPeerX509Certificate();
      if (shown && publicKeyPin(shown) === pin) return resolve(socket);
      fail(
        new FleetError(
          'EAUTH',
          `the hub at ${address.host}:${address.port} has another fingerprint: somebody is in between, or it has a new key`,
        ),
      );
    });
  });
}
