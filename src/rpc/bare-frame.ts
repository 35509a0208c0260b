import { packHead } from './frames.ts';
import { isLasting } from './lasting.ts';

/** How bytes are sent as they are: without a mask, as a server does, or with one of zeros, which changes none of them. */
export type Masking = 'none' | 'zeros';

/** Final, and binary (RFC 6455, 5.2). */
const WHOLE_BINARY = 0x82;
const MASKED = 0x80;
/** Instead of a length: it follows in so many bytes. */
const IN_TWO_BYTES = 126;
const IN_EIGHT_BYTES = 127;
const MASK_BYTES = 4;

/** A smaller body is copied into its frame, which costs less than to write it apart. */
const LARGE_BODY_BYTES = 16_384;

/**
 * Returns a websocket frame with a message and its body in two pieces, of which the second is the body itself: to copy a
 * large one into a frame costs each hop about as much as to send it. Null if the body is small, has to be masked, or may
 * change while it waits to be sent.
 */
export function bareFrame(
  text: string,
  body: Buffer,
  masking: Masking | undefined,
): [head: Buffer, body: Buffer] | null {
  if (!masking || body.length < LARGE_BODY_BYTES || !isLasting(body)) return null;
  const message = packHead(text);
  return [Buffer.concat([frameHead(message.length + body.length, masking), message]), body];
}

/** Returns what precedes a payload of so many bytes, which are more than fit into the first length. */
function frameHead(bytes: number, masking: Masking): Buffer {
  const isShort = bytes < 2 ** 16;
  const mask = masking === 'zeros' ? MASK_BYTES : 0;
  const head = Buffer.alloc((isShort ? 4 : 10) + mask);
  head[0] = WHOLE_BINARY;
  head[1] = (masking === 'zeros' ? MASKED : 0) | (isShort ? IN_TWO_BYTES : IN_EIGHT_BYTES);
  if (isShort) head.writeUInt16BE(bytes, 2);
  else head.writeBigUInt64BE(BigInt(bytes), 2);
  return head;
}
