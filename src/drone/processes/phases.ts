import type { LastExit } from '../../protocol/process.ts';
import type { Run } from './process-table.ts';

export type Phase =
  /** `last` is the run before, of which something may be left; `killed` if a restart had to end that with SIGKILL. */
  | { is: 'starting'; first: boolean; last: Run | null; killed: boolean }
  | Running
  | { is: 'waiting'; last: Run | null; until: number }
  | Ending
  /** The drone goes away: the process is left to the next one, as it is. */
  | { is: 'handed over' }
  | { is: 'gone' };

export interface Running {
  is: 'running';
  run: Run;
  since: number;
}

export interface Ending {
  is: 'ending';
  next: 'start' | 'gone';
  /** It never ran, and whoever wanted it has been refused. */
  first: boolean;
  /** What runs and has to end; null once it has. */
  live: Running | null;
  last: Run | null;
  /** When SIGKILL goes out. */
  killAt: number;
  killed: boolean;
  /** Not even SIGKILL has helped, or its record could not be removed: the next stop tries again. */
  stuck: boolean;
}

/** All that is known of a process but what was promised. Times are by `performance.now`: no clock change matters. */
export interface State {
  readonly phase: Phase;
  /** Restarts since it was spawned. */
  readonly restarts: number;
  /** Ends in a row, without ten minutes of health between them. */
  readonly failures: number;
  readonly lastExit: LastExit | null;
}

/** What somebody may ask for, and waits for the answer. */
export type Request = 'spawn' | 'stop' | 'restart';

/** Milliseconds from SIGTERM to SIGKILL. */
export interface Asked {
  type: 'stop' | 'restart';
  graceMs: number;
}

/** What happens to a process. */
export type Input =
  | Asked
  | { type: 'hand over' }
  /** What came of `start`. */
  | { type: 'started'; run: Run }
  | { type: 'start failed'; error: unknown }
  | { type: 'exited'; run: Run; exit: LastExit }
  /** What came of `end`, and of `forget`. */
  | { type: 'ended'; killed: boolean }
  | { type: 'forgotten' }
  | { type: 'end failed'; error: unknown }
  /** The time that was asked for with `wake` has come. */
  | { type: 'due' };

/** What is to be done, in the order of the list. */
export type Effect =
  /** Start it; with `clean`, first end what the run before has left behind. Brings `started` or `start failed`. */
  | { do: 'start'; clean: boolean }
  /**
   * Give up a start that is under way, and end all there is: SIGTERM, then SIGKILL. Takes the place of an `end` that is
   * under way. Brings `ended` or `end failed`.
   */
  | { do: 'end'; graceMs: number }
  /** Remove its record for good. Brings `forgotten` or `end failed`. */
  | { do: 'forget' }
  /** Write its record. */
  | { do: 'save' }
  /** Bring `due`, unless the phase has changed by then. */
  | { do: 'wake'; inMs: number }
  | { do: 'hooks'; after: 'exit' | 'stop' }
  /** Tell the hub how it is now, or that it is gone. */
  | { do: 'report' }
  /** Tell all who follow events. */
  | { do: 'tell'; event: { type: 'spawned' | 'stopped' } | ({ type: 'exited' } & LastExit) }
  /** Answer all who wait for these requests; `killed` if SIGKILL was needed. */
  | { do: 'answer'; to: Request[]; killed: boolean }
  | { do: 'refuse'; to: Request[]; why: unknown }
  /** Touch it no more: give up what is under way. */
  | { do: 'let go' };

/** What a process becomes, and what is to be done about it. */
export interface Step {
  state: State;
  effects: Effect[];
}

/** What a step depends on beside its input. */
export interface Moment {
  now: number;
  random(): number;
}

/** The run whose process is there, or was until a moment ago; null if there is none. */
export function liveRun(phase: Phase): Run | null {
  if (phase.is === 'running') return phase.run;
  return phase.is === 'ending' ? (phase.live?.run ?? null) : null;
}

/** The run that the process's session is named after, alive or not; null if none has left anything. */
export function leaderOf(phase: Phase): Run | null {
  return liveRun(phase) ?? ('last' in phase ? phase.last : null);
}
