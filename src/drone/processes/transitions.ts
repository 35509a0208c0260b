import { FleetError } from '../../protocol/errors.ts';
import type { LastExit } from '../../protocol/process.ts';
import { failuresAfter, respawnDelayMs } from './backoff.ts';
import type { Effect, Ending, Input, Moment, Phase, Running, State, Step } from './phases.ts';
import type { Run } from './process-table.ts';

// What several phases share; machine.ts says when it applies.

/** How many pids are named. */
const MAX_LEFT = 3;

/** A state that is known to be in this phase. */
export type In<Name extends Phase['is']> = State & { phase: Extract<Phase, { is: Name }> };

export const NOT_RESTARTED = new FleetError('ENOPROCESS', 'not restarted: it was stopped meanwhile');
const NOT_SPAWNED = new FleetError('ESPAWN', 'it was stopped before it ran');
export const GOING_AWAY = new FleetError('ECLOSED', 'the drone is going away');

/** Effects of a stop: those who wait for a start are refused. */
export const STOPPING: Effect[] = [
  { do: 'save' },
  { do: 'refuse', to: ['spawn'], why: NOT_SPAWNED },
  { do: 'refuse', to: ['restart'], why: NOT_RESTARTED },
];

/** Returns a step to this state, which may be the same one. */
export function become(state: State, ...effects: Effect[]): Step {
  return { state, effects };
}

/** Returns a step with other effects before its own. */
export function after(effects: readonly Effect[], then: Step): Step {
  return { state: then.state, effects: [...effects, ...then.effects] };
}

/** Effects of a suspension: nobody gets to see a start here. */
export const SUSPENDING: Effect = { do: 'refuse', to: ['spawn', 'restart'], why: GOING_AWAY };

/** Handles requests to a process that is not being ended yet. */
export function whenAsked(state: State, input: Input, now: number): Step {
  switch (input.type) {
    case 'stop':
      return end(state, 'gone', input.graceMs, now);
    case 'restart':
      return end(state, 'start', input.graceMs, now);
    case 'suspend':
      return suspend(state, input.graceMs, now);
    case 'hand over':
      return handOver(state);
    default:
      return become(state); // News of a run that is over, or of a start that was given up.
  }
}

export function end(state: State, next: Ending['next'], graceMs: number, now: number): Step {
  const before = { start: [], gone: STOPPING, later: [SUSPENDING] };
  const effects: Effect[] = [...before[next], { do: 'end', graceMs }];
  return { state: toEnding(state, next, now + graceMs), effects };
}

export function toEnding(state: State, next: Ending['next'], killAt: number): In<'ending'> {
  const { phase } = state;
  const ending: Ending = {
    is: 'ending',
    next,
    first: phase.is === 'starting' && phase.first,
    live: phase.is === 'running' ? phase : null,
    last: 'last' in phase ? phase.last : null,
    killAt,
    killed: false,
    stuck: false,
  };
  return { ...state, phase: ending };
}

/** What does not run, and may have been given up, stays as it is. */
function suspend(state: State, graceMs: number, now: number): Step {
  if (state.phase.is !== 'waiting') return end(state, 'later', graceMs, now);
  return after([{ do: 'answer', to: ['suspend'], killed: false }], handOver(state));
}

function handOver(state: State): Step {
  const refuse: Effect = { do: 'refuse', to: ['spawn', 'stop', 'restart', 'suspend'], why: GOING_AWAY };
  return become({ ...state, phase: { is: 'handed over' } }, { do: 'let go' }, refuse);
}

/** Handles the end of a run: its last line is finished before anybody is told. The caller decides the next phase. */
export function exited(state: State, { since }: Running, exit: LastExit, now: number): Step {
  const failures = failuresAfter(state.failures, now - since);
  return become({ ...state, failures, lastExit: exit }, { do: 'hooks', after: 'exit' }, tellExit(exit));
}

/** Adds that it has left these processes behind, which are ended before its next start: it may have become a daemon. */
export function withLeft(exit: LastExit, left: readonly number[] = []): LastExit {
  if (left.length === 0) return exit;
  const [some, more] = [left.slice(0, MAX_LEFT), left.length - MAX_LEFT];
  const pids = `pid ${some.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return { ...exit, error: `left ${pids} running in the background; it must stay in the foreground` };
}

export function tellStart({ restarts }: State): Effect {
  return { do: 'tell', event: { type: 'spawned', ...(restarts > 0 && { restarts }) } };
}

export function tellExit(exit: LastExit): Effect {
  return { do: 'tell', event: { type: 'exited', ...exit } };
}

/** Notes that it has just ended, or could not be started. */
export function counted(state: State, { now, maxRestarts }: Moment): State {
  if (maxRestarts === null) return state;
  const lately = state.ends.filter((at) => now - at < maxRestarts.withinMs);
  return { ...state, ends: [...lately, now].slice(-maxRestarts.count - 1) };
}

export function hasEndedTooOften({ ends }: State, { maxRestarts }: Moment): boolean {
  return maxRestarts !== null && ends.length > maxRestarts.count;
}

/** Starts it no more until somebody restarts it. */
export function giveUp(state: State, last: Run | null): Step {
  const phase: Phase = { is: 'waiting', last, until: Number.POSITIVE_INFINITY };
  return become({ ...state, phase }, { do: 'save' }, { do: 'report' });
}

/** Waits for the next start, longer after each failure, or gives it up if it has ended too often. */
export function wait(before: State, last: Run | null, moment: Moment): Step {
  const state = counted(before, moment);
  if (hasEndedTooOften(state, moment)) return giveUp(state, last);
  const { now, random } = moment;
  const inMs = respawnDelayMs(state.failures, random);
  const waiting: State = { ...state, phase: { is: 'waiting', last, until: now + inMs } };
  return become(waiting, { do: 'save' }, { do: 'wake', inMs }, { do: 'report' });
}
