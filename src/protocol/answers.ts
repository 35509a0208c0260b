import type { WireError } from './errors.ts';
import type { LastExit } from './process.ts';
import type { Right } from './rights.ts';

/** What happened to a process: after the byte before `at` of its log, at `time` (ms since 1970). */
export interface LogMark extends LastExit {
  /** Ascends by one in each log. */
  number: number;
  at: number;
  time: number;
  /** `exited`, `restarted`; newer drones may know more. */
  type: string;
}

/** Of what of an app a log is: of an instance, or else of the command of a release, or of a build if `release` is null. */
export interface LogOwner {
  app: string;
  release: number | null;
  service: string | null;
  slot: number | null;
}

/** A log that a drone keeps of a process that runs or ran. Offsets are in bytes and never change. */
export interface LogInfo {
  id: string;
  repo: string;
  commit: string;
  command: string[];
  /** Offset of the first byte that is still kept. */
  start: number;
  end: number;
  /** Lines removed by the cap. */
  dropped: number;
  /** Present if more were removed than `dropped` says: they came faster than they could be counted. */
  atLeast?: boolean;
  /** The number of the newest mark; left out if there is none. */
  marked?: number;
  /** Left out if it is not of an app. */
  of?: LogOwner;
  /** Present if its process was stopped more than an hour ago. */
  archived?: boolean;
}

/** A part of a log. Its bytes are the message's body: whole lines, except for the last line of a finished log. */
export interface LogPage {
  from: number;
  to: number;
  start: number;
  end: number;
  dropped: number;
  /** As in {@link LogInfo}. */
  atLeast?: boolean;
  /** `[offset, ms since 1970]`, ascending: the line at or after the offset was written at about that time. */
  times: [number, number][];
  /** What happened to the process within this part, or at its ends; left out if nothing did. */
  marks?: LogMark[];
  /** Where the last line begins, if it is unfinished. */
  begun?: number;
}

/** What a token is limited to, beside its rights and its repository. */
export interface TokenLimits {
  /** Stages of its repository: a name, in which `*` is anything. */
  stage?: string;
  /** Drones: names, in which `*` is anything, or labels, such as `role=web`. Any of them. */
  drones?: string[];
  /** The only commands, each a list of words, that it may exec. */
  commands?: string[][];
}

/** A token, without its text. Times are in milliseconds since 1970; null means never, or all. */
export interface TokenInfo {
  name: string;
  /** Tells tokens apart that have had the same name; left out by an older hub. */
  accessor?: string;
  can: Right[];
  repo: string | null;
  /** The only name that a drone with it gets; null or left out for any. */
  drone?: string | null;
  /** True if it only lets one drone join, once. */
  invitation?: boolean;
  /** Left out if there are none. */
  limits?: TokenLimits;
  /** The name of the token that it ends with; null or left out for none. */
  parent?: string | null;
  created: number;
  expires: number | null;
}

/** An entry of the audit trail; the call's parameters are further keys. */
export interface AuditEntry {
  /** Its number, and the hash of it and of all entries before it; left out by an older hub. */
  n?: number;
  hash?: string;
  /** ISO 8601. */
  time: string;
  /** The token's name, or `secret`. */
  who: string;
  /** Of the token: tells tokens apart that have had the same name. */
  accessor?: string;
  address: string;
  call: string;
  /** `ok`, or what went wrong. */
  result: string;
  [parameter: string]: unknown;
}

/** What a check of the audit trail has found. */
export interface AuditVerdict {
  /** How many entries are as they were written, up to the fault. */
  entries: number;
  /** Lines of an older fleet, which have no hashes, but are as they were when this one took over. */
  unchained: number;
  /** The number and hash of the last of these entries. */
  last: { n: number; hash: string };
  /** The first thing that is wrong: where, the number of the entry if it has one, and what. */
  fault: { file: string; line: number; n: number | null; why: string } | null;
}

/** The result of a stop or restart on one drone. */
export interface StopResult {
  /** Ended by themselves after SIGTERM. */
  stopped: string[];
  /** Had to be ended with SIGKILL. */
  killed: string[];
  errors: Record<string, WireError>;
}

/** A hub of a cluster; what is not known is null. */
export interface HubEntry {
  name: string;
  version: string;
  /** Where drones and clients reach it. */
  address: string | null;
  /** How many are connected to it. */
  drones: number | null;
  repositories: number | null;
  /** Seconds. */
  uptime: number | null;
  /** True if it makes the decisions about apps. */
  leads: boolean | null;
  /** For how many seconds the hub that is asked, which does not reach the engine, has not heard of it; null if it has. */
  lost: number | null;
  /** Why it cannot do what needs the engine; null if it can, or if that is not known. */
  problem: string | null;
}
