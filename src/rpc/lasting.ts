/** A buffer is one of these until nobody knows it any more. */
const LASTING = new WeakSet<Buffer>();

/** Declares that nobody writes to these bytes any more, so that they can be sent without a copy. Returns them. */
export function lasting(bytes: Buffer): Buffer {
  LASTING.add(bytes);
  return bytes;
}

/** Returns true if nobody writes to these bytes any more; false if that is not known. */
export function isLasting(bytes: Buffer): boolean {
  return LASTING.has(bytes);
}
