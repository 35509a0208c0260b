import { createServer, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { MODERN_TLS } from '../system/modern-tls.ts';
import type { Certificate } from './access/certificate.ts';
import type { PendingConnections } from './access/pending-connections.ts';

/** Connections of one server at once, authenticated or not. */
const MAX_CONNECTIONS = 20_000;
/** How long a request may send nothing. */
const IDLE_TIMEOUT_MS = 120_000;
/** How long the other end has to read why its request was refused. */
const LINGER_MS = 1_000;

/**
 * Makes an HTTP server, with TLS if there is a certificate, that no slow or silent peer can block. Throws ECONFIG if
 * certificate and key do not belong together.
 */
export async function makeServer(
  certificate: Certificate | null,
  pending: PendingConnections,
): Promise<Server> {
  const options = {
    headersTimeout: 10_000,
    requestTimeout: 0,
    keepAliveTimeout: 5_000,
    connectionsCheckingInterval: 2_000,
    noDelay: true,
  };
  const server = certificate ? await makeTlsServer(certificate, options) : createServer(options);
  server.on('connection', (socket: Socket) => pending.add(socket));
  server.maxConnections = MAX_CONNECTIONS;
  // An upgraded socket is not subject to this.
  server.timeout = IDLE_TIMEOUT_MS;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = STATUS_OF[error.code ?? ''] ?? '400 Bad Request';
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  });
  return server;
}

const STATUS_OF: Record<string, string> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

async function makeTlsServer(certificate: Certificate, options: ServerOptions): Promise<Server> {
  const https = await import('node:https');
  const tls = { ...certificate, ...MODERN_TLS, handshakeTimeout: 10_000 };
  try {
    return https.createServer({ ...options, ...tls });
  } catch (cause) {
    throw new FleetError('ECONFIG', `the certificate and its key cannot be used: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** Listens, and returns the port. Throws EINUSE if it is taken, EUSAGE if it may not be used. */
export function listen(server: Server, port: number, host: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException) => reject(listenError(cause, port, host));
    server.once('error', failed);
    if (port > 65_535) return failed(new Error('ports end at 65535'));
    server.listen({ port, host }, () => {
      server.off('error', failed);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function listenError(cause: NodeJS.ErrnoException, port: number, host: string | undefined): FleetError {
  if (cause.code === 'EADDRINUSE') {
    return new FleetError(
      'EINUSE',
      `port ${port} is taken by another program; choose one with --port or --gport`,
      { cause },
    );
  }
  if (cause.code === 'EACCES') {
    return new FleetError('EUSAGE', `port ${port} needs root; choose one above 1023`, { cause });
  }
  return new FleetError(
    'EUSAGE',
    `cannot listen on ${host ?? 'any address'} port ${port}: ${messageOf(cause)}`,
    { cause },
  );
}

/** Stops listening, and closes all connections. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
