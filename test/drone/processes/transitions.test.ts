import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isGivenUp,
  type Moment,
  type Phase,
  type Running,
  type State,
} from '../../../src/drone/processes/phases.ts';
import {
  after,
  become,
  counted,
  exited,
  toEnding,
  wait,
  whenAsked,
} from '../../../src/drone/processes/transitions.ts';

const NOW = 1_000_000;
const run = { pid: 100, started: 5, boot: 'b' };
const running: Running = { is: 'running', run, since: NOW - 2_000 };
const state = (more: Partial<State> = {}): State => ({
  ...{ phase: running, restarts: 1, failures: 1, lastExit: null, ends: [] },
  ...more,
});
const moment = (more: Partial<Moment> = {}): Moment => ({
  ...{ now: NOW, random: () => 0.5, maxRestarts: null, restartWhy: null },
  ...more,
});
const limited = moment({ maxRestarts: { count: 2, withinMs: 1_000 } });

test('effects of one step come before those of the next', () => {
  const then = become(state(), { do: 'report' });
  assert.deepEqual(after([{ do: 'save' }], then).effects, [{ do: 'save' }, { do: 'report' }]);
});

for (const [phase, expected] of [
  [running, { first: false, live: running, last: null }],
  [
    { is: 'starting', first: true, last: null, killed: false },
    { first: true, live: null, last: null },
  ],
  [
    { is: 'starting', first: false, last: run, killed: false },
    { first: false, live: null, last: run },
  ],
  [
    { is: 'waiting', last: run, until: NOW },
    { first: false, live: null, last: run },
  ],
] as [Phase, object][]) {
  test(`a process that is ended while it is ${phase.is} is known by ${JSON.stringify(expected).slice(0, 40)}…`, () => {
    assert.deepEqual(toEnding(state({ phase }), 'gone', NOW + 5).phase, {
      ...{ is: 'ending', next: 'gone', killAt: NOW + 5, killed: false, stuck: false },
      ...expected,
    });
  });
}

test('a stop is written down before anything is signalled; a restart is not', () => {
  const stop = whenAsked(state(), { type: 'stop', graceMs: 5 }, NOW);
  assert.deepEqual(
    stop.effects.map((effect) => effect.do),
    ['save', 'refuse', 'refuse', 'end'],
  );
  const restart = whenAsked(state(), { type: 'restart', graceMs: 5 }, NOW);
  assert.deepEqual(restart.effects, [{ do: 'end', graceMs: 5 }]);
});

test('a long run makes the next failure the first', () => {
  const exit = { code: 1, signal: null };
  assert.equal(exited(state({ failures: 7 }), { ...running, since: NOW - 10 }, exit, NOW).state.failures, 8);
  assert.equal(
    exited(state({ failures: 7 }), { ...running, since: NOW - 600_000 }, exit, NOW).state.failures,
    1,
  );
});

test('only the ends of the last while count against a limit, and without one none is kept', () => {
  assert.deepEqual(counted(state(), moment()).ends, []);
  assert.deepEqual(counted(state({ ends: [NOW - 1_000, NOW - 999] }), limited).ends, [NOW - 999, NOW]);
  assert.equal(counted(state({ ends: Array.from({ length: 50 }, () => NOW) }), limited).ends.length, 3);
});

test('a process that ends again and again waits longer, until it has ended too often', () => {
  const first = wait(state({ failures: 1 }), run, limited);
  const third = wait(state({ failures: 3 }), run, limited);
  const wakes = [first, third].flatMap(({ effects }) =>
    effects.flatMap((one) => ('inMs' in one ? one.inMs : [])),
  );
  assert.equal(wakes.length, 2);
  assert.ok((wakes[1] ?? 0) > (wakes[0] ?? 0), wakes.join(' < '));
  const last = wait(state({ ends: [NOW - 2, NOW - 1] }), run, limited);
  assert.ok(isGivenUp(last.state.phase));
  assert.deepEqual(
    last.effects.map((effect) => effect.do),
    ['save', 'report'],
  );
});
