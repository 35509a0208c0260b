import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { FleetError } from '../protocol/errors.ts';
import { featureHeaders, featuresOfHeaders, HUB_HEADER } from '../protocol/features.ts';
import { DEAD_AFTER_MS, MAX_ANSWER_BYTES, MAX_MESSAGE_BYTES, PING_EVERY_MS } from '../protocol/limits.ts';
import { VERSION } from '../protocol/version.ts';
import { refuseUpgrade } from '../system/http-refusal.ts';
import { OwnedBytes } from './owned-bytes.ts';
import { Peer } from './peer.ts';
import { Turns } from './turns.ts';
import { countUnfinished } from './unfinished.ts';
import { UNLIMITED, Unread, type UnreadLimits, unreadError } from './unread.ts';

export interface RpcServerOptions {
  /** How many calls of one peer may be in progress at once. */
  maxPending: number;
  /** The name of this hub, if there are others beside it. */
  hub?: string | undefined;
  /** Messages a second that are read from one peer in the long run; as many as it sends if this is left out. */
  rate?: number;
  /** Connections at once, of all and from one address; any number if this is left out. */
  maxPeers?: number;
  maxPeersPerAddress?: number;
  /** What may wait for peers; any amount if this is left out. */
  maxUnread?: UnreadLimits;
  /** Bytes that calls under way of one owner have come with; when there are more, no others begin. */
  maxUnderWay?: number;
  /** Bytes that have arrived of messages of one owner that are not whole yet; with more, a connection is ended. */
  maxUnfinished?: number;
  /** Called if a handler throws something other than a FleetError: a bug of ours. */
  onFault?: (method: string, error: unknown) => void;
}

const ANY = Number.POSITIVE_INFINITY;

/** An upgrade that was let in, and the address that it comes from. */
export interface Upgrade {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
  address: string;
  /** Whose connection it is; null for whoever is limited only together with all others. */
  owner: string | null;
  /** Lines of the answer's header. */
  headers?: readonly string[];
}

/** Makes peers of websockets whose upgrade was let in, and keeps count of them. */
export class RpcServer {
  private readonly sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    clientTracking: false,
  });
  private readonly peers: Peers;
  private readonly unread: Unread<Peer>;
  private readonly turns = new Turns();
  private readonly underWay: OwnedBytes;
  private readonly unfinished: OwnedBytes;
  private readonly answers = new WeakMap<IncomingMessage, readonly string[]>();

  constructor(private readonly options: RpcServerOptions) {
    const { maxUnderWay = ANY, maxUnfinished = ANY } = options;
    this.underWay = new OwnedBytes(maxUnderWay);
    this.unfinished = new OwnedBytes(maxUnfinished);
    this.peers = new Peers(options.maxPeers, options.maxPeersPerAddress);
    this.unread = new Unread(this.peers.all, options.maxUnread ?? UNLIMITED, (peer) =>
      peer.terminate(unreadError()),
    );
    const name = options.hub === undefined ? {} : { [HUB_HEADER]: options.hub };
    const own = Object.entries({ ...featureHeaders(VERSION), ...name }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    this.sockets.on('headers', (headers, request) =>
      headers.push(...own, ...(this.answers.get(request) ?? [])),
    );
  }

  /**
   * Completes an upgrade when it is the turn of its owner, and calls `onPeer` before anything is read. Answers 503 if there
   * is no room, 400 if ws refuses.
   */
  accept(upgrade: Upgrade, onPeer: (peer: Peer) => void): void {
    this.turns.once(upgrade.owner ?? upgrade.socket, () => this.complete(upgrade, onPeer));
  }

  private complete(
    { request, socket, head, address, owner, headers = [] }: Upgrade,
    onPeer: (peer: Peer) => void,
  ): void {
    if (socket.destroyed) return;
    const full = this.peers.refusal(address);
    if (full) return refuseUpgrade(socket, 503, full);
    const { rate = Number.POSITIVE_INFINITY, maxPending, onFault } = this.options;
    this.answers.set(request, headers);
    this.sockets.handleUpgrade(request, socket, head, (ws) => {
      const timing = { pingEvery: PING_EVERY_MS, deadAfter: DEAD_AFTER_MS };
      const whose = owner ?? ws;
      const isHeld = () => this.unread.holds(peer) || this.underWay.isTooMuch(whose);
      const peer: Peer = new Peer(ws, address, {
        ...timing,
        maxPending,
        rate,
        maxSend: MAX_ANSWER_BYTES,
        stream: socket,
        masking: 'none',
        sent: this.unread.sent,
        sharing: { turns: this.turns, owner: whose, isHeld },
        underWay: (bytes) => this.underWay.count(whose, bytes),
        features: featuresOfHeaders(request.headers),
        onFault,
      });
      countUnfinished(ws, socket, (bytes) => {
        this.unfinished.count(whose, bytes);
        if (bytes > 0 && this.unfinished.isTooMuch(whose)) peer.terminate(unfinishedError());
      });
      this.peers.add(peer, owner);
      onPeer(peer);
    });
  }

  /** Ends all connections, and resolves when they have ended. */
  async close(): Promise<void> {
    this.sockets.close();
    await this.peers.closeAll();
  }
}

function unfinishedError(): FleetError {
  return new FleetError('ELIMIT', 'too much of messages has arrived that are not whole yet');
}

/** The open connections of a server, counted by address. */
class Peers {
  /** With their owners. */
  readonly all = new Map<Peer, string | null>();
  private readonly perAddress = new Map<string, number>();

  constructor(
    private readonly max = Number.POSITIVE_INFINITY,
    private readonly maxPerAddress = Number.POSITIVE_INFINITY,
  ) {}

  /** Why there is no room for one more; undefined if there is. */
  refusal(address: string): string | undefined {
    if (this.all.size >= this.max) return 'this hub has as many connections as it takes; try later';
    if ((this.perAddress.get(address) ?? 0) >= this.maxPerAddress)
      return 'too many connections from this address; close some of them';
    return undefined;
  }

  add(peer: Peer, owner: string | null): void {
    this.all.set(peer, owner);
    this.count(peer.address, 1);
    void peer.closed.then(() => {
      this.all.delete(peer);
      this.count(peer.address, -1);
    });
  }

  async closeAll(): Promise<void> {
    const closing = [...this.all.keys()].map((peer) => {
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
