import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { selfSigned } from '../../system/self-signed.ts';
import { writeDurably } from '../../system/write-whole.ts';
import type { Certificate } from '../listeners.ts';

/** The hub's own certificate and key, in one PEM file (0600) of its directory; made if there is none. Throws EIO. */
export function ownCertificate(dir: string): Certificate {
  const path = join(dir, 'tls.pem');
  if (!existsSync(path)) {
    const { cert, key } = selfSigned();
    // Clients pin this key: a new one after a power cut would lock them out.
    writeDurably(path, cert + key);
  }
  try {
    const pem = readFileSync(path);
    return { cert: pem, key: pem };
  } catch (cause) {
    throw new FleetError('EIO', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}
