import type { WireError } from './errors.ts';
import type { Right } from './rights.ts';

/** A log that a drone keeps, of a process that runs or did. Offsets are bytes of the file and stay true for ever. */
export interface LogInfo {
  id: string;
  repo: string;
  commit: string;
  command: string[];
  /** The first byte still kept. */
  start: number;
  end: number;
  /** Lines that the cap has cut away. */
  dropped: number;
}

/** A stretch of one log; its bytes are the message's body, whole lines but for the last of a finished log. */
export interface LogPage {
  from: number;
  to: number;
  start: number;
  end: number;
  dropped: number;
  /** `[offset, ms since 1970]`: the line at or after the offset was written at about that time; ascending. */
  times: [number, number][];
}

/** A token, without its text. Times are in milliseconds since 1970; null is never, or all. */
export interface TokenInfo {
  name: string;
  can: Right[];
  repo: string | null;
  created: number;
  expires: number | null;
}

/** One thing that somebody did, as the hub wrote it down; beside these keys are the call's parameters. */
export interface AuditEntry {
  /** ISO 8601. */
  time: string;
  /** The token's name, or `secret`. */
  who: string;
  address: string;
  call: string;
  /** `ok`, or what went wrong. */
  result: string;
  [parameter: string]: unknown;
}

/** What became of the processes that one drone was asked to stop (or restart). */
export interface StopResult {
  /** Ended by themselves after SIGTERM. */
  stopped: string[];
  /** Had to be ended with SIGKILL. */
  killed: string[];
  errors: Record<string, WireError>;
}
