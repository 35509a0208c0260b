import type { LastExit } from '../../protocol/process.ts';
import type { Asked, Effect, Input, Moment, Phase, Running, Step } from './phases.ts';
import { isSameRun, type Run } from './process-table.ts';
import {
  after,
  become,
  exited,
  GOING_AWAY,
  type In,
  NOT_RESTARTED,
  STOPPING,
  SUSPENDING,
  tellStart,
  wait,
  whenAsked,
} from './transitions.ts';

type State = In<'ending'>;

/** The phase in which a process is being ended, for good or to start again. */
export function whileEnding(state: State, input: Input, moment: Moment): Step {
  switch (input.type) {
    case 'started':
      return whenStarted(state, input.run, moment.now);
    case 'exited':
      return whenExited(state, input.run, input.exit, moment);
    case 'ended':
      return whenEnded(state, input.killed, moment);
    case 'forgotten':
      return whenForgotten(state);
    case 'end failed':
      return whenEndFailed(state, input.error, moment);
    case 'stop':
    case 'restart':
    case 'suspend':
      return whenAskedAgain(state, input, moment.now);
    default:
      return whenAsked(state, input, moment.now);
  }
}

/** The start in progress could no longer be aborted. */
function whenStarted(state: State, run: Run, now: number): Step {
  const live: Running = { is: 'running', run, since: now };
  return become({ ...state, phase: { ...state.phase, first: false, live } }, tellStart(state));
}

function whenExited(state: State, run: Run, exit: LastExit, moment: Moment): Step {
  const { live, stuck } = state.phase;
  if (!live || !isSameRun(run, live.run)) return become(state);
  const ended = exitedAsAsked(state, live, exit, moment);
  const dead: State = { ...ended.state, phase: { ...state.phase, live: null, last: run } };
  return after(ended.effects, stuck ? hurry(dead, 0, moment.now) : become(dead));
}

function whenEnded(state: State, killed: boolean, moment: Moment): Step {
  const { next, live } = state.phase;
  // Only the parent of a process learns how it ended, and that may be late.
  const ended = live ? exitedAsAsked(state, live, unknownExit(killed, moment), moment) : become(state);
  if (next === 'gone') {
    const phase: Phase = { ...state.phase, live: null, killed };
    return after(ended.effects, become({ ...ended.state, phase }, { do: 'forget' }));
  }
  if (next === 'later') {
    const later: Phase = { is: 'handed over' };
    const answer: Effect = { do: 'answer', to: ['suspend'], killed };
    return after(
      ended.effects,
      become({ ...ended.state, failures: 0, phase: later }, { do: 'save' }, answer),
    );
  }
  const phase: Phase = { is: 'starting', first: false, last: null, killed };
  const fresh = { ...ended.state, failures: 0, ends: [], phase };
  return after(ended.effects, become(fresh, { do: 'start', clean: false }));
}

function whenForgotten(state: State): Step {
  const { first, killed } = state.phase;
  const notices: Effect[] = first ? [] : [{ do: 'tell', event: { type: 'stopped' } }];
  const answer: Effect = { do: 'answer', to: ['stop'], killed };
  const gone: Effect[] = [{ do: 'hooks', after: 'stop' }, ...notices, { do: 'report' }];
  return become({ ...state, phase: { is: 'gone' } }, ...gone, answer);
}

/** A stop remains pending, and the next one tries again. A process that was to be restarted goes on as it is. */
function whenEndFailed(state: State, why: unknown, moment: Moment): Step {
  const { next, live, last } = state.phase;
  if (next === 'gone') {
    return become({ ...state, phase: { ...state.phase, stuck: true } }, { do: 'refuse', to: ['stop'], why });
  }
  if (next === 'later') {
    return become({ ...state, phase: { is: 'handed over' } }, { do: 'refuse', to: ['suspend'], why });
  }
  const refuse: Effect = { do: 'refuse', to: ['restart'], why };
  if (live) return become({ ...state, phase: live }, refuse);
  return after([refuse], wait({ ...state, failures: Math.max(1, state.failures) }, last, moment));
}

/** A stop overrides a restart, whichever came first, and a drone that goes away overrides both: it waits for no stop. */
function whenAskedAgain(state: State, { type, graceMs }: Asked, now: number): Step {
  const { next } = state.phase;
  if (type === 'suspend' && next === 'gone') {
    return become(state, { do: 'answer', to: ['suspend'], killed: false });
  }
  if (type === 'suspend' && next === 'start') {
    const suspending: State = { ...state, phase: { ...state.phase, next: 'later' } };
    return after([SUSPENDING], hurry(suspending, graceMs, now));
  }
  if (type === 'stop' && next !== 'gone') {
    const stopping: State = { ...state, phase: { ...state.phase, next: 'gone' } };
    return after(STOPPING, hurry(stopping, graceMs, now));
  }
  if (type === 'restart' && next !== 'start') {
    const why = next === 'gone' ? NOT_RESTARTED : GOING_AWAY;
    return become(state, { do: 'refuse', to: ['restart'], why });
  }
  return hurry(state, graceMs, now);
}

/** Another request can only shorten the grace period. */
function hurry(state: State, graceMs: number, now: number): Step {
  const { killAt, stuck } = state.phase;
  if (!stuck && killAt <= now + graceMs) return become(state);
  const phase: Phase = { ...state.phase, killAt: now + graceMs, stuck: false };
  return become({ ...state, phase }, { do: 'end', graceMs });
}

/** Without a reason, nobody takes it for a start that has failed. */
function unknownExit(killed: boolean, { restartWhy }: Moment): LastExit {
  const sent = killed ? 'SIGKILL' : 'SIGTERM';
  return { code: null, signal: restartWhy === null ? null : sent };
}

/** Tells of the end of a run that it was asked for; by its drone itself, with the reason. */
function exitedAsAsked(before: State, live: Running, exit: LastExit, { now, restartWhy }: Moment): Step {
  if (before.phase.next === 'start' && restartWhy !== null)
    return exited(before, live, { ...exit, error: `restarted because ${restartWhy}` }, now);
  const { state, effects } = exited(before, live, exit, now);
  const tell = (effect: Effect): Effect =>
    effect.do === 'tell' && effect.event.type === 'exited'
      ? { do: 'tell', event: { ...effect.event, asked: true } }
      : effect;
  return { state, effects: effects.map(tell) };
}
