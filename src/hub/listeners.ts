import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FleetError, messageOf } from '../protocol/errors.ts';

/** A certificate and its key, as PEM. */
export interface Certificate {
  cert: string | Buffer;
  key: string | Buffer;
}

/** Reads PEM files; ECONFIG names the one that cannot be read. */
export function readCertificate(certPath: string, keyPath: string): Certificate {
  const read = (path: string) => {
    try {
      return readFileSync(path);
    } catch (cause) {
      throw new FleetError('ECONFIG', `cannot read ${path}: ${messageOf(cause)}`, { cause });
    }
  };
  return { cert: read(certPath), key: read(keyPath) };
}

/** Connections that one server holds at once. */
const MAX_CONNECTIONS = 20_000;

/** An HTTP server, with TLS where there is a certificate, that no slow or silent peer can hold. */
export async function makeServer(
  certificate: Certificate | null,
  listener: RequestListener,
): Promise<Server> {
  const options = {
    headersTimeout: 10_000,
    requestTimeout: 0,
    keepAliveTimeout: 5_000,
    connectionsCheckingInterval: 2_000,
    noDelay: true,
  };
  const server = certificate
    ? (await import('node:https')).createServer({ ...options, ...tlsOptions(certificate) }, listener)
    : createServer(options, listener);
  server.maxConnections = MAX_CONNECTIONS;
  // A request that sends nothing for so long is given up; a websocket's upgrade takes its socket out of this.
  server.timeout = 120_000;
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    setTimeout(() => socket.destroy(), 1000).unref();
  });
  return server;
}

function tlsOptions(certificate: Certificate) {
  return { ...certificate, minVersion: 'TLSv1.2' as const, handshakeTimeout: 10_000 };
}

/** Listens, and gives the port that it got. EINUSE where it is taken, EUSAGE where it may not be used. */
export function listen(server: Server, port: number, host: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException) => reject(listenError(cause, port, host));
    server.once('error', failed);
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

/** Stops listening, and ends what is connected. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
