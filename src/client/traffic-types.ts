import type { AppTraffic, Endpoint } from '../protocol/endpoints.ts';
import type { FleetError } from '../protocol/errors.ts';

export interface FollowOptions {
  /** True if the hub should wait for `drained` before it stops an instance: that needs the right `proxy`. */
  drains?: boolean | undefined;
  /**
   * Called with the traffic of all apps, at first and when some of it has changed. Instances that are `leaving` are not stopped before it
   * has returned, or what it returned has resolved, within 2 s.
   */
  changed(apps: Record<string, AppTraffic>, followed: Followed): void | Promise<void>;
  /** Called once when the hub cannot be reached, and with null when it can again. */
  trouble?(error: FleetError | null): void;
  /** Ends it. */
  signal: AbortSignal;
}

export interface Followed {
  /** Says that none of this proxy's requests is under way at an instance that was `leaving`. */
  drained(id: string): void;
}

/** What a client can do about traffic. Every method rejects with FleetError. */
export interface TrafficClient {
  /** Returns the instances that may get requests, also those that get none at present. */
  endpoints(): Promise<Endpoint[]>;
  /** Returns the same by app, with the services that get requests, also those that have no instance. */
  traffic(): Promise<Record<string, AppTraffic>>;
  /**
   * Follows the endpoints until the signal aborts; after the connection was lost, it goes on where it was. Rejects if the
   * hub refuses.
   */
  followEndpoints(options: FollowOptions): Promise<void>;
}
