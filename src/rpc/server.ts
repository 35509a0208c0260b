import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { featureHeaders, featuresOfHeaders } from '../protocol/features.ts';
import { DEAD_AFTER, MAX_ANSWER, MAX_MESSAGE, PING_EVERY } from '../protocol/limits.ts';
import { VERSION } from '../protocol/version.ts';
import { Peer } from './peer.ts';

/** What a door says to a request: come in as `who`, or an HTTP status and one line. */
export type Verdict<Who> = { ok: true; who: Who } | { ok: false; status: number; message: string };

export interface RpcServerOptions<Who> {
  /** Asked at the HTTP upgrade, before anything that the peer sends is read. */
  authenticate(request: IncomingMessage): Promise<Verdict<Who>>;
  onPeer(peer: Peer, who: Who): void;
  /** Calls of one peer that may be under way at once. */
  maxPending: number;
  /** Messages a second that are read from one peer in the long run; as many as it sends, where this is left out. */
  rate?: number;
  /** Connections at once, of all and from one address; any number, where this is left out. */
  maxPeers?: number;
  maxPeersPerAddress?: number;
  /** Told of what a handler throws that is not a FleetError: a fault of our own. */
  onFault?: (method: string, error: unknown) => void;
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

/**
 * Accepts websockets on an HTTP server that is already there. Returns a function that ends them all, and resolves when
 * they have ended.
 */
export function serveRpc<Who>(server: Server, options: RpcServerOptions<Who>): () => Promise<void> {
  const { rate = Number.POSITIVE_INFINITY, maxPending } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE,
    perMessageDeflate: false,
    clientTracking: false,
  });
  const ownFeatures = Object.entries(featureHeaders(VERSION)).map(([name, value]) => `${name}: ${value}`);
  sockets.on('headers', (headers) => headers.push(...ownFeatures));
  const peers = new Peers(options.maxPeers, options.maxPeersPerAddress);
  /** Upgrades that were not answered yet. */
  const waiting = new Set<Duplex>();

  const accept = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const verdict = await options.authenticate(request);
    if (!verdict.ok) return refuseUpgrade(socket, verdict.status, verdict.message);
    if (socket.destroyed) return;
    const address = request.socket.remoteAddress ?? 'unknown';
    const full = peers.refusal(address);
    if (full) return refuseUpgrade(socket, 503, full);
    sockets.handleUpgrade(request, socket, head, (ws) => {
      const timing = { pingEvery: PING_EVERY, deadAfter: DEAD_AFTER };
      const peer = new Peer(ws, address, {
        ...timing,
        maxPending,
        rate,
        maxSend: MAX_ANSWER,
        stream: socket,
        features: featuresOfHeaders(request.headers),
        onFault: options.onFault,
      });
      peers.add(peer);
      options.onPeer(peer, verdict.who);
    });
  };
  server.on('upgrade', (request, socket, head) => {
    waiting.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => waiting.delete(socket));
    accept(request, socket, head)
      .catch(() => socket.destroy())
      .finally(() => waiting.delete(socket));
  });
  return async () => {
    for (const socket of waiting) socket.destroy();
    sockets.close();
    await peers.closeAll();
  };
}

/** The connections of one server, counted by address. */
class Peers {
  private readonly all = new Set<Peer>();
  private readonly perAddress = new Map<string, number>();

  constructor(
    private readonly max = Number.POSITIVE_INFINITY,
    private readonly maxPerAddress = Number.POSITIVE_INFINITY,
  ) {}

  /** Why there is no room for one more; undefined where there is. */
  refusal(address: string): string | undefined {
    if (this.all.size >= this.max) return 'this hub has as many connections as it takes; try later';
    if ((this.perAddress.get(address) ?? 0) >= this.maxPerAddress)
      return 'too many connections from this address; close some of them';
    return undefined;
  }

  add(peer: Peer): void {
    this.all.add(peer);
    this.count(peer.address, 1);
    void peer.closed.then(() => {
      this.all.delete(peer);
      this.count(peer.address, -1);
    });
  }

  async closeAll(): Promise<void> {
    const closing = [...this.all].map((peer) => {
      peer.close(1001, 'the hub is going away');
      return peer.closed;
    });
    await Promise.all(closing);
  }

  private count(address: string, by: 1 | -1): void {
    const count = (this.perAddress.get(address) ?? 0) + by;
    if (count > 0) this.perAddress.set(address, count);
    else this.perAddress.delete(address);
  }
}
