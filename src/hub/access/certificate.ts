import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { HubOptions } from '../../protocol/daemon-options.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { publicKeyPin } from '../../rpc/pinned.ts';
import type { Certificate } from '../listeners.ts';

/** The certificate that a hub was told to use, or its own; null without TLS. EUSAGE, ECONFIG, EIO. */
export async function certificateOf(
  dir: string,
  { cert, key, tls }: Pick<HubOptions, 'cert' | 'key' | 'tls'>,
): Promise<Certificate | null> {
  if (Boolean(cert) !== Boolean(key)) throw new FleetError('EUSAGE', 'give --cert and --key together');
  if (cert && key) return { cert: read(resolve(cert)), key: read(resolve(key)) };
  if (!tls) return null;
  const { ownCertificate } = await import('./own-certificate.ts');
  return ownCertificate(dir);
}

/** What a client pins with --fingerprint: `sha256:` and the hex digest of the public key; null without TLS. ECONFIG. */
export function fingerprintOf(certificate: Certificate | null): string | null {
  if (!certificate) return null;
  try {
    const pin = publicKeyPin(new X509Certificate(certificate.cert));
    return `sha256:${Buffer.from(pin, 'base64').toString('hex')}`;
  } catch (cause) {
    throw new FleetError('ECONFIG', `the certificate cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new FleetError('ECONFIG', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}
