import type { HubTarget } from '../protocol/address.ts';
import type { MinFree } from './min-free.ts';

/** Options of `createDrone`. */
export interface DroneOptions extends HubTarget {
  /** The directory that holds `repos/`, `deploy/`, `run/` and `log/`; the current one by default. */
  dir?: string;
  /** Default: the name that this directory had before, or the host's name. */
  name?: string;
  /**
   * An invitation: the drone joins with a key of its own, which it makes, and which is used from then on if there is no
   * secret.
   */
  join?: string;
  /** Bytes of log kept for each process; 16 MiB by default. */
  logMax?: number;
  /**
   * A commit is refused if it would leave less free on the disk: bytes, or a share such as `5%`. The default is 5%, at most
   * 500 MB.
   */
  minFree?: MinFree;
  /** A commit with more is refused. The default is 100,000 files and directories, and 10 GiB. */
  maxCommit?: { files: number; bytes: number };
  /** What the files of apps select it by, such as `{role: 'web'}`. */
  labels?: Record<string, string>;
  /** The ports that it gives to instances of services; 20000 to 29999 by default. */
  ports?: { first: number; last: number };
  /** Where others reach its instances; by default, the local address of its connection to the hub. */
  address?: string;
  /** Takes a line for each event, as `fleet drone` prints them. */
  log?: (line: string) => void;
  /** Takes a line for each problem; without it, `log` gets them. */
  problem?: (line: string) => void;
  /**
   * Takes process output as `[ID#REPO.COMMIT] line`; without it, the drone reads only output that somebody asks for.
   */
  output?: (lines: string) => boolean;
}

/** A running drone. */
export interface Drone {
  /** The name that the hub gave it; null before the first connection. */
  readonly name: string | null;
  /** How many processes it keeps running. */
  readonly running: number;
  /** Resolves at the first connection; rejects with EAUTH or EFORBIDDEN if the hub refuses for good. */
  readonly connected: Promise<void>;
  /** Rejects if the drone can never continue (the hub refuses it); resolves after close. */
  readonly ended: Promise<void>;
  /** Disconnects from the hub; the processes keep running. */
  close(): Promise<void>;
  /**
   * Disconnects, then ends all processes: the next drone in the directory starts them again. For when the machine goes
   * down. `graceMs` is for those whose service does not say.
   */
  suspend(graceMs: number): Promise<void>;
  /** Stops all processes, then disconnects. */
  stopAll(graceMs: number): Promise<void>;
}
