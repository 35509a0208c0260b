import type { InstanceSpec } from '../../protocol/instance.ts';
import type { LastExit, ProcessSpec } from '../../protocol/process.ts';
import type { Run } from './process-table.ts';

export type Phase =
  /** `last` is the previous run, which may have left processes; `killed` if a restart had to end it with SIGKILL. */
  | { is: 'starting'; first: boolean; last: Run | null; killed: boolean }
  | Running
  /** `until` is infinite if it was given up: only a restart starts it again. */
  | { is: 'waiting'; last: Run | null; until: number }
  | Ending
  /** The drone goes away: the process is left to the next one as it is. */
  | { is: 'handed over' }
  | { is: 'gone' };

export interface Running {
  is: 'running';
  run: Run;
  since: number;
}

export interface Ending {
  is: 'ending';
  /** `later`: the next drone starts it. */
  next: 'start' | 'gone' | 'later';
  /** It never ran, and its request was refused. */
  first: boolean;
  /** The run that has to end; null once it has. */
  live: Running | null;
  last: Run | null;
  /** When SIGKILL is sent. */
  killAt: number;
  killed: boolean;
  /** Not even SIGKILL helped, or the record could not be removed: the next stop tries again. */
  stuck: boolean;
}

/**
 * All that is known about a process apart from its record. Times are by `performance.now`, so that clock changes don't
 * matter.
 */
export interface State {
  readonly phase: Phase;
  /** Restarts since it was spawned. */
  readonly restarts: number;
  /** Failures in a row, without ten healthy minutes in between. */
  readonly failures: number;
  readonly lastExit: LastExit | null;
  /** When it has ended or could not be started lately, as far as its service limits that. */
  readonly ends: readonly number[];
}

/** A request whose caller waits for the answer. */
export type Request = 'spawn' | 'stop' | 'restart' | 'suspend';

/** Milliseconds from SIGTERM to SIGKILL. */
export interface Asked {
  type: 'stop' | 'restart' | 'suspend';
  graceMs: number;
}

/** What can happen to a process. */
export type Input =
  | Asked
  | { type: 'hand over' }
  /** Results of `start`. */
  | { type: 'started'; run: Run }
  | { type: 'start failed'; error: unknown }
  /** `left`: the pids of what it has started and that still runs, if it ended with status 0. */
  | { type: 'exited'; run: Run; exit: LastExit; left?: readonly number[] }
  /** Results of `end` and `forget`. */
  | { type: 'ended'; killed: boolean }
  | { type: 'forgotten' }
  | { type: 'end failed'; error: unknown }
  /** The time requested by `wake` has come. */
  | { type: 'due' };

/** Effects, performed in the order of the list. */
export type Effect =
  /** Start it; with `clean`, first end what the previous run has left behind. Leads to `started` or `start failed`. */
  | { do: 'start'; clean: boolean }
  /**
   * Give up a start in progress, and end everything: SIGTERM, then SIGKILL. Replaces an `end` in progress. Leads to
   * `ended` or `end failed`.
   */
  | { do: 'end'; graceMs: number }
  /** Remove its record for good. Leads to `forgotten` or `end failed`. */
  | { do: 'forget' }
  /** Write its record. */
  | { do: 'save' }
  /** Send `due` at that time, unless the phase has changed by then. */
  | { do: 'wake'; inMs: number }
  | { do: 'hooks'; after: 'exit' | 'stop' }
  /** Report its current state to the hub, or that it is gone. */
  | { do: 'report' }
  /** Tell everybody who follows events. */
  | {
      do: 'tell';
      event:
        | { type: 'spawned'; restarts?: number }
        | { type: 'stopped' }
        | ({ type: 'exited'; asked?: boolean } & LastExit);
    }
  /** Answer everybody who waits for these requests; `killed` if SIGKILL was needed. */
  | { do: 'answer'; to: Request[]; killed: boolean }
  | { do: 'refuse'; to: Request[]; why: unknown }
  /** Stop touching it: give up what is in progress. */
  | { do: 'let go' };

/** The next state of a process, and the effects to perform. */
export interface Step {
  state: State;
  effects: Effect[];
}

/** What a step depends on besides its input. */
export interface Moment {
  now: number;
  random(): number;
  /** How often it may end within which time; null for any number of times. */
  maxRestarts: InstanceSpec['maxRestarts'];
  /** Why its drone wants it restarted, as `it uses 600M of memory`; null if it does not. */
  restartWhy: string | null;
}

/** What the first step of a process depends on that a previous drone has left. */
export interface Found extends Moment {
  /** See `bootId`. */
  boot: string;
  /** The time at which `performance.now` was 0, in milliseconds since 1970. */
  origin: number;
}

/** Returns the present moment for a process of this spec. */
export function momentOf({ instance }: ProcessSpec, restartWhy: string | null): Moment {
  return {
    now: performance.now(),
    random: Math.random,
    maxRestarts: instance?.maxRestarts ?? null,
    restartWhy,
  };
}

/** Returns true if a process is not started again by itself. */
export function isGivenUp(phase: Phase): boolean {
  return phase.is === 'waiting' && !Number.isFinite(phase.until);
}

/** Returns the run whose process exists, or existed a moment ago; null if there is none. */
export function liveRun(phase: Phase): Run | null {
  if (phase.is === 'running') return phase.run;
  return phase.is === 'ending' ? (phase.live?.run ?? null) : null;
}

/** Returns the run that leads the process's session, alive or not; null if none has left anything. */
export function leaderOf(phase: Phase): Run | null {
  return liveRun(phase) ?? ('last' in phase ? phase.last : null);
}
