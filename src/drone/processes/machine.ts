import { messageOf } from '../../protocol/errors.ts';
import type { LastExit } from '../../protocol/process.ts';
import { whileEnding } from './ending.ts';
import type { Effect, Found, Input, Moment, Phase, State, Step } from './phases.ts';
import { isSameRun, type Run } from './process-table.ts';
import type { ProcessRecord } from './record.ts';
import {
  after,
  become,
  counted,
  end,
  exited,
  GOING_AWAY,
  giveUp,
  hasEndedTooOften,
  type In,
  NOT_RESTARTED,
  tellExit,
  tellStart,
  toEnding,
  wait,
  whenAsked,
  withLeft,
} from './transitions.ts';

/*
 * The life of a process that a drone keeps running:
 *
 *      spawn                        a drone adopts it
 *        │                    it died │             │ it runs
 *        │    ┌───────────────────────┘             │
 *        ▼    ▼                                     ▼
 *     ┌──────────┐           started          ┌───────────┐
 *     │ starting │ ─────────────────────────▶ │  running  │
 *     └──────────┘                            └───────────┘
 *       │      ▲                                    │
 *       │ start│ due                                │
 *       │ failed                                    │
 *       ▼      │              exited                │
 *     ┌──────────┐                                  │
 *     │ waiting  │ ◀────────────────────────────────┘
 *     └──────────┘
 *
 *     any of the three ── stop, restart ──▶ ending ── ended ──▶ starting   (restart)
 *                                                 └── ended, forgotten ──▶ gone   (stop)
 *     any of the four ──── hand over, suspend ─────▶ handed over   (suspend ends it first)
 *
 * One that has ended too often within the time that its service sets is given up: it waits for a restart, also over
 * drones and boots. A start that fails counts as an end.
 *
 * A first start that fails ends like a stop: the request is refused, and nothing is kept. A restart that is requested
 * during a start waits for that start. A restart that meets a stop, before or after it, is refused: a stop is final.
 */

/** The hub rejects a longer `lastExit.error`. */
const MAX_ERROR_CHARACTERS = 1000;

/** Returns a process that was accepted just now. */
export function promised(): Step {
  const phase: Phase = { is: 'starting', first: true, last: null, killed: false };
  return become({ phase, restarts: 0, failures: 0, lastExit: null, ends: [] }, { do: 'start', clean: false });
}

/** Returns a process that a previous drone has left; `alive` is its run that still exists, or null. */
export function adopted(
  { run, restarts, failures, lastExit, stopping, givenUp, ends: ended }: ProcessRecord,
  alive: { run: Run; since: number } | null,
  moment: Found,
): Step {
  const { boot, now, origin } = moment;
  // The clock may have been set back.
  const ends = ended.map((at) => Math.min(now, at - origin));
  const last = run?.boot === boot ? run : null;
  const phase: Phase = alive
    ? { is: 'running', ...alive }
    : { is: 'starting', first: false, last, killed: false };
  const found: State = { phase, restarts, failures, lastExit, ends };
  // The previous drone was killed during a stop.
  if (stopping) return end(found, 'gone', 0, now);
  if (alive) return become(found);
  if (givenUp) return giveUp(found, last);
  const start: Effect = { do: 'start', clean: true };
  // It was waiting for its next start, or was accepted and never started.
  if (!run) return become(found, start);
  const died = { ...found, failures: failures + 1, lastExit: { code: null, signal: null } };
  const hooks: Effect = { do: 'hooks', after: 'exit' };
  // A boot that ends it is not its failure.
  const counting = last ? counted(died, moment) : died;
  if (hasEndedTooOften(counting, moment)) return after([hooks], giveUp(counting, last));
  return become(counting, hooks, start);
}

/** Returns the next state after this input, and the effects to perform. */
export function step(state: State, input: Input, moment: Moment): Step {
  switch (state.phase.is) {
    case 'starting':
      return whileStarting(state as In<'starting'>, input, moment);
    case 'running':
      return whileRunning(state as In<'running'>, input, moment);
    case 'waiting':
      return whileWaiting(state as In<'waiting'>, input, moment);
    case 'ending':
      return whileEnding(state as In<'ending'>, input, moment);
    case 'handed over':
    case 'gone':
      return whenOver(state, input);
  }
}

function whileStarting(state: In<'starting'>, input: Input, moment: Moment): Step {
  switch (input.type) {
    case 'started': {
      const phase: Phase = { is: 'running', run: input.run, since: moment.now };
      const answer: Effect = { do: 'answer', to: ['spawn', 'restart'], killed: state.phase.killed };
      const next = { ...restarted(state), phase };
      return become(next, { do: 'save' }, tellStart(next), { do: 'report' }, answer);
    }
    case 'start failed':
      return whenStartFailed(state, input.error, moment);
    case 'restart':
      return become(state); // The start in progress answers it.
    default:
      return whenAsked(state, input, moment.now);
  }
}

function whenStartFailed(state: In<'starting'>, why: unknown, moment: Moment): Step {
  const refuse: Effect = { do: 'refuse', to: ['spawn', 'restart'], why };
  if (state.phase.first) return become(toEnding(state, 'gone', moment.now), { do: 'forget' }, refuse);
  const error = messageOf(why).slice(0, MAX_ERROR_CHARACTERS);
  const lastExit: LastExit = { code: null, signal: null, error };
  const failed = wait(
    { ...restarted(state), failures: state.failures + 1, lastExit },
    state.phase.last,
    moment,
  );
  return after([tellExit(lastExit)], { ...failed, effects: [...failed.effects, refuse] });
}

/** The start of a process that has ended before, or could not be started, counts as a restart. */
function restarted(state: State): State {
  return { ...state, restarts: state.restarts + (state.lastExit ? 1 : 0) };
}

function whileRunning(state: In<'running'>, input: Input, moment: Moment): Step {
  const { phase } = state;
  if (input.type !== 'exited' || !isSameRun(input.run, phase.run)) return whenAsked(state, input, moment.now);
  const ended = exited(state, phase, withLeft(input.exit, input.left), moment.now);
  return after(ended.effects, wait(ended.state, phase.run, moment));
}

function whileWaiting(state: In<'waiting'>, input: Input, { now }: Moment): Step {
  if (input.type !== 'due') return whenAsked(state, input, now);
  const { last, until } = state.phase;
  // A timer may be early by a fraction of a millisecond.
  if (now < until) return become(state, { do: 'wake', inMs: until - now });
  const phase: Phase = { is: 'starting', first: false, last, killed: false };
  return become({ ...state, phase }, { do: 'start', clean: true });
}

/** A process that is gone counts as stopped; one that was handed over belongs to the next drone. */
function whenOver({ phase, ...state }: State, input: Input): Step {
  const same = { ...state, phase };
  if (input.type === 'suspend') return become(same, { do: 'answer', to: ['suspend'], killed: false });
  if (input.type !== 'stop' && input.type !== 'restart') return become(same);
  if (phase.is === 'handed over') return become(same, { do: 'refuse', to: [input.type], why: GOING_AWAY });
  if (input.type === 'stop') return become(same, { do: 'answer', to: ['stop'], killed: false });
  return become(same, { do: 'refuse', to: ['restart'], why: NOT_RESTARTED });
}
