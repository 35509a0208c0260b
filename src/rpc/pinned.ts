import { createHash, type X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import { fingerprintToPin, type HubAddress } from '../protocol/address.ts';
import { FleetError } from '../protocol/errors.ts';
import { connectError } from './connect-error.ts';

/** The base64 sha256 of a certificate's public key, as curl's and git's pinnedPubkey take it. */
export function publicKeyPin(certificate: X509Certificate): string {
  return createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}

/**
 * A TLS connection to exactly the hub with this key: checked before a byte of the secret is sent. Gives it as ws wants
 * it. EAUTH for another key, ECONNECT, EUSAGE for a fingerprint that is none; rejects with the signal's reason.
 */
export async function connectPinned(
  address: HubAddress,
  fingerprint: string,
  signal: AbortSignal,
): Promise<() => Socket> {
  const pin = fingerprintToPin(fingerprint);
  const { host, port } = address;
  const { connect } = await import('node:tls');
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
      // Until ws listens itself.
      socket.on('error', () => {});
      resolve(() => socket);
    });
  });
}

function anotherKey({ host, port }: HubAddress): FleetError {
  return new FleetError(
    'EAUTH',
    `the hub at ${host}:${port} has another fingerprint: somebody is in between, or it has a new key`,
  );
}
