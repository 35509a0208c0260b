import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { type Fence, isLower } from '../../protocol/fence.ts';
import type { HUB_APP_CALLS } from '../../protocol/hub-app-calls.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { monotonicMs } from '../../system/monotonic.ts';
import type { DroneDirectory } from '../drones/directory.ts';
import type { Lease } from '../leases/lease.ts';
import type { Decider, FenceSource } from '../start-count.ts';
import { dronesAreBack } from './drones-are-back.ts';
import type { OtherHub, OtherHubs } from './other-hubs.ts';

/** How long somebody who needs the hub that leads waits for one: as another hub takes over, or the engine does not answer. */
const TAKEN_OVER_WITHIN_MS = 20_000;
const ENGINE_WITHIN_MS = 4_000;
const TRY_AGAIN_AFTER_MS = 500;

export interface LeadershipParts {
  lease: Pick<Lease, 'fence' | 'holder' | 'problem' | 'on' | 'start' | 'hurry' | 'confirm' | 'close'>;
  others: OtherHubs;
  directory: DroneDirectory;
  log(line: string): void;
}

/** What is led. */
export interface Led {
  /** Resolves when this hub knows its drones. */
  ready: Promise<void>;
  lead(): void;
  follow(): void;
  /** Makes sure that what this hub knows is what is stored. Throws EIO, ECLUSTER. */
  confirm(): Promise<void>;
}

/**
 * Which hub decides about apps: the one that has the lease, once it knows what is stored and which drones are there. It
 * tells the others that it leads. Emits `changed` when this may be another one.
 */
export class Leadership extends EventEmitter<{ changed: [] }> implements FenceSource {
  private led: Led | null = null;
  private isLeading = false;
  /** What other hubs say. */
  private readonly claims = new Map<OtherHub, Fence>();
  /** By app: what is compared first in its fences, if that is not from the lease. */
  private readonly raised = new Map<string, number>();

  constructor(private readonly parts: LeadershipParts) {
    super();
    this.setMaxListeners(0);
    const { lease, others } = parts;
    lease.on('taken', (fence) => void this.begin(fence));
    lease.on('lost', () => this.end());
    others.on('come', (other) => this.tell(other));
    others.on('gone', (other) => this.claim(other, null));
  }

  /** Begins to try for the lease, once this hub knows its drones. */
  start(led: Led): void {
    this.led = led;
    void led.ready.then(() => this.parts.lease.start());
  }

  async close(): Promise<void> {
    await this.parts.lease.close();
    this.end();
  }

  get isHere(): boolean {
    return this.isLeading && this.parts.lease.fence !== null;
  }

  /** The other hub that leads; null if none says that it does. */
  get elsewhere(): OtherHub | null {
    const [first, ...more] = this.claims;
    if (!first) return null;
    const [other] = more.reduce((highest, one) => (isLower(highest[1], one[1]) ? one : highest), first);
    return other;
  }

  of(app: string): Fence | null {
    const fence = this.isLeading ? this.parts.lease.fence : null;
    if (!fence) return null;
    return { ...fence, created: Math.max(fence.created, this.raised.get(app) ?? 0) };
  }

  raiseAbove(app: string, fence: Fence): void {
    const own = this.of(app);
    if (own && isLower(own, fence)) this.raised.set(app, fence.created + 1);
  }

  /** Whether another hub has led is for the engine to say: a drone may lie. */
  async refused({ count }: Fence): Promise<Decider> {
    const confirmed = await this.parts.lease.confirm();
    return confirmed?.count === count ? 'here' : 'elsewhere';
  }

  /** Resolves to the hub that leads, null for this one, as soon as there is one. Throws ECLUSTER after a while. */
  async find(): Promise<OtherHub | null> {
    const since = monotonicMs();
    for (;;) {
      if (this.isHere) return null;
      if (this.elsewhere) return this.elsewhere;
      const within = this.parts.lease.problem === null ? TAKEN_OVER_WITHIN_MS : ENGINE_WITHIN_MS;
      if (monotonicMs() - since >= within) throw new FleetError('ECLUSTER', this.whyNone());
      await this.changes(TRY_AGAIN_AFTER_MS);
    }
  }

  handlers(other: OtherHub): Pick<Handlers<typeof HUB_APP_CALLS>, 'leads'> {
    return { leads: ({ fence }) => this.claim(other, fence) };
  }

  private whyNone(): string {
    const { holder, problem } = this.parts.lease;
    if (problem !== null) return `no hub leads: ${problem}`;
    if (holder === null) return 'no hub leads; try again';
    return `${holder} leads, and is not reached from here; try again, or at another hub`;
  }

  private async begin({ count }: Fence): Promise<void> {
    const { lease, directory, log } = this.parts;
    const { led } = this;
    const isStill = () => lease.fence?.count === count;
    await dronesAreBack(directory);
    while (led && isStill()) {
      try {
        await led.confirm();
        break;
      } catch (error) {
        log(`this hub leads as soon as it knows what is stored: ${messageOf(error)}`);
        await sleep(TRY_AGAIN_AFTER_MS);
      }
    }
    if (!led || !isStill()) return;
    log('this hub leads');
    this.isLeading = true;
    led.lead();
    this.changed();
  }

  private end(): void {
    if (!this.isLeading) return;
    this.isLeading = false;
    this.parts.log('this hub leads no more');
    this.led?.follow();
    this.changed();
  }

  private claim(other: OtherHub, fence: Fence | null): void {
    const before = this.claims.get(other);
    if (fence) this.claims.set(other, fence);
    else this.claims.delete(other);
    // It has given the lease back, if it could.
    if (before && !fence) this.parts.lease.hurry();
    this.emit('changed');
  }

  private changed(): void {
    for (const other of this.parts.others.all()) this.tell(other);
    this.emit('changed');
  }

  private tell(other: OtherHub): void {
    other.calls.notify('leads', { fence: this.isHere ? this.parts.lease.fence : null });
  }

  private changes(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.off('changed', end);
        resolve();
      };
      const timer = setTimeout(end, withinMs).unref();
      this.on('changed', end);
    });
  }
}
