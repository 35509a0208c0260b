import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { selfSigned } from '../../system/self-signed.ts';
import type { Certificate } from '../listeners.ts';

/** The hub's own certificate and key, in one PEM file (0600) of its directory; made where there is none. EIO. */
export function ownCertificate(dir: string): Certificate {
  const path = join(dir, 'tls.pem');
  try {
    if (!existsSync(path)) {
      const { cert, key } = selfSigned();
      // Renamed when it is whole: half a key would be there for good.
      writeFileSync(`${path}.new`, cert + key, { mode: 0o600 });
      renameSync(`${path}.new`, path);
    }
    const pem = readFileSync(path);
    return { cert: pem, key: pem };
  } catch (cause) {
    throw new FleetError('EIO', `cannot make or read ${path}: ${messageOf(cause)}`, { cause });
  }
}
