import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isHopHeader } from './hop.ts';

/** They have no body if they do not say so themselves (RFC 9110, 8.6). */
const WITHOUT_BODY = new Set(['GET', 'HEAD', 'TRACE']);
/** Node's parser lets none of these pass; a target with one could be read as more than that. */
const NOT_OF_TARGET = /[^\x21-\x7e\x80-\xff]/;

/** Returns a request as it is sent to an instance, up to its body. Throws if its target cannot be sent. */
export function requestText({ method = '', url = '', headers }: IncomingMessage): string {
  if (NOT_OF_TARGET.test(url)) throw new Error('the target of a request has characters that cannot be sent');
  const isChunked = headers['transfer-encoding'] !== undefined;
  let text = `${method} ${url} HTTP/1.1\r\n`;
  for (const name in headers) if (name !== 'trailer' || isChunked) text += fieldText(name, headers[name]);
  if (!isChunked && headers['content-length'] === undefined && !WITHOUT_BODY.has(method))
    text += 'content-length: 0\r\n';
  // An instance that cannot read chunks would take them for the next request.
  return `${text}connection: ${isChunked ? 'close' : 'keep-alive'}\r\n\r\n`;
}

function fieldText(name: string, value: IncomingHttpHeaders[string]): string {
  if (value === undefined) return '';
  return typeof value === 'string'
    ? `${name}: ${value}\r\n`
    : value.map((one) => `${name}: ${one}\r\n`).join('');
}

/** Returns the trailers of a request that were announced, as they are sent; without those that frame a body. */
export function trailersText({ headers, rawTrailers }: IncomingMessage): string {
  if (headers.trailer === undefined) return '';
  let text = '';
  for (let at = 0; at < rawTrailers.length; at += 2) {
    const name = rawTrailers[at] as string;
    if (!isHopHeader(name)) text += `${name}: ${rawTrailers[at + 1]}\r\n`;
  }
  return text;
}
