/** A message without a body. */
export const EMPTY: Buffer = Buffer.alloc(0);
