import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pinToFingerprint } from '../../protocol/address.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { publicKeyPin } from '../../rpc/pinned.ts';
import { readRegularIfThere } from '../../system/regular-file.ts';
import { writeDurably } from '../../system/write-whole.ts';
import type { HubOptions } from '../options.ts';

const DAY_MS = 86_400_000;
/** So many days before its end, it is time to renew a certificate. */
const WARN_DAYS = 14;

/** A certificate and its key, as PEM. */
export interface Certificate {
  cert: string | Buffer;
  key: string | Buffer;
}

/**
 * Returns the certificate that the hub was given, or its own; null without TLS. Throws EUSAGE if one of the two files
 * is missing, ECONFIG if they cannot be read or do not belong together, or the hub's own is not a file, EIO if that cannot
 * be read or written.
 */
export async function certificateOf(
  dir: string,
  { cert, key, tls }: Pick<HubOptions, 'cert' | 'key' | 'tls'>,
): Promise<Certificate | null> {
  if (Boolean(cert) !== Boolean(key)) throw new FleetError('EUSAGE', 'give --cert and --key together');
  if (cert && key) return together(await given(resolve(cert)), await given(resolve(key)));
  return tls ? ownCertificate(join(dir, 'tls.pem')) : null;
}

/** A server does not notice by itself if one of them is RSA and the other is not: no connection would succeed. */
function together(cert: Buffer, key: Buffer): Certificate {
  try {
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
      throw new Error('the key belongs to another one');
    return { cert, key };
  } catch (cause) {
    throw new FleetError('ECONFIG', `the certificate and its key cannot be used: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** The hub's own certificate and key, in one PEM file (0600); made if there is none. Throws ECONFIG, EIO. */
async function ownCertificate(path: string): Promise<Certificate> {
  const kept = keptIn(path);
  if (kept !== null) return { cert: kept, key: kept };
  // Imported only by the start that needs it: what makes certificates is large.
  const { selfSigned } = await import('../../system/self-signed.ts');
  const { cert, key } = await selfSigned();
  // Clients pin this key: a new one after a power failure would lock them out.
  writeDurably(path, cert + key);
  return { cert: cert + key, key: cert + key };
}

function keptIn(path: string): string | null {
  try {
    return readRegularIfThere(path);
  } catch (cause) {
    if (cause instanceof FleetError) throw cause;
    throw new FleetError('EIO', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Returns what a client pins with --fingerprint: `sha256:` and the hex digest of the public key; null without TLS.
 * Throws ECONFIG if it is not a certificate.
 */
export function fingerprintOf(certificate: Certificate | null): string | null {
  if (!certificate) return null;
  try {
    return pinToFingerprint(publicKeyPin(new X509Certificate(certificate.cert)));
  } catch (cause) {
    throw new FleetError('ECONFIG', `the certificate cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** Returns a line if a certificate ends soon, or has ended; none otherwise. */
export function expiryOf(certificate: Certificate | null, now = Date.now()): string[] {
  if (!certificate) return [];
  const { validTo } = new X509Certificate(certificate.cert);
  const days = Math.floor((Date.parse(validTo) - now) / DAY_MS);
  if (days >= WARN_DAYS) return [];
  const when = days < 0 ? `has ended: ${validTo}` : `ends in ${days} days: ${validTo}`;
  return [`the certificate ${when}; renew it, and then: kill -HUP, or systemctl reload`];
}

/** It may be a FIFO: whoever writes to it late holds up nothing else. */
async function given(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new FleetError('ECONFIG', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}
