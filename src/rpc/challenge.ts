import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { addressUrl, fingerprintToPin, type HubAddress, type HubTarget } from '../protocol/address.ts';
import { type Challenge, nonceOf, proofHeader } from '../protocol/drone-proof.ts';
import { FleetError } from '../protocol/errors.ts';
import { connectError } from './connect-error.ts';
import { publicKeyPin } from './pinned.ts';
import { refusal } from './upgrade.ts';

const MAX_REFUSAL_BYTES = 500;

/**
 * Asks the hub at the other end of `stream`, which is connected or about to be, for something to sign. Rejects with
 * EPROTOCOL if it knows no keys of drones, ECONNECT, what a hub refuses with, and the signal's reason if it aborts.
 */
export async function askChallenge(
  stream: Socket,
  address: HubAddress,
  path: string,
  { fingerprint }: Pick<HubTarget, 'fingerprint'>,
  signal: AbortSignal,
): Promise<Challenge> {
  const at = addressUrl(address).toLowerCase();
  let tls = fingerprint ? fingerprintToPin(fingerprint) : null;
  // Node shows the certificate of a connection only once, and that of a pinned one was compared.
  if (address.secure && tls === null)
    stream.once('secureConnect', () => {
      const shown = (stream as TLSSocket).getPeerX509Certificate();
      if (shown) tls = publicKeyPin(shown);
    });
  try {
    const response = await answer(stream, at, path, signal);
    const nonce = nonceOf(response.headers['www-authenticate']);
    if (nonce === undefined) throw await refused(response);
    if (address.secure && tls === null) throw new Error('it has shown no certificate');
    return { nonce, at, tls };
  } catch (error) {
    throw signal.aborted ? signal.reason : connectError(error as Error, address);
  } finally {
    stream.destroy();
  }
}

function answer(stream: Socket, at: string, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  const headers = { host: at.replace(/^https?:\/\//, ''), authorization: proofHeader() };
  return new Promise((resolve, reject) => {
    request({ path, headers, signal, createConnection: () => stream })
      .once('response', resolve)
      .on('error', reject)
      .end();
  });
}

async function refused(response: IncomingMessage): Promise<FleetError> {
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > MAX_REFUSAL_BYTES) break;
  }
  const error = refusal(response.statusCode ?? 0, text);
  if (error.code !== 'EAUTH') return error;
  return new FleetError(
    'EPROTOCOL',
    'this hub is older, and knows no keys of drones: upgrade it, or give --secret',
  );
}
