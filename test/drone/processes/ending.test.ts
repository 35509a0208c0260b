import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whileEnding } from '../../../src/drone/processes/ending.ts';
import type { Effect, Ending, Input, Moment, Running } from '../../../src/drone/processes/phases.ts';

const NOW = 1_000_000;
const run = { pid: 100, started: 5, boot: 'b' };
const live: Running = { is: 'running', run, since: NOW - 2_000 };
const moment: Moment = { now: NOW, random: () => 0.5, maxRestarts: null, restartWhy: null };
const why = new Error('no such file');

/** What becomes of a process that is being ended. */
function step(phase: Partial<Ending>, input: Input, more: Partial<Moment> = {}) {
  const ending: Ending = {
    ...{ is: 'ending', next: 'gone', first: false, live, last: null },
    ...{ killAt: NOW + 5_000, killed: false, stuck: false },
    ...phase,
  };
  const before = { phase: ending, restarts: 1, failures: 1, lastExit: null, ends: [1, 2] };
  const { state, effects } = whileEnding(before, input, { ...moment, ...more });
  return { state, phase: state.phase, effects, does: effects.map((effect: Effect) => effect.do) };
}
const exit: Input = { type: 'exited', run, exit: { code: 0, signal: null } };

test('its exit is told as one that was asked for', () => {
  const { effects, phase } = step({}, exit);
  assert.deepEqual(effects.at(-1), {
    do: 'tell',
    event: { type: 'exited', code: 0, signal: null, asked: true },
  });
  assert.ok(phase.is === 'ending' && phase.live === null);
  assert.deepEqual(phase.last, run, 'what it left behind is looked for');
});

test('an exit that its drone itself wants says why, in its record too; one for a stop does not', () => {
  const restartWhy = 'it uses 65M of memory';
  const { effects, state } = step({ next: 'start' }, exit, { restartWhy });
  const ended = { code: 0, signal: null, error: 'restarted because it uses 65M of memory' };
  assert.deepEqual(effects.at(-1), { do: 'tell', event: { type: 'exited', ...ended } });
  assert.deepEqual(state.lastExit, ended);
  const adopted = step({ next: 'start' }, { type: 'ended', killed: true }, { restartWhy }).state.lastExit;
  assert.deepEqual(adopted, { ...ended, code: null, signal: 'SIGKILL' });
  assert.equal(step({ next: 'gone' }, exit, { restartWhy }).state.lastExit?.error, undefined);
});

test('the exit of another run is no news', () => {
  assert.deepEqual(step({}, { ...exit, run: { ...run, started: 4 } }).effects, []);
});

test('another request can only shorten the time until it is killed', () => {
  assert.deepEqual(step({}, { type: 'stop', graceMs: 6_000 }).effects, []);
  assert.deepEqual(step({}, { type: 'stop', graceMs: 1_000 }).effects, [{ do: 'end', graceMs: 1_000 }]);
  assert.deepEqual(step({ stuck: true }, { type: 'stop', graceMs: 6_000 }).effects, [
    { do: 'end', graceMs: 6_000 },
  ]);
});

test('a stop overrides a restart, whichever came first', () => {
  const stopped = step({ next: 'start' }, { type: 'stop', graceMs: 6_000 }).phase;
  assert.ok(stopped.is === 'ending' && stopped.next === 'gone');
  const refused = step({}, { type: 'restart', graceMs: 0 });
  assert.deepEqual(refused.does, ['refuse']);
  assert.ok(refused.phase.is === 'ending' && refused.phase.next === 'gone');
});

test('a stop that fails stays pending; after a restart that fails it goes on as it is', () => {
  const failed: Input = { type: 'end failed', error: why };
  const stuck = step({}, failed).phase;
  assert.ok(stuck.is === 'ending' && stuck.stuck);
  assert.deepEqual(step({ next: 'start' }, failed).phase, live);
  assert.equal(step({ next: 'start', live: null }, failed).phase.is, 'waiting');
});

test('a restart starts anew: neither failures nor ends count any more', () => {
  const { state, does } = step({ next: 'start', live: null }, { type: 'ended', killed: true });
  assert.deepEqual([state.failures, state.ends, state.phase.is], [0, [], 'starting']);
  assert.ok(state.phase.is === 'starting' && state.phase.killed);
  assert.deepEqual(does, ['start']);
});

test('what never ran is not told to have stopped', () => {
  const told = (first: boolean) => step({ first, live: null }, { type: 'forgotten' }).does;
  assert.deepEqual(told(false), ['hooks', 'tell', 'report', 'answer']);
  assert.deepEqual(told(true), ['hooks', 'report', 'answer']);
});
