import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';

export interface WebSocketOptions {
  /** Largest message to receive, in bytes. */
  maxPayload: number;
  /** Fills the mask of a frame that a client sends. */
  generateMask?: (mask: Buffer) => void;
}

/** What ws itself uses to make a websocket of a connection that was upgraded; its types leave it out. */
interface Settable {
  _isServer: boolean;
  setSocket(stream: Duplex, head: Buffer, options: object): void;
}

/** As ws has them. https://github.com/websockets/ws/blob/master/doc/ws.md */
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
export function clientSocket(stream: Duplex, head: Buffer, options: WebSocketOptions): WebSocket {
  return socketOn(stream, head, { ...options, isServer: false });
}

/** Returns the other end. */
export function serverSocket(stream: Duplex, head: Buffer, options: WebSocketOptions): WebSocket {
  return socketOn(stream, head, { ...options, isServer: true });
}

function socketOn(
  stream: Duplex,
  head: Buffer,
  { isServer, ...options }: WebSocketOptions & { isServer: boolean },
): WebSocket {
  // Without an address, ws makes the end of a server; what differs is whether frames are masked.
  const socket = new WebSocket(null as never, undefined, DEFAULTS as object);
  const settable = socket as unknown as Settable;
  settable._isServer = isServer;
  settable.setSocket(stream, head, { ...DEFAULTS, ...options });
  return socket;
}
