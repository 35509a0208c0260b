import { isUtf8 } from 'node:buffer';

/** Bytes as the body of a message: text where they are UTF-8, which costs least, else base64. */
export interface EncodedBytes {
  body: string;
  base64?: true;
}

/** The inverse of {@link decodeBytes}: no byte is changed by the two. */
export function encodeBytes(bytes: Buffer): EncodedBytes {
  return isUtf8(bytes) ? { body: bytes.toString('utf8') } : { body: bytes.toString('base64'), base64: true };
}

export function decodeBytes(body: string, base64: boolean | undefined): Buffer {
  return Buffer.from(body, base64 ? 'base64' : 'utf8');
}

/** The text of a body; what is not UTF-8 in it shows as U+FFFD. */
export function decodeText(body: string, base64: boolean | undefined): string {
  return base64 ? Buffer.from(body, 'base64').toString('utf8') : body;
}
