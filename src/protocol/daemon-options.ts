import type { HubTarget } from './address.ts';

/** What `createHub` takes. */
export interface HubOptions {
  /** The directory that holds `repos/` and the hub's state; the current one by default. */
  dir?: string;
  /** The control port; 0 takes a free one. 7000 by default. */
  port?: number;
  /** The git port; 0 takes a free one. The control port and one by default. */
  gport?: number;
  /** The address to listen on; all of them by default, loopback only where there is no secret. */
  host?: string;
  secret?: string;
  /** Listen on all addresses although there is no secret. */
  insecure?: boolean;
  /** PEM files for TLS. */
  cert?: string;
  key?: string;
  /** TLS with a certificate of its own, made at the first start. */
  tls?: boolean;
  /** Lines that an operator wants to see: refused logins, drones that come and go. */
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
  /** Ends every connection and closes the ports. */
  close(): Promise<void>;
}

/** What `createDrone` takes. */
export interface DroneOptions extends HubTarget {
  /** The directory that holds `repos/`, `deploy/`, `run/` and `log/`; the current one by default. */
  dir?: string;
  /** The host's name by default, or the name that this directory had before. */
  name?: string;
  /** Bytes of log kept for each process; 16 MiB by default. */
  logMax?: number;
  /** One line for each thing that happens, as `fleet drone` prints them. */
  log?: (line: string) => void;
  /** One line for each thing that goes wrong meanwhile; left out, `log` gets them. */
  problem?: (line: string) => void;
  /** Process output as `[ID#REPO.COMMIT] line`; left out, the drone does not read output that nobody asks for. */
  output?: (lines: string) => boolean;
}

/** A running drone. */
export interface Drone {
  /** The name that the hub gave; null before the first connection. */
  readonly name: string | null;
  /** How many processes it takes care of. */
  readonly running: number;
  /** Settles at the first connection; rejects with EAUTH or EFORBIDDEN when the hub refuses for good. */
  readonly connected: Promise<void>;
  /** Rejects when the drone can never go on (the hub refuses it); resolves after close. */
  readonly ended: Promise<void>;
  /** Leaves the hub; the processes go on. */
  close(): Promise<void>;
  /** Stops all processes, then leaves. */
  stopAll(graceMs: number): Promise<void>;
}
