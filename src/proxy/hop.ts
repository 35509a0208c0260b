import type { IncomingHttpHeaders } from 'node:http';

/** They are about one connection, not about what goes through it (RFC 9110, 7.6.1). `Expect` is answered by the proxy itself. */
const OF_CONNECTION = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'upgrade',
  'expect',
]);
/** What frames a body stays, whatever `Connection` says. */
const FRAMING = new Set(['transfer-encoding', 'content-length', 'trailer', 'host']);
/** What most connections say. */
const USUAL = new Set([undefined, '', 'keep-alive', 'close']);
const NONE: ReadonlySet<string> = new Set();

/** Returns the headers without those that are about the connection which they came over, also those that `Connection` names. */
export function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = namedBy(headers.connection);
  const kept: IncomingHttpHeaders = {};
  for (const name in headers) if (!OF_CONNECTION.has(name) && !named.has(name)) kept[name] = headers[name];
  return kept;
}

/** Returns the headers that a `Connection` names, in lower case. */
export function namedBy(connection: string | undefined): ReadonlySet<string> {
  if (connection === undefined || USUAL.has(connection)) return NONE;
  const names = connection.toLowerCase().split(',');
  return new Set(names.map((name) => name.trim()).filter((name) => !FRAMING.has(name)));
}

/** Returns true for a header that is about a connection, or about the framing of a body. */
export function isHopHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return OF_CONNECTION.has(lower) || FRAMING.has(lower);
}

/** Returns true for a header, in lower case, that is about a connection. */
export function isOfConnection(name: string): boolean {
  return OF_CONNECTION.has(name);
}
