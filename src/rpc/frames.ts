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
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(SIZE + length + body.length);
  frame.writeUInt32BE(length);
  frame.write(text, SIZE);
  body.copy(frame, SIZE + length);
  return frame;
}

/** Inverts {@link pack}. Returns null if the frame is shorter than it says. The body shares the frame's memory. */
export function unpack(frame: Buffer): { text: string; body: Buffer } | null {
  if (frame.length < SIZE) return null;
  const end = SIZE + frame.readUInt32BE();
  if (frame.length < end) return null;
  return { text: frame.toString('utf8', SIZE, end), body: frame.subarray(end) };
}
