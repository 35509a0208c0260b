import { FleetError } from '../protocol/errors.ts';

// JSON.parse takes a second for four megabytes of brackets. These checks cost a hundredth of that, and tell whether a
// text is worth parsing.

/** Parameters with at least so many characters are checked before they are parsed, and may be nested this deep. */
const LARGE_PARAMS = 16_384;
const MAX_DEPTH = 20;

/** Returns the position after the string that begins at `quote`, or the end of the text if it is unterminated. */
function afterString(text: string, quote: number): number {
  for (let at = quote + 1; ; at++) {
    at = text.indexOf('"', at);
    if (at < 0) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
}

/** Returns true if at most `max` characters of a JSON text are outside its strings. */
export function isMostlyStrings(text: string, max: number): boolean {
  let outside = 0;
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at);
    outside += (quote < 0 ? text.length : quote) - at;
    if (outside > max) return false;
    if (quote < 0) return true;
    at = afterString(text, quote);
  }
  return true;
}

/** Returns true if the arrays and objects of a JSON text are nested at most `max` deep. */
export function isShallow(text: string, max: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === 0x22) at = afterString(text, at) - 1;
    else if (character === 0x5b || character === 0x7b) {
      if (++depth > max) return false;
    } else if (character === 0x5d || character === 0x7d) depth--;
  }
  return true;
}

/** Parses the parameters of a call. Throws EPROTOCOL if they are not JSON, or nested too deep. */
export function parseShallow(params: string): unknown {
  if (params.length > LARGE_PARAMS && !isShallow(params, MAX_DEPTH))
    throw new FleetError('EPROTOCOL', 'the parameters are too deep');
  try {
    return JSON.parse(params) as unknown;
  } catch (cause) {
    throw new FleetError('EPROTOCOL', 'the parameters are not JSON', { cause });
  }
}
