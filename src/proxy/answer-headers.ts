import type { IncomingMessage } from 'node:http';
import type { AnswerHead } from './answer-head.ts';
import { isHopHeader, isOfConnection, namedBy } from './hop.ts';

/** Returns the headers of an answer for the client, names and values in turn: how the body is framed there is up to node. */
export function answerHeaders(
  { rawHeaders, status, connection }: AnswerHead,
  request: IncomingMessage,
): string[] {
  const named = namedBy(connection);
  const kept: string[] = [];
  let [isChunked, trailer] = [false, null as string | null];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    const value = rawHeaders[at + 1] as string;
    const lower = name.toLowerCase();
    if (lower === 'transfer-encoding') isChunked = true;
    else if (lower === 'trailer') trailer = value;
    else if (!isOfConnection(lower) && !named.has(lower)) kept.push(name, value);
  }
  const hasBody = request.method !== 'HEAD' && status !== 204 && status !== 304;
  // Node throws if a body that is not chunked is to have trailers.
  if (trailer !== null && isChunked && hasBody && request.httpVersion !== '1.0')
    kept.push('Trailer', trailer);
  return kept;
}

/** Returns trailers in pairs, without those that frame a body. */
export function trailerPairs(trailers: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at < trailers.length; at += 2) {
    const name = trailers[at] as string;
    if (!isHopHeader(name)) pairs.push([name, trailers[at + 1] as string]);
  }
  return pairs;
}
