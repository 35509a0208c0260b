import type { LogMark } from './answers.ts';
import type { AppEvent } from './apps.ts';
import type { LastExit } from './process.ts';

/** How a process ended; `asked` if it was ended by a stop or a restart. */
type Exit = LastExit & { asked?: boolean };

/** What happened on a drone, as a drone tells it. */
export type DroneEvent =
  | { type: 'deployed'; repo: string; commit: string }
  /** `restarts`: how often it was started before, if it was. */
  | { type: 'spawned'; id: string; repo: string; commit: string; command: string[]; restarts?: number }
  | ({ type: 'exited'; id: string; repo: string; commit: string; command: string[] } & Exit)
  | { type: 'stopped'; id: string; repo: string; commit: string; command: string[] };

/**
 * What happened on a drone, as a subscriber sees it. `time` is in milliseconds since 1970; `key` tells it from all others,
 * if its drone says one.
 */
export type FleetEvent = DroneEvent & { drone: string; time: number; key?: string };

/** What else happens at a hub. */
export type HubOnlyEvent =
  | AppEvent
  /** `connection`: what tells this one of the drone from others, at all hubs of a cluster. */
  | { type: 'joined'; drone: string; version: string; connection?: string }
  | { type: 'lost'; drone: string; why: string; connection?: string }
  /** Somebody pushed a branch or tag with git. */
  | {
      type: 'pushed';
      repo: string;
      ref: string;
      commit: string;
      who: string;
      accessor?: string;
      address: string;
    }
  /** Somebody made a call that the audit trail keeps; `repo` if it is about one. */
  | {
      type: 'called';
      call: string;
      who: string;
      /** Of the token: tells tokens apart that have had the same name. */
      accessor?: string;
      address: string;
      result: string;
      repo?: string;
      [parameter: string]: unknown;
    };

/** An event of the hub's log. Numbers ascend by one for each event, also over restarts of the hub. */
export type HubEvent = (FleetEvent | (HubOnlyEvent & { time: number })) & { seq: number };

/**
 * A piece of a process's log: the bytes from `from` up to, but excluding, `to`. The bytes are the message's body: whole
 * lines, except for a line too long for one message. If `from` is not the previous `to`, something was skipped, and can
 * be read with `logs.read` while the drone keeps it.
 */
export interface OutputPiece {
  id: string;
  repo: string;
  commit: string;
  from: number;
  to: number;
  /** Milliseconds since 1970, by the drone's clock, when the drone saw it. */
  time: number;
  /** Lines between the last piece and this one that were skipped because a reader was slow. */
  dropped: number;
  /** Present if more were skipped than `dropped` says. */
  atLeast?: boolean;
  /** What has happened to the process just now; a piece that has this has no bytes. */
  marks?: LogMark[];
  /**
   * Present if these bytes are of an unfinished line: where it begins. They are a preview: the next piece that has no
   * `begun` begins there, too.
   */
  begun?: number;
}

/** Whose output somebody wants: everything, or the named processes, or those of a repository. */
export interface Interest {
  all: boolean;
  ids: string[];
  repos: string[];
}
