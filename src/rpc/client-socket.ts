import type { Socket } from 'node:net';
import { WebSocket } from 'ws';

export interface ClientSocketOptions {
  /** Largest message to receive, in bytes. */
  maxPayload: number;
  generateMask: (mask: Buffer) => void;
}

/** What ws itself uses to make a websocket of a connection that was upgraded; its types leave it out. */
interface Settable {
  _isServer: boolean;
  setSocket(stream: Socket, head: Buffer, options: object): void;
}

/** As ws has them for a client. https://github.com/websockets/ws/blob/master/doc/ws.md */
const DEFAULTS = {
  allowSynchronousEvents: true,
  autoPong: true,
  closeTimeout: 30_000,
  maxBufferedChunks: 256 * 1024,
  maxFragments: 16 * 1024,
  maxPendingAutoPongs: 60,
  skipUTF8Validation: false,
};

/** Returns the client's end of a websocket on a connection that was upgraded; `head` are the first bytes that were read. */
export function clientSocket(stream: Socket, head: Buffer, options: ClientSocketOptions): WebSocket {
  // Without an address, ws makes the end of a server; what differs is whether frames are masked.
  const socket = new WebSocket(null as never, undefined, DEFAULTS as object);
  const settable = socket as unknown as Settable;
  settable._isServer = false;
  settable.setSocket(stream, head, { ...DEFAULTS, ...options });
  return socket;
}
