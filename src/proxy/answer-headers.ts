import type { IncomingMessage } from 'node:http';
import { isHopHeader, isOfConnection, namedBy } from './hop.ts';

/** The beginning of an answer, or of information before it. */
export interface AnswerHead {
  status: number;
  reason: string;
  /** Names and values in turn, as they came. */
  rawHeaders: string[];
}

/**
 * Returns the headers of an answer for the client, names and values in turn: how the body is framed there is up to node.
 * Throws if the body has a coding that stays on it.
 */
export function answerHeaders({ rawHeaders, status }: AnswerHead, request: IncomingMessage): string[] {
  const kept: string[] = [];
  const ofConnection: string[] = [];
  let [isChunked, trailer] = [false, null as string | null];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    const value = rawHeaders[at + 1] as string;
    const lower = name.toLowerCase();
    if (lower === 'transfer-encoding') isChunked = isOnlyChunked(value);
    else if (lower === 'trailer') trailer = value;
    else if (lower === 'connection') ofConnection.push(value);
    else if (!isOfConnection(lower)) kept.push(name, value);
  }
  const hasBody = request.method !== 'HEAD' && status !== 204 && status !== 304;
  // Node throws if a body that is not chunked is to have trailers.
  if (trailer !== null && isChunked && hasBody && request.httpVersion !== '1.0')
    kept.push('Trailer', trailer);
  return without(namedBy(ofConnection.join()), kept);
}

function isOnlyChunked(coding: string): true {
  if (coding.toLowerCase() !== 'chunked') throw new Error(`the body of an answer is ${coding}`);
  return true;
}

/** Returns headers without those of these names, which are in lower case. */
function without(names: ReadonlySet<string>, headers: string[]): string[] {
  if (names.size === 0) return headers;
  return headers.filter((_, at) => !names.has((headers[at - (at % 2)] as string).toLowerCase()));
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
