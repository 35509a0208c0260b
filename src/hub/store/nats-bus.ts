import { EventEmitter } from 'node:events';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import type { Bus, Heard } from '../cluster/bus.ts';
import type { NatsLink } from './nats-link.ts';

/** What a server says of a message that nobody is subscribed to. */
const NO_RESPONDERS = 503;
/** Room for the subject and headers of a message. */
const OVERHEAD_BYTES = 4_096;

interface Subscribed {
  subject: string;
  heard: Heard;
  current: Subscription | null;
}

/** The messages of a hub over NATS. See {@link Bus}. */
export class NatsBus extends EventEmitter<{ down: []; up: [] }> implements Bus {
  private readonly subscribed = new Set<Subscribed>();
  /** The one that all subscriptions are of. */
  private connection: NatsConnection | null;

  constructor(private readonly link: NatsLink) {
    super();
    this.setMaxListeners(0);
    this.connection = link.connection;
    link.on('down', () => this.emit('down'));
    link.on('up', () => {
      this.subscribeAnew();
      this.emit('up');
    });
  }

  get maxBytes(): number {
    return this.link.maxPayloadBytes - OVERHEAD_BYTES;
  }

  publish(subject: string, data: Uint8Array, from?: string): void {
    this.open?.publish(subject, data, from === undefined ? {} : { reply: from });
  }

  subscribe(subject: string, heard: Heard): () => void {
    const one: Subscribed = { subject, heard, current: null };
    this.subscribed.add(one);
    this.attach(one);
    return () => {
      this.subscribed.delete(one);
      one.current?.unsubscribe();
    };
  }

  async request(subject: string, data: Uint8Array, timeoutMs: number): Promise<Buffer | null> {
    try {
      const answer = await this.open?.request(subject, data, { timeout: timeoutMs });
      return answer ? bufferOf(answer.data) : null;
    } catch {
      // Whether nobody is there, or somebody does not answer, makes no difference.
      return null;
    }
  }

  /** The connection, unless the client has given it up. */
  private get open(): NatsConnection | null {
    return this.connection?.isClosed() === false ? this.connection : null;
  }

  private attach(one: Subscribed): void {
    const callback = (error: Error | null, message: Msg) => {
      if (error) return;
      const isUnheard = message.headers?.code === NO_RESPONDERS;
      one.heard(isUnheard ? null : bufferOf(message.data), (data) => void message.respond(data));
    };
    one.current = this.open?.subscribe(one.subject, { callback }) ?? null;
  }

  /** When it reconnects, the client does so by itself; but not if there is another connection. */
  private subscribeAnew(): void {
    if (this.connection === this.link.connection) return;
    this.connection = this.link.connection;
    for (const one of this.subscribed) this.attach(one);
  }
}

function bufferOf(data: Uint8Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
