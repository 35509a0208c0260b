import { type HubTarget, hubUrl } from '../protocol/address.ts';
import { hubsOf } from '../protocol/hub-list.ts';
import type { Credentials } from './credentials.ts';
import { orderWithout, preferredOrder } from './hub-order.ts';

/** Which of its hubs a drone is at, and which ones it dials when it has lost that. */
export class HubChoice {
  private at: string | null = null;
  private lost: string | null = null;

  constructor(
    private readonly credentials: Pick<Credentials, 'target'>,
    private readonly identity: () => string,
  ) {}

  /** Returns all of them, in the order in which they are dialled. */
  order(): HubTarget[] {
    return orderWithout(this.lost, this.preferred());
  }

  /** The hub that the drone is at, or was at last. */
  get current(): HubTarget {
    const hubs = this.preferred();
    return hubs.find((hub) => hubUrl(hub.hub) === this.at) ?? this.home;
  }

  /** The hub that the drone prefers. */
  get home(): HubTarget {
    return this.preferred()[0] ?? this.credentials.target;
  }

  /** True if there is no other hub. */
  get isOnly(): boolean {
    return !this.credentials.target.hub.includes(',');
  }

  get isHome(): boolean {
    return this.at === hubUrl(this.home.hub);
  }

  joined(hub: HubTarget): void {
    this.at = hubUrl(hub.hub);
  }

  left(hub: HubTarget): void {
    this.lost = hubUrl(hub.hub);
  }

  private preferred(): HubTarget[] {
    const hubs = hubsOf(this.credentials.target);
    return hubs.length === 1 ? hubs : preferredOrder(this.identity(), hubs);
  }
}
