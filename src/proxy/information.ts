import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnswerHead } from './answer-headers.ts';
import { isHopHeader } from './hop.ts';

/** The proxy itself has asked clients to go on. */
const CONTINUE = 100;

/**
 * Passes on what an instance says before its answer, such as early hints (RFC 9110, 15.2). Clients of HTTP/1.0 do not know
 * of that.
 */
export function passInformation(
  information: AnswerHead,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { socket } = response;
  if (request.httpVersion === '1.0' || information.status === CONTINUE || !socket?.writable) return;
  socket.write(informationText(information), 'latin1');
}

/** Returns it as it is sent. */
export function informationText({ status, reason, rawHeaders }: AnswerHead): string {
  const lines = [`HTTP/1.1 ${status} ${reason}`];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = rawHeaders.slice(i, i + 2);
    if (!isHopHeader(name)) lines.push(`${name}: ${value}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
