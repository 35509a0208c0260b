import type { FollowOptions } from '../client/traffic-types.ts';
import type { Access } from './access.ts';

/** Where a proxy listens. */
export interface ListenAddress {
  /** All addresses if it is left out. */
  host?: string | undefined;
  port: number;
}

export interface ProxyOptions {
  /** Where it keeps its files. */
  dir: string;
  listen: ListenAddress;
  /** Follows the endpoints of a hub, as `TrafficClient.followEndpoints`. */
  follow(options: FollowOptions): Promise<void>;
  /** Networks of proxies before this one, whose word about clients is taken. */
  trusted?: readonly string[] | undefined;
  answerWithinMs?: number | undefined;
  access?: ((entry: Access) => void) | undefined;
  log(line: string): void;
}

export interface HttpProxy {
  readonly port: number;
  /** Rejects if the hub refuses it, and it knows of no instance. */
  readonly ended: Promise<void>;
  /** Takes no new requests, and ends those under way. */
  close(): Promise<void>;
}
