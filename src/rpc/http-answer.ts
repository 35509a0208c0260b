/** The head of an HTTP answer, and what came after it. */
export interface HttpAnswer {
  status: number;
  /** By their names in lower case. */
  headers: Record<string, string>;
  rest: Buffer;
}

/** As node's own. https://nodejs.org/api/http.html#httpmaxheadersize */
const MAX_HEAD_BYTES = 16_384;
const SCHEME = 'HTTP/1.';
const END = '\r\n\r\n';

/**
 * Parses what a server has sent so far. Returns null until the head is complete; answers that only announce another are
 * passed over (RFC 9110, 15.2). Throws HPE_INVALID_CONSTANT, as node's parser does, if this is no answer.
 */
export function parseAnswer(bytes: Buffer): HttpAnswer | null {
  const end = bytes.indexOf(END);
  const begun = bytes.toString('latin1', 0, SCHEME.length);
  if (!SCHEME.startsWith(begun) && !begun.startsWith(SCHEME)) throw notHttp();
  if (end < 0 && bytes.length > MAX_HEAD_BYTES) throw notHttp();
  if (end < 0) return null;
  const [line = '', ...fields] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?!\S)/.exec(line)?.[1]);
  if (Number.isNaN(status)) throw notHttp();
  const rest = bytes.subarray(end + END.length);
  if (status < 200 && status !== 101) return parseAnswer(rest);
  return { status, headers: headersOf(fields), rest };
}

function headersOf(fields: string[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (const field of fields) {
    const colon = field.indexOf(':');
    const name = field.slice(0, Math.max(0, colon)).toLowerCase();
    const value = field.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}

function notHttp(): Error {
  return Object.assign(new Error('Parse Error: Expected HTTP/1.1'), { code: 'HPE_INVALID_CONSTANT' });
}
