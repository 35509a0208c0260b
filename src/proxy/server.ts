import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { refuseUpgrade } from '../system/http-refusal.ts';
import { expectsContinue } from './expectation.ts';
import { hasBody } from './framing.ts';
import type { Handler } from './handler.ts';
import { Turns } from './turns.ts';

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
  // What node refuses by itself does not keep it from handling what comes behind that.
  requireHostHeader: false,
  keepAliveTimeout: IDLE_MS,
  connectionsCheckingInterval: 2_000,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: PROBE_AFTER_MS,
};

/** Has a server take requests for a handler. */
export function serve(server: Server, handler: Handler): Server {
  server.maxConnections = MAX_CONNECTIONS;
  const turns = new Turns();
  server.on('request', (request, response) => {
    const handle = () => {
      // The answer before may have been the last one on this connection.
      if (!request.socket.writable) return void response.destroy();
      handler.request(request, response).catch(() => response.destroy());
    };
    const turn = turns.take(request, response);
    if (turn) void turn.then(handle);
    else handle();
  });
  server.on('checkContinue', (request, response) => {
    expectsContinue(request);
    server.emit('request', request, response);
  });
  server.on('upgrade', async (request: IncomingMessage, socket: Socket, head: Buffer) => {
    // The server does not listen to it any more, and nobody does until there is a connection to an instance.
    socket.on('error', () => socket.destroy());
    await turns.done(socket);
    if (!socket.writable) return void socket.destroy();
    if (!asksForWebsocket(request)) return takeAsRequest(server, request, socket, head);
    handler.upgrade(request, socket, head).catch(() => socket.destroy());
  });
  server.on('connect', async (_, socket) => {
    await turns.done(socket);
    refuseUpgrade(socket, 405, '405 Method Not Allowed');
  });
  server.on('clientError', (error, socket) => refuseUnreadable(error, socket, turns));
  return server;
}

/** Returns true for a websocket. One that has a body is none: an instance that refuses it would wait for that. */
function asksForWebsocket(request: IncomingMessage): boolean {
  return (
    request.headers.upgrade?.toLowerCase() === 'websocket' && request.method === 'GET' && !hasBody(request)
  );
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

async function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex, turns: Turns): Promise<void> {
  const status = STATUS_OF[error.code ?? ''] ?? '400 Bad Request';
  const isAnswerable = error.code !== 'ECONNRESET' && (await turns.atFault(socket));
  if (isAnswerable && socket.writable)
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
