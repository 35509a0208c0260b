/** How long drones have to come back: they dial again within five seconds. */
const REJOIN_WITHIN_MS = 8_000;

/**
 * The drones that were connected when a hub last ran in this directory. Before they are back, or have had the time for
 * it, nothing should be started or ended: a request that is made again after a restart of the hub must find the drone
 * that has served it already, and an id that a drone has is not unknown because the drone is a moment late.
 */
export class RejoinWindow {
  private readonly away: Set<string>;
  private end: () => void = () => {};
  /** Resolves when they are back, or late. */
  readonly over: Promise<void>;

  /** `identities` of the drones that are waited for. */
  constructor(identities: Iterable<string>, withinMs = REJOIN_WITHIN_MS) {
    this.away = new Set(identities);
    this.over = new Promise((resolve) => {
      this.end = resolve;
      if (this.away.size === 0) resolve();
      else setTimeout(resolve, withinMs).unref();
    });
  }

  /** This drone is here. */
  back(identity: string): void {
    if (this.away.delete(identity) && this.away.size === 0) this.end();
  }
}
