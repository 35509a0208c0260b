/** A message without a body. */
export const EMPTY: Buffer = Buffer.alloc(0);

/** A websocket message as received. */
export interface Frame {
  data: Buffer;
  isBinary: boolean;
}

/** Size of the length prefix of a binary frame, in bytes. */
const SIZE = 4;

/** Packs a message and its body into a binary frame: the JSON's length in four bytes, big-endian, the JSON, the body. */
export function pack(text: string, body: Buffer): Buffer {
  return Buffer.concat([packHead(text), body]);
}

/** Returns what of such a frame precedes the body. */
export function packHead(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const head = Buffer.allocUnsafe(SIZE + length);
  head.writeUInt32BE(length);
  head.write(text, SIZE);
  return head;
}

/** Inverts {@link pack}. Returns null if the frame is shorter than it says. The body shares the frame's memory. */
export function unpack(frame: Buffer): { text: string; body: Buffer } | null {
  if (frame.length < SIZE) return null;
  const end = SIZE + frame.readUInt32BE();
  if (frame.length < end) return null;
  return { text: frame.toString('utf8', SIZE, end), body: frame.subarray(end) };
}
