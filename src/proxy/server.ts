import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Handler } from './handler.ts';

/** How long a client may take for its headers. */
const HEADERS_WITHIN_MS = 20_000;
/** Longer than balancers in front of it, which should be the ones to close what is idle. */
const IDLE_MS = 75_000;
const PROBE_AFTER_MS = 30_000;
const MAX_CONNECTIONS = 20_000;
/** How long the other end has to read why its request was refused. */
const LINGER_MS = 1_000;

export const SERVER_OPTIONS = {
  headersTimeout: HEADERS_WITHIN_MS,
  // An upload may take as long as it takes.
  requestTimeout: 0,
  keepAliveTimeout: IDLE_MS,
  connectionsCheckingInterval: 2_000,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: PROBE_AFTER_MS,
};

/** Has a server take requests for a handler. */
export function serve(server: Server, handler: Handler): Server {
  server.maxConnections = MAX_CONNECTIONS;
  server.on('request', (request, response) => {
    handler.request(request, response).catch(() => response.destroy());
  });
  server.on('checkContinue', (request, response) => {
    if (!handler.isTooLarge(request)) response.writeContinue();
    server.emit('request', request, response);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket' || request.method !== 'GET')
      return takeAsRequest(server, request, socket, head);
    // The server does not listen to it any more, and nobody does until there is a connection to an instance.
    socket.on('error', () => socket.destroy());
    handler.upgrade(request, socket, head).catch(() => socket.destroy());
  });
  server.on('clientError', refuseUnreadable);
  return server;
}

export function plainServer(handler: Handler): Server {
  return serve(createServer(SERVER_OPTIONS), handler);
}

/**
 * Has a request be read again without its wish for another protocol, which a server may ignore (RFC 9110, 7.8): some
 * clients ask for HTTP/2 with each request.
 */
function takeAsRequest(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = rawHeaders.slice(i, i + 2);
    if (!/^(upgrade|http2-settings)$/i.test(name)) lines.push(`${name}: ${withoutUpgrade(name, value)}`);
  }
  const again = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  socket.unshift(Buffer.concat([again, head]));
  server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket);
}

function withoutUpgrade(name: string, value: string): string {
  if (name.toLowerCase() !== 'connection') return value;
  const left = value.split(',').filter((word) => !/^\s*(upgrade|http2-settings)\s*$/i.test(word));
  return left.join(',').trim() || 'keep-alive';
}

const STATUS_OF: Record<string, string> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  const status = STATUS_OF[error.code ?? ''] ?? '400 Bad Request';
  if (socket.writable && error.code !== 'ECONNRESET')
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
