import type { HubTarget } from '../protocol/address.ts';

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
