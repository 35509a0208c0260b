import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Challenge, type Proof, signedPart } from '../protocol/drone-proof.ts';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { readRegularIfThere } from '../system/regular-file.ts';
import { writeDurably } from '../system/write-whole.ts';

/** The key by which a hub knows a drone: Ed25519, in `drone.key` (0600, PEM) in its directory, which it never leaves. */
export class DroneKey {
  private readonly public: string;

  private constructor(private readonly secret: KeyObject) {
    this.public = createPublicKey(secret).export({ format: 'jwk' }).x ?? '';
  }

  /** Returns the key in a directory; null if it has none. Throws ECONFIG if it cannot be read. */
  static in(dir: string): DroneKey | null {
    const path = pathIn(dir);
    try {
      const pem = readRegularIfThere(path);
      return pem === null ? null : new DroneKey(createPrivateKey(pem));
    } catch (cause) {
      if (cause instanceof FleetError) throw cause;
      const what = `cannot read the drone's key ${path}: ${messageOf(cause)}`;
      throw new FleetError('ECONFIG', `${what}; remove it, and join with an invitation`, { cause });
    }
  }

  /** Makes a key in place of the one that there was, if any. Throws EIO. */
  static make(dir: string): DroneKey {
    const { privateKey } = generateKeyPairSync('ed25519');
    writeDurably(pathIn(dir), String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
    return new DroneKey(privateKey);
  }

  static remove(dir: string): void {
    rmSync(pathIn(dir), { force: true });
  }

  prove(challenge: Challenge, invitation?: string): Proof {
    const signed = { ...challenge, key: this.public };
    return {
      ...signed,
      signature: sign(null, signedPart(signed), this.secret).toString('base64url'),
      invitation,
    };
  }
}

function pathIn(dir: string): string {
  return join(dir, 'drone.key');
}
