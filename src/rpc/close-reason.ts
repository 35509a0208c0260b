import { FleetError } from '../protocol/errors.ts';

/** Close codes that blame the other end's messages (RFC 6455, 7.4.1). */
const BLAMES = new Set([1002, 1003, 1007, 1008, 1009]);

/** Control characters in a peer's text, which must not reach a terminal or a log. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x1f\x7f-\x9f]/g;

/** Encodes a reason for a close frame: at most 123 bytes of UTF-8. */
export function reasonBytes(reason: string): string {
  // A character that is cut in two becomes one of three bytes.
  return Buffer.from(reason).subarray(0, 120).toString();
}

/** Returns the error for a close frame: EPROTOCOL if the other end blames this one, else ECLOSED. */
export function closeError(code: number, reason: Buffer): FleetError {
  const given = reason.toString().replace(CONTROL, ' ').trim();
  if (code === 1009) return new FleetError('EPROTOCOL', given || 'a message was too large');
  if (BLAMES.has(code)) return new FleetError('EPROTOCOL', given || `the other end hung up (${code})`);
  return new FleetError('ECLOSED', given || `the connection was lost (${code})`);
}
