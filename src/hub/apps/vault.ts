import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { readRegularIfThere } from '../../system/regular-file.ts';
import { writeDurably } from '../../system/write-whole.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const DIGEST_DIGITS = 32;
/** AES-256-GCM: NIST SP 800-38D. */
const CIPHER = 'aes-256-gcm';

/**
 * Seals values with the hub's own key, `hub.key`. That protects copies of its other files; whoever reads its directory
 * has the key, too.
 */
export class Vault {
  private key: Buffer | null = null;

  constructor(private readonly dir: string) {}

  /** Returns the value, sealed. Throws EIO if a key cannot be made. */
  seal(value: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.loadKey(), nonce);
    const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64');
  }

  /** Returns what was sealed. Throws ECONFIG if it was sealed with another key, or changed. */
  open(sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64');
    try {
      const decipher = createDecipheriv(CIPHER, this.loadKey(), bytes.subarray(0, NONCE_BYTES));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const opened = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([opened, decipher.final()]).toString('utf8');
    } catch (cause) {
      if (cause instanceof FleetError) throw cause;
      throw new FleetError(
        'ECONFIG',
        `${this.path} is not the key that the environment of apps was sealed with; put that one back, or set the variables again: fleet env set`,
        { cause },
      );
    }
  }

  /** Returns 32 hex digits that follow from a text, and that nobody else can guess. Throws EIO as `seal` does. */
  digest(text: string): string {
    return createHmac('sha256', this.loadKey()).update(text).digest('hex').slice(0, DIGEST_DIGITS);
  }

  /** Returns the key, which is made if there is none yet; in base64. Throws EIO, ECONFIG. */
  ownKey(): string {
    return this.loadKey().toString('base64');
  }

  /** True if there is a key already. Throws EIO, ECONFIG. */
  get hasKey(): boolean {
    this.key ??= this.read();
    return this.key !== null;
  }

  /** Takes the key of another hub, in base64, in place of its own. Throws EIO. */
  takeKey(key: string): void {
    writeDurably(this.path, `${key}\n`);
    this.key = null;
  }

  private get path(): string {
    return join(this.dir, 'hub.key');
  }

  private loadKey(): Buffer {
    this.key ??= this.read() ?? this.make();
    return this.key;
  }

  private read(): Buffer | null {
    let text: string | null;
    try {
      text = readRegularIfThere(this.path);
    } catch (cause) {
      if (cause instanceof FleetError) throw cause;
      throw new FleetError('EIO', `cannot read ${this.path}: ${messageOf(cause)}`, { cause });
    }
    if (text === null) return null;
    const key = Buffer.from(text.trim(), 'base64');
    if (key.length === KEY_BYTES) return key;
    throw new FleetError('ECONFIG', `${this.path} is not a key; put the right one back, or remove it`);
  }

  private make(): Buffer {
    const key = randomBytes(KEY_BYTES);
    writeDurably(this.path, `${key.toString('base64')}\n`);
    return key;
  }
}
