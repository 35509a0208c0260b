import type { HubTarget } from '../protocol/address.ts';

/** The hubs that a client may use, and with which one it begins: with any at first, so that clients spread. */
export class HubRing {
  private at: number;

  /** `hubs` has one at least. */
  constructor(
    private readonly hubs: readonly HubTarget[],
    random: () => number = Math.random,
  ) {
    this.at = Math.floor(random() * hubs.length);
  }

  get size(): number {
    return this.hubs.length;
  }

  /** Returns all of them, in the order in which they are dialled. */
  order(): HubTarget[] {
    return [...this.hubs.slice(this.at), ...this.hubs.slice(0, this.at)];
  }

  /** Begins after the hub that was lost. */
  lost(hub: HubTarget): void {
    this.at = (this.hubs.indexOf(hub) + 1) % this.hubs.length;
  }
}
