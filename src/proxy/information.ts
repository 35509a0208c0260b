import type { ClientRequest, IncomingMessage, InformationEvent, ServerResponse } from 'node:http';
import { isHopHeader } from './hop.ts';

/** The proxy itself has asked clients to go on. */
const CONTINUE = 100;

/**
 * Passes on what an instance says before its answer, such as early hints (RFC 9110, 15.2). Clients of HTTP/1.0 do not know
 * of that.
 */
export function passInformation(
  sent: ClientRequest,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (request.httpVersion === '1.0') return;
  sent.on('information', (information) => {
    const { socket } = response;
    if (information.statusCode === CONTINUE || response.headersSent || !socket?.writable) return;
    socket.write(informationText(information), 'latin1');
  });
}

/** Returns it as it is sent. */
export function informationText({
  statusCode,
  statusMessage,
  rawHeaders,
}: Pick<InformationEvent, 'statusCode' | 'statusMessage' | 'rawHeaders'>): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = rawHeaders.slice(i, i + 2);
    if (!isHopHeader(name)) lines.push(`${name}: ${value}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
