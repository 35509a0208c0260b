import type { IncomingMessage } from 'node:http';
import { type Duplex, PassThrough, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FleetError } from '../protocol/errors.ts';

/**
 * Returns the body of a request, unpacked if it is gzipped. The stream fails if the body is cut off or is not gzip.
 * Throws EPROTOCOL for an encoding that git does not use.
 */
export function decoded(request: IncomingMessage, into: Duplex = new PassThrough()): Duplex {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  // The reader gets the error, if there is one.
  const done = () => {};
  if (encoding === 'identity') return pipeline(request, into, done);
  if (encoding === 'gzip' || encoding === 'x-gzip') return pipeline(request, createGunzip(), into, done);
  throw new FleetError('EPROTOCOL', 'the request is packed in a way that is not gzip');
}
