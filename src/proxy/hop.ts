import type { IncomingHttpHeaders } from 'node:http';

/** They are about one connection, not about what goes through it (RFC 9110, 7.6.1). `Expect` is answered by the proxy itself. */
const OF_CONNECTION = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'upgrade',
  'expect',
];
/** What frames a body stays, whatever `Connection` says. */
const FRAMING = new Set(['transfer-encoding', 'content-length', 'trailer', 'host']);

/** Removes the headers that are about the connection which they came over, also those that `Connection` names. */
export function removeHopHeaders(headers: IncomingHttpHeaders): void {
  const named = String(headers.connection ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => !FRAMING.has(name));
  for (const name of [...named, ...OF_CONNECTION]) delete headers[name];
}

/** Returns true for a header that is about a connection, or about the framing of a body. */
export function isHopHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return OF_CONNECTION.includes(lower) || FRAMING.has(lower);
}
