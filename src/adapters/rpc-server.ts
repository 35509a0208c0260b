import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { DEAD_AFTER, MAX_MESSAGE, PING_EVERY } from '../protocol/limits.ts';
import { Peer } from './rpc.ts';

/** What a door says to a request: come in as `who`, or an HTTP status and one line. */
export type Verdict<Who> = { ok: true; who: Who } | { ok: false; status: number; message: string };

export interface RpcServerOptions<Who> {
  /** Asked at the HTTP upgrade, before anything that the peer sends is read. */
  authenticate(request: IncomingMessage): Promise<Verdict<Who>>;
  onPeer(peer: Peer, who: Who): void;
  /** Calls of one peer that may be under way at once. */
  maxPending: number;
}

/** Answers an upgrade with plain HTTP, and hangs up. */
export function refuseUpgrade(socket: Duplex, status: number, message: string): void {
  const text = `${message}\n`;
  socket.on('error', () => {});
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\nConnection: close\r\n` +
      `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
  setTimeout(() => socket.destroy(), 1000).unref();
}

/** Accepts websockets on an HTTP server that is already there. Returns a function that ends them all. */
export function serveRpc<Who>(server: Server, options: RpcServerOptions<Who>): () => void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE,
    perMessageDeflate: false,
    clientTracking: false,
  });
  const peers = new Set<Peer>();

  const accept = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const verdict = await options.authenticate(request);
    if (!verdict.ok) return refuseUpgrade(socket, verdict.status, verdict.message);
    if (socket.destroyed) return;
    sockets.handleUpgrade(request, socket, head, async (ws) => {
      const peer = new Peer(ws, request.socket.remoteAddress ?? 'unknown', {
        pingEvery: PING_EVERY,
        deadAfter: DEAD_AFTER,
        maxPending: options.maxPending,
      });
      peers.add(peer);
      void peer.closed.then(() => peers.delete(peer));
      options.onPeer(peer, verdict.who);
    });
  };
  server.on('upgrade', (request, socket, head) => {
    accept(request, socket, head).catch(() => socket.destroy());
  });
  return () => {
    for (const peer of peers) peer.close(1001, 'the hub is going away');
    sockets.close();
  };
}
