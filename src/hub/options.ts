import type { FleetError } from '../protocol/errors.ts';

/** Options of `createHub`. */
export interface HubOptions {
  /** The directory that holds `repos/` and the hub's state; the current one by default. */
  dir?: string;
  /** The control port; 0 picks a free one. Default: 7000. */
  port?: number;
  /** The git port; 0 picks a free one. Default: the control port plus one. */
  gport?: number;
  /** The address to listen on. Default: all of them, or loopback if there is no secret. */
  host?: string;
  secret?: string;
  /** Listen on all addresses even without a secret. */
  insecure?: boolean;
  /** PEM files for TLS. */
  cert?: string;
  key?: string;
  /** Use TLS with the hub's own certificate, which is made at the first start. */
  tls?: boolean;
  /** How long the audit trail is kept, in milliseconds; 90 days by default. */
  auditAgeMs?: number;
  /** The bytes that the audit trail may take; 1 GiB by default. */
  auditBytes?: number;
  /** Bytes of memory of each git process that serves a push or a fetch. Default: an eighth of the machine's, 1 to 4 GiB. */
  gitMemory?: number;
  /** Bytes of memory of all these processes together. Default: half of the machine's, 1 GiB at least. */
  allGitMemory?: number;
  /** The largest pack of a push, in bytes. Default: 4 GiB. */
  maxPush?: number;
  /** Copies the audit trail: `syslog`, or a file. */
  auditTo?: string;
  /** The networks of proxies, as `10.0.0.0/8`, of which X-Forwarded-For is believed. */
  trustProxy?: readonly string[];
  /** The servers of the engine that several hubs share, such as `nats://10.0.0.1:4222`. They are one hub. */
  cluster?: readonly string[];
  /** A file of credentials for the engine. */
  clusterCreds?: string;
  /** What the hub is called in its cluster. Default: the name of the machine. */
  name?: string;
  /** Where drones and clients reach the hub. Default: the name of the machine, or `host`, and the control port. */
  advertise?: string;
  /** Takes lines that an operator wants to see: refused logins, drones that join or are lost. */
  log?: (line: string) => void;
}

/** A running hub. */
export interface Hub {
  readonly port: number;
  readonly gport: number;
  readonly host: string;
  /** `sha256:…` of the public key, with TLS. */
  readonly fingerprint: string | null;
  /** Sentences that an operator should read once: no secret, plaintext on a public address. */
  readonly warnings: string[];
  /** Reads the certificate again, for connections from now on. If it cannot be used, that is logged, and the old one stays. */
  reload(): void;
  /** Resolves if the hub cannot go on, to why: another one has its name. Then it is to be closed. */
  readonly failed: Promise<FleetError>;
  /** Closes all connections and the ports. */
  close(): Promise<void>;
}
