import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/**
 * Tells `count` how many more bytes of a message have arrived that is not whole yet, and the negative of all of them once it is,
 * or never will be. `stream` is the websocket's, which has listened to it before.
 */
export function countUnfinished(ws: WebSocket, stream: Duplex, count: (bytes: number) => void): void {
  let bytes = 0;
  let hasEnded = false;
  const reset = () => {
    if (bytes > 0) count(-bytes);
    bytes = 0;
  };
  ws.on('message', () => {
    hasEnded = true;
    reset();
  });
  ws.once('close', reset);
  stream.on('data', (chunk: Buffer) => {
    // What comes after the end of a message in the same chunk is little.
    if (!hasEnded) {
      bytes += chunk.length;
      count(chunk.length);
    }
    hasEnded = false;
  });
}
