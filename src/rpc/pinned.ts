import { createHash, type X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { fingerprintToPin, type HubAddress } from '../protocol/address.ts';
import { FleetError } from '../protocol/errors.ts';
import { connectError } from './connect-error.ts';

/** Returns the base64 sha256 of a certificate's public key, as curl's and git's pinnedPubkey take it. */
export function publicKeyPin(certificate: X509Certificate): string {
  return createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}

/**
 * Makes a TLS connection to the hub that has this key, which is checked before a byte of the secret is sent. Throws
 * EAUTH if the key is another one, ECONNECT, EUSAGE if the fingerprint is invalid, and the signal's reason if it aborts.
 */
export async function connectPinned(
  address: HubAddress,
  fingerprint: string,
  signal: AbortSignal,
): Promise<Socket> {
  const pin = fingerprintToPin(fingerprint);
  const { host, port } = address;
  return new Promise((resolve, reject) => {
    const name = isIP(host) ? {} : { servername: host };
    const socket = connect({ host, port, ...name, rejectUnauthorized: false });
    const fail = (error: Error) => {
      signal.removeEventListener('abort', expire);
      socket.destroy();
      reject(connectError(error, address));
    };
    const expire = () => fail(signal.reason as Error);
    signal.addEventListener('abort', expire, { once: true });
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      const shown = socket.getPeerX509Certificate();
      if (!shown || publicKeyPin(shown) !== pin) return fail(anotherKey(address));
      signal.removeEventListener('abort', expire);
      socket.off('error', fail);
      // Until whoever takes it adds their own.
      resolve(socket.on('error', () => {}));
    });
  });
}

function anotherKey({ host, port }: HubAddress): FleetError {
  return new FleetError(
    'EAUTH',
    `the hub at ${host}:${port} has another fingerprint: somebody is in between, or it has a new key`,
  );
}
