/** RFC 6455, 1.3 */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Returns the `Sec-WebSocket-Accept` with which a server proves that it has understood an upgrade with this key. */
export function acceptOf(key: string): string {
  return sha1(Buffer.from(key + GUID)).toString('base64');
}

const rotate = (word: number, by: number) => (word << by) | (word >>> (32 - by));

/**
 * Returns the SHA-1 of some bytes (RFC 3174). It protects nothing here, and to load node:crypto for it would take a
 * command a tenth longer.
 */
export function sha1(bytes: Buffer): Buffer {
  const padded = Buffer.alloc((((bytes.length + 8) >> 6) + 1) << 6);
  bytes.copy(padded);
  padded[bytes.length] = 0x80;
  padded.writeBigUInt64BE(BigInt(bytes.length) * 8n, padded.length - 8);
  const hash = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  for (let from = 0; from < padded.length; from += 64) addBlock(hash, padded.subarray(from, from + 64));
  const digest = Buffer.alloc(20);
  hash.forEach((word, t) => void digest.writeInt32BE(word, 4 * t));
  return digest;
}

function addBlock(hash: Int32Array, block: Buffer): void {
  const words = new Int32Array(80);
  for (let t = 0; t < 16; t++) words[t] = block.readInt32BE(4 * t);
  for (let t = 16; t < 80; t++)
    words[t] = rotate(at(words, t - 3) ^ at(words, t - 8) ^ at(words, t - 14) ^ at(words, t - 16), 1);
  let [a, b, c, d, e] = hash as unknown as [number, number, number, number, number];
  for (let t = 0; t < 80; t++) {
    const next = (rotate(a, 5) + mixed(t, b, c, d) + e + at(words, t)) | 0;
    // One by one: node's interpreter takes a tenth of a millisecond for an array that is taken apart in each step.
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  hash.set([a, b, c, d, e].map((value, t) => value + at(hash, t)));
}

const at = (words: Int32Array, t: number) => words[t] as number;

/** The function and the constant of a step. */
function mixed(t: number, b: number, c: number, d: number): number {
  if (t < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (t < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (t < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}
