import type { FollowOptions } from '../client/traffic-types.ts';
import type { Access } from './access.ts';
import type { KeeperOptions } from './acme/keeper.ts';
import type { CertificateFiles } from './certificates.ts';

/** Where a proxy listens. */
export interface ListenAddress {
  /** All addresses if it is left out. */
  host?: string | undefined;
  port: number;
}

/** By what a proxy gets certificates. */
export type AcmeOptions = Pick<KeeperOptions, 'hub' | 'authority' | 'way'>;

export interface ProxyOptions {
  /** Where it keeps its files. */
  dir: string;
  listen: ListenAddress;
  /** Where it listens with TLS. A request without it is redirected there if a certificate is for its host. */
  tls?: { listen: ListenAddress; certificates: readonly CertificateFiles[] } | undefined;
  /** How certificates are ordered; only with `tls`. */
  acme?: AcmeOptions | undefined;
  /** Follows the endpoints of a hub, as `TrafficClient.followEndpoints`. */
  follow(options: FollowOptions): Promise<void>;
  /** Networks of proxies before this one, whose word about clients is taken. */
  trusted?: readonly string[] | undefined;
  answerWithinMs?: number | undefined;
  /** Of the body of a request; any by default. */
  maxBodyBytes?: number | undefined;
  access?: ((entry: Access) => void) | undefined;
  log(line: string): void;
}

export interface HttpProxy {
  readonly port: number;
  /** Null without TLS. */
  readonly tlsPort: number | null;
  /** Rejects if the hub refuses it, and it knows of no instance. */
  readonly ended: Promise<void>;
  /** Reads the certificates again. */
  reload(): void;
  /** Takes no new requests, and ends those under way. */
  close(): Promise<void>;
}
