import type { IncomingMessage } from 'node:http';

/**
 * Returns the status with which a request is refused that an instance could read in another way than this proxy does, and
 * behind which nothing more is read; null if there is one way only (RFC 9112, 2.5, 3.2 and 6.1). What node's parser cannot
 * read does not get so far.
 */
export function framingFault({ headers, httpVersion, rawHeaders }: IncomingMessage): number | null {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 505;
  const hosts = hostsIn(rawHeaders);
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) return 400;
  const coding = headers['transfer-encoding'];
  if (coding === undefined) return null;
  if (httpVersion === '1.0') return 400;
  return coding.toLowerCase() === 'chunked' ? null : 501;
}

function hostsIn(rawHeaders: readonly string[]): number {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts;
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
