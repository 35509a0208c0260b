import type { IncomingMessage } from 'node:http';
import { BodyTooLarge } from './body-limit.ts';

/**
 * Yields the body of a request as fast as it is taken, and calls `heard` for each piece. What nobody
 * takes any more is read and forgotten. Throws BodyTooLarge.
 */
export async function* bodyOf(
  request: IncomingMessage,
  maxBodyBytes: number,
  heard: () => void,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  try {
    for await (const piece of request.iterator({ destroyOnReturn: false })) {
      bytes += (piece as Buffer).length;
      if (bytes > maxBodyBytes) throw new BodyTooLarge('the body is too large');
      heard();
      yield piece as Buffer;
    }
  } finally {
    request.resume();
  }
}
