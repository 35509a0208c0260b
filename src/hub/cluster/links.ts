import { EventEmitter } from 'node:events';
import * as v from 'valibot';
import { FleetError } from '../../protocol/errors.ts';
import { featuresOf } from '../../protocol/features.ts';
import { HUB_CALLS } from '../../protocol/hub-calls.ts';
import { type HubIdentity, hubIdentity } from '../../protocol/hub-words.ts';
import { DEAD_AFTER_MS, MAX_ANSWER_BYTES, PING_EVERY_MS } from '../../protocol/limits.ts';
import * as s from '../../protocol/words.ts';
import { Caller } from '../../rpc/calls.ts';
import { Peer } from '../../rpc/peer.ts';
import { clientSocket, serverSocket } from '../../rpc/stream-socket.ts';
import { randomBytes } from '../../system/random.ts';
import type { Bus } from './bus.ts';
import { HubStream } from './hub-stream.ts';
import type { OtherHub, OtherHubs } from './other-hubs.ts';
import type { Presence } from './presence.ts';
import { readMessage } from './read-message.ts';

const OPEN_WITHIN_MS = 3_000;
const OPEN_AGAIN_AFTER_MS = { least: 250, most: 2_000 };
const NOTHING = Buffer.alloc(0);
/** Other hubs are trusted. */
const FROM_HUB = { maxPending: 100_000, rate: Number.POSITIVE_INFINITY };

const opening = v.object({
  hub: hubIdentity,
  stream: s.key,
  age: v.optional(v.nullable(s.milliseconds), null),
});

export interface LinkParts {
  bus: Bus;
  presence: Presence;
  /** Serves what the other hub calls, from the first moment. */
  serve(other: OtherHub, peer: Peer): void;
  log(line: string): void;
  /** Told of what a handler throws that is not a FleetError. */
  onFault(method: string, error: unknown): void;
}

interface Link {
  other: OtherHub;
  peer: Peer;
  /** True once both ends can call. */
  isOpen: boolean;
}

/**
 * The links with the other hubs that are there: one with each, which the hub with the lower name opens, and opens again
 * if it ends.
 */
export class Links
  extends EventEmitter<{ come: [OtherHub]; gone: [OtherHub, FleetError] }>
  implements OtherHubs
{
  /** By name: the newest link with each, as long as it is not over. */
  private readonly links = new Map<string, Link>();
  /** The starts of hubs with which this one keeps a link open. */
  private readonly opening = new Set<string>();
  private own: HubIdentity | null = null;
  private unsubscribe: () => void = () => {};
  private isClosed = false;

  constructor(private readonly parts: LinkParts) {
    super();
    this.setMaxListeners(0);
    parts.presence.on('come', (hub) => void this.keepOpen(hub));
    parts.presence.on('gone', ({ name, start }, why) => {
      const link = this.links.get(name);
      if (link?.other.start === start) link.peer.terminate(new FleetError('ECLOSED', `${name}: ${why}`));
    });
  }

  all(): readonly OtherHub[] {
    const others = [...this.links.values()].filter(({ isOpen }) => isOpen).map(({ other }) => other);
    return others.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): OtherHub | undefined {
    const link = this.links.get(name);
    return link?.isOpen ? link.other : undefined;
  }

  /** From now on, links are opened, and those of other hubs taken. */
  start(own: HubIdentity): void {
    this.own = own;
    this.unsubscribe = this.parts.bus.subscribe(subjectOf(own), (message, answer) => {
      const read = readMessage(opening, message);
      if (read && !this.parts.presence.isDisplaced(read)) void this.accept(read, answer);
    });
    for (const hub of this.parts.presence.all()) void this.keepOpen(hub);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.unsubscribe();
    const peers = [...this.links.values()].map(({ peer }) => peer);
    for (const peer of peers) peer.close(1001, 'the hub is going away');
    await Promise.all(peers.map(({ closed }) => closed));
  }

  private isThere({ start }: HubIdentity): boolean {
    return !this.isClosed && this.parts.presence.all().some((one) => one.start === start);
  }

  /** Opens the link with a hub, and again for as long as that is there. */
  private async keepOpen(hub: HubIdentity): Promise<void> {
    if (!this.own || this.own.name >= hub.name || this.opening.has(hub.start)) return;
    this.opening.add(hub.start);
    try {
      while (this.isThere(hub)) {
        const peer = await this.open(this.own, hub);
        if (peer) await peer.closed;
        const { least, most } = OPEN_AGAIN_AFTER_MS;
        await new Promise((resolve) => setTimeout(resolve, least + Math.random() * (most - least)).unref());
      }
    } finally {
      this.opening.delete(hub.start);
    }
  }

  private async open(own: HubIdentity, hub: HubIdentity): Promise<Peer | null> {
    const { bus, presence } = this.parts;
    const stream = randomBytes(16).toString('hex');
    const duplex = new HubStream(bus, { mine: `fleet.link.${stream}.a`, theirs: `fleet.link.${stream}.b` });
    const asked = Buffer.from(JSON.stringify({ hub: own, stream, age: presence.age }));
    const answer = await bus.request(subjectOf(hub), asked, OPEN_WITHIN_MS);
    // On a stream that has ended meanwhile, nobody would ever be told that it has.
    if (!answer || duplex.destroyed) {
      duplex.destroy();
      return null;
    }
    const limits = { maxPayload: MAX_ANSWER_BYTES, generateMask: (mask: Buffer) => void mask.fill(0) };
    return this.run(hub, duplex, clientSocket(duplex, NOTHING, limits));
  }

  private async accept(
    { hub, stream }: v.InferOutput<typeof opening>,
    answer: (data: Uint8Array) => void,
  ): Promise<void> {
    const { bus } = this.parts;
    const duplex = new HubStream(bus, { mine: `fleet.link.${stream}.b`, theirs: `fleet.link.${stream}.a` });
    const socket = serverSocket(duplex, NOTHING, { maxPayload: MAX_ANSWER_BYTES });
    // The engine passes on who listens where before the answer, as it came before it.
    answer(NOTHING);
    await this.run(hub, duplex, socket);
  }

  /** Resolves to the link once both ends can call; to null if it ends before. */
  private async run(
    hub: HubIdentity,
    duplex: HubStream,
    socket: ReturnType<typeof clientSocket>,
  ): Promise<Peer | null> {
    const { serve, onFault, log } = this.parts;
    const features = featuresOf(hub.version, hub.features);
    const peer = new Peer(socket, hub.name, {
      ...{ pingEvery: PING_EVERY_MS, deadAfter: DEAD_AFTER_MS, ...FROM_HUB },
      ...{ maxSend: MAX_ANSWER_BYTES, stream: duplex, features, onFault },
    });
    const calls = new Caller(peer, HUB_CALLS, `the hub ${hub.name}`);
    const other: OtherHub = {
      ...{ ...hub, calls, features, gone: peer.closed },
      get unreadBytes() {
        return peer.buffered;
      },
    };
    serve(other, peer);
    const link: Link = { other, peer, isOpen: false };
    // Whoever opens a link has no other: one that seems to be there is left over.
    this.links.get(hub.name)?.peer.terminate(new FleetError('ECLOSED', 'there is a newer link'));
    this.links.set(hub.name, link);
    const isNewest = () => this.links.get(hub.name) === link;
    void peer.closed.then(() => isNewest() && this.links.delete(hub.name));
    try {
      await peer.ready();
    } catch {
      return null;
    }
    if (!isNewest()) return null;
    link.isOpen = true;
    log(`linked with the hub ${hub.name}`);
    this.emit('come', other);
    void peer.closed.then((why) => {
      log(`the link with the hub ${hub.name} has ended: ${why.message}`);
      this.emit('gone', other, why);
    });
    return peer;
  }
}

/** Where a hub is asked for a link. */
function subjectOf({ start }: HubIdentity): string {
  return `fleet.hub.${start}.open`;
}
