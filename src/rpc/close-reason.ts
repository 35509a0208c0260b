import { FleetError } from '../protocol/errors.ts';

/** Close codes that say: you sent what you may not (RFC 6455, 7.4.1). */
const BLAMES = new Set([1002, 1003, 1007, 1008, 1009]);

/** What is not for a terminal or a log, in words that another machine chose. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x1f\x7f-\x9f]/g;

/** A reason as a close frame carries it: 123 bytes of UTF-8 at most. */
export function reasonBytes(reason: string): string {
  // A character that is cut in two becomes one of three bytes.
  return Buffer.from(reason).subarray(0, 120).toString();
}

/** Why the other end hung up, in a word for people. EPROTOCOL where it blames this end, else ECLOSED. */
export function closeError(code: number, reason: Buffer): FleetError {
  const given = reason.toString().replace(CONTROL, ' ').trim();
  if (code === 1009) return new FleetError('EPROTOCOL', given || 'a message was too large');
  if (BLAMES.has(code)) return new FleetError('EPROTOCOL', given || `the other end hung up (${code})`);
  return new FleetError('ECLOSED', given || `the connection was lost (${code})`);
}
