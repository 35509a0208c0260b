import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Duplex, PassThrough, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FleetError } from '../protocol/errors.ts';

/** Ends a request with a status and one line, which git shows to its user; only the line where it has begun. */
export function refuse(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' });
  response.end(`${message}\n`);
}

/** The HTTP status for an error. */
export function statusOf(error: unknown): number {
  const status: Record<string, number> = { EPROTOCOL: 400, ELIMIT: 413, EIO: 507, ENOREPO: 404 };
  return (error instanceof FleetError && status[error.code]) || 500;
}

/**
 * What a request's body says, unpacked where it is gzipped. Fails where the body is cut off or is no gzip. EPROTOCOL
 * for an encoding that git does not use.
 */
export function decoded(request: IncomingMessage, into: Duplex = new PassThrough()): Duplex {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  // Whoever reads it sees the error; nobody has to.
  const done = () => {};
  if (encoding === 'identity') return pipeline(request, into, done);
  if (encoding === 'gzip' || encoding === 'x-gzip') return pipeline(request, createGunzip(), into, done);
  throw new FleetError('EPROTOCOL', 'the request is packed in a way that is not gzip');
}
