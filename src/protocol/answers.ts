import type { WireError } from './errors.ts';
import type { FleetEvent, Interest, OutputPiece } from './events.ts';
import type { DroneStatus, LastExit } from './process.ts';
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

/** What a hub answers to each call of a client. */
export interface ClientAnswers {
  drones: { drones: { name: string; lost: number | null }[] };
  ps: { drones: Record<string, DroneStatus> };
  /** `missing`: the hub has no such commit yet: push it, and ask again. Else what each drone says; null is success. */
  deploy: { missing: boolean; drones: Record<string, WireError | null> };
  spawn: { drones: Record<string, { id: string; error: WireError | null }> };
  stop: { drones: Record<string, StopResult>; unknown: string[] };
  restart: { drones: Record<string, StopResult>; unknown: string[] };
  'exec.start': { drones: Record<string, { id: string; error: WireError | null }> };
  'exec.stdin': null;
  'exec.ack': null;
  'exec.kill': null;
  subscribe: null;
  'logs.list': { drones: Record<string, LogInfo[] | WireError> };
  'logs.read': LogPage;
  /** The token itself, which the hub does not keep. */
  'token.create': { token: string };
  'token.list': { tokens: TokenInfo[] };
  'token.remove': null;
  audit: { entries: AuditEntry[] };
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

/** What a drone answers to each order of its hub. */
export interface OrderAnswers {
  deploy: null;
  /** Not the id that the hub gave, where this very request (by its key) was served before. */
  spawn: { id: string };
  stop: StopResult;
  restart: StopResult;
  'exec.start': null;
  'exec.stdin': null;
  'exec.ack': null;
  'exec.kill': null;
  watch: null;
  'logs.list': { logs: LogInfo[] };
  'logs.read': LogPage;
}

/** What a hub answers to a drone that joins: its name, what it should have checked out, and whose output is wanted. */
export interface Welcome {
  name: string;
  deploy: { repo: string; commit: string }[];
  watch: Interest;
}

/** What a hub tells a client unasked. Each is a notification: it has no answer. */
export interface Notices {
  event: FleetEvent;
  output: OutputPiece & { drone: string };
  /** Output that this subscriber was too slow for. */
  dropped: { lines: number };
  /** A drone has connected: it may have written logs while it was away. */
  joined: { drone: string };
  /** How far a long call has come. */
  progress: { call: string; done: number; total: number };
  'exec.output': { drone: string; id: string; stream: 'stdout' | 'stderr' };
  'exec.exit': { drone: string; id: string } & LastExit;
  'exec.stdin-ack': { drone: string; id: string; bytes: number };
}
