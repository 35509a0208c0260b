/** How long drones have to come back: they redial within five seconds. */
export const REJOIN_WITHIN_MS = 8_000;

/**
 * Waits for the drones that were connected when a hub last ran in this directory. Until they are back, or have had time
 * for it, nothing should be started or ended: a request repeated after a restart of the hub must find the drone that
 * has already served it, and an id must not be reported as unknown because its drone is a moment late.
 */
export class RejoinWindow {
  private readonly away: Set<string>;
  private end: () => void = () => {};
  /** Resolves when all of them are back, or the time is over. */
  readonly over: Promise<void>;

  /** `identities` of the drones to wait for. */
  constructor(identities: Iterable<string>, withinMs = REJOIN_WITHIN_MS) {
    this.away = new Set(identities);
    this.over = new Promise((resolve) => {
      this.end = resolve;
      if (this.away.size === 0) resolve();
      else setTimeout(resolve, withinMs).unref();
    });
  }

  /** Reports that a drone is back. */
  back(identity: string): void {
    if (this.away.delete(identity) && this.away.size === 0) this.end();
  }
}
