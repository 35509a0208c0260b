import { EventEmitter } from 'node:events';
import { type HubIdentity, heartbeat } from '../../protocol/hub-words.ts';
import { monotonicMs } from '../../system/monotonic.ts';
import type { Bus } from './bus.ts';
import { type Aged, isDisplaced, yieldsTo } from './namesakes.ts';
import { readMessage } from './read-message.ts';

const SUBJECT = 'fleet.hubs';
const TELL_EVERY_MS = 1_000;
/** After so long without a word, a hub is gone. */
export const GONE_AFTER_MS = 5_000;

interface PresenceEvents {
  /** A hub is there; also one of the same name that was started anew. */
  come: [HubIdentity];
  /** It is there no more; why, for people. */
  gone: [HubIdentity, string];
  /** Another hub has the name of this one, which has to leave it to that. */
  displaced: [];
}

interface Present extends Aged {
  heardAt: number;
}

/** Which other hubs are there. Each tells the others of itself every second. */
export class Presence extends EventEmitter<PresenceEvents> {
  /** By their start. */
  private readonly others = new Map<string, Present>();
  private own: HubIdentity | null = null;
  private begunAt = monotonicMs();
  private readonly unsubscribe: () => void;
  private readonly timer: NodeJS.Timeout;
  private lastTick = monotonicMs();

  constructor(private readonly bus: Bus) {
    super();
    this.unsubscribe = bus.subscribe(SUBJECT, (message) => this.hear(message));
    this.timer = setInterval(() => this.tick(), TELL_EVERY_MS).unref();
    bus.on('up', this.ask);
    bus.on('down', this.down);
  }

  all(): HubIdentity[] {
    return [...this.others.values()].map(({ hub }) => hub);
  }

  /** From now on, the others hear of this hub. */
  announce(hub: HubIdentity): void {
    this.own = hub;
    this.begunAt = monotonicMs();
    this.ask();
  }

  /** For how long others have heard of this hub, in ms. */
  get age(): number {
    return Math.round(monotonicMs() - this.begunAt);
  }

  /** Returns true if another hub has taken the place of one that says that it is there. */
  isDisplaced(heard: Aged): boolean {
    const now = monotonicMs();
    return [...this.others.values()].some(({ hub, age, heardAt }) => {
      const known = { hub, age: age === null ? null : age + now - heardAt };
      return hub.name === heard.hub.name && hub.start !== heard.hub.start && isDisplaced(heard, known);
    });
  }

  close(): void {
    clearInterval(this.timer);
    this.tell({ ends: true });
    this.unsubscribe();
    this.bus.off('up', this.ask);
    this.bus.off('down', this.down);
  }

  private readonly ask = (): void => this.tell({ asks: true });

  private readonly down = (): void => {
    for (const { hub } of [...this.others.values()]) this.lose(hub, 'the engine is not reached');
  };

  private tell({ asks = false, ends = false }: { asks?: boolean; ends?: boolean } = {}): void {
    const { own: hub, age } = this;
    if (hub) this.bus.publish(SUBJECT, Buffer.from(JSON.stringify({ hub, age, asks, ends })));
  }

  private tick(): void {
    const now = monotonicMs();
    // If this hub was held up itself, the silence says nothing about the others.
    const isLate = now - this.lastTick > 2 * TELL_EVERY_MS;
    this.lastTick = now;
    for (const one of [...this.others.values()]) {
      if (isLate) one.heardAt = now;
      if (now - one.heardAt > GONE_AFTER_MS)
        this.lose(one.hub, `no sign of life for ${GONE_AFTER_MS / 1000} s`);
    }
    this.tell();
  }

  private hear(message: Buffer | null): void {
    const read = readMessage(heartbeat, message);
    if (!read || read.hub.start === this.own?.start) return;
    const { hub, age, asks, ends } = read;
    const known = this.others.get(hub.start);
    if (ends) return known && this.lose(known.hub, 'it was stopped');
    if (this.own?.name === hub.name) {
      if (yieldsTo({ hub: this.own, age: this.age }, { hub, age })) this.emit('displaced');
      return;
    }
    if (asks) this.tell();
    if (known) {
      Object.assign(known, { age, heardAt: monotonicMs() });
      return;
    }
    if (this.isDisplaced({ hub, age })) return;
    for (const one of [...this.others.values()])
      if (one.hub.name === hub.name) this.lose(one.hub, 'it was started anew');
    this.others.set(hub.start, { hub, age, heardAt: monotonicMs() });
    this.emit('come', hub);
  }

  private lose(hub: HubIdentity, why: string): void {
    if (this.others.delete(hub.start)) this.emit('gone', hub, why);
  }
}
