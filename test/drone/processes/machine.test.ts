import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { adopted, promised, step } from '../../../src/drone/processes/machine.ts';
import type { Effect, Input, Phase, State } from '../../../src/drone/processes/phases.ts';
import { newRecord, type ProcessRecord } from '../../../src/drone/processes/record.ts';
import { ProcessWorld } from '../../fixtures/process-world.ts';

const NOW = 1_000_000;
const moment = { now: NOW, random: () => 0.5, maxRestarts: null, restartWhy: null };
const limited = { ...moment, maxRestarts: { count: 2, withinMs: 60_000 } };
const BOOT = { boot: 'this boot', origin: 7 };
const run = { pid: 100, started: 5, boot: 'this boot' };
const before = { pid: 99, started: 4, boot: 'this boot' };
const why = new Error('no such file');

const phases = {
  starting: { is: 'starting', first: false, last: before, killed: false },
  'starting first': { is: 'starting', first: true, last: null, killed: false },
  running: { is: 'running', run, since: NOW - 2000 },
  waiting: { is: 'waiting', last: before, until: NOW + 500 },
  stopping: ending({ next: 'gone' }),
  'stopping, stuck': ending({ next: 'gone', stuck: true }),
  'stopping, dead': ending({ next: 'gone', live: null }),
  'stopping, never ran': ending({ next: 'gone', live: null, first: true }),
  restarting: ending({ next: 'start' }),
  suspending: ending({ next: 'later' }),
  'handed over': { is: 'handed over' },
  gone: { is: 'gone' },
} satisfies Record<string, Phase>;

function ending(more: Partial<Extract<Phase, { is: 'ending' }>>): Extract<Phase, { is: 'ending' }> {
  const live = { is: 'running' as const, run, since: NOW - 2000 };
  const plain = { first: false, live, last: null, killAt: NOW + 5000, killed: false, stuck: false };
  return { is: 'ending', next: 'gone', ...plain, ...more };
}

const exit: Input = { type: 'exited', run, exit: { code: 3, signal: null } };
const stop: Input = { type: 'stop', graceMs: 5000 };
const suspend: Input = { type: 'suspend', graceMs: 5000 };
const restart: Input = { type: 'restart', graceMs: 5000 };

/** Phase, what happens, the phase after, and all that is done, in order. */
const TABLE: [keyof typeof phases, Input, string, string][] = [
  ['starting first', { type: 'started', run }, 'running', 'save, tell spawned, report, answer spawn+restart'],
  [
    'starting first',
    { type: 'start failed', error: why },
    'ending, gone',
    'forget, refuse spawn+restart: no such file',
  ],
  [
    'starting first',
    stop,
    'ending, gone',
    'save, refuse spawn: it was stopped before it ran, refuse restart: not restarted: it was stopped meanwhile, end in 5000',
  ],
  ['starting first', restart, 'starting', ''],
  ['starting', { type: 'started', run }, 'running', 'save, tell spawned, report, answer spawn+restart'],
  [
    'starting',
    { type: 'start failed', error: why },
    'waiting',
    'tell exited (no such file), save, wake in 2000, report, refuse spawn+restart: no such file',
  ],
  ['starting', exit, 'starting', ''],
  ['running', exit, 'waiting', 'hooks after exit, tell exited (3), save, wake in 2000, report'],
  ['running', { ...exit, run: before }, 'running', ''],
  [
    'running',
    { ...exit, left: [7, 8, 9, 10, 11] },
    'waiting',
    'hooks after exit, tell exited (left pid 7, 8, 9 and 2 more running in the background; it must stay in the foreground), save, wake in 2000, report',
  ],
  [
    'running',
    { ...exit, left: [] },
    'waiting',
    'hooks after exit, tell exited (3), save, wake in 2000, report',
  ],
  [
    'running',
    stop,
    'ending, gone',
    'save, refuse spawn: it was stopped before it ran, refuse restart: not restarted: it was stopped meanwhile, end in 5000',
  ],
  ['running', restart, 'ending, start', 'end in 5000'],
  ['running', { type: 'due' }, 'running', ''],
  ['running', suspend, 'ending, later', 'refuse spawn+restart: the drone is going away, end in 5000'],
  [
    'waiting',
    suspend,
    'handed over',
    'answer suspend, let go, refuse spawn+stop+restart+suspend: the drone is going away',
  ],
  ['suspending', exit, 'ending, later', 'hooks after exit, tell exited (3)'],
  [
    'suspending',
    { type: 'ended', killed: true },
    'handed over',
    'hooks after exit, tell exited (null), save, answer suspend',
  ],
  ['suspending', { type: 'end failed', error: why }, 'handed over', 'refuse suspend: no such file'],
  ['suspending', restart, 'ending, later', 'refuse restart: the drone is going away'],
  ['stopping', suspend, 'ending, gone', 'answer suspend'],
  ['restarting', suspend, 'ending, later', 'refuse spawn+restart: the drone is going away'],
  ['handed over', suspend, 'handed over', 'answer suspend'],
  ['gone', suspend, 'gone', 'answer suspend'],
  ['waiting', { type: 'due' }, 'waiting', 'wake in 500'],
  [
    'waiting',
    stop,
    'ending, gone',
    'save, refuse spawn: it was stopped before it ran, refuse restart: not restarted: it was stopped meanwhile, end in 5000',
  ],
  ['waiting', restart, 'ending, start', 'end in 5000'],
  ['stopping', exit, 'ending, gone', 'hooks after exit, tell exited (3)'],
  ['stopping', { ...exit, left: [7] }, 'ending, gone', 'hooks after exit, tell exited (3)'],
  [
    'stopping',
    { type: 'ended', killed: true },
    'ending, gone',
    'hooks after exit, tell exited (null), forget',
  ],
  ['stopping, dead', { type: 'ended', killed: false }, 'ending, gone', 'forget'],
  ['stopping, dead', { type: 'forgotten' }, 'gone', 'hooks after stop, tell stopped, report, answer stop'],
  ['stopping, never ran', { type: 'forgotten' }, 'gone', 'hooks after stop, report, answer stop'],
  ['stopping, never ran', { type: 'start failed', error: why }, 'ending, gone', ''],
  ['stopping, never ran', { type: 'started', run }, 'ending, gone', 'tell spawned'],
  ['stopping', { type: 'end failed', error: why }, 'ending, gone, stuck', 'refuse stop: no such file'],
  ['stopping, stuck', exit, 'ending, gone', 'hooks after exit, tell exited (3), end in 0'],
  ['stopping, stuck', stop, 'ending, gone', 'end in 5000'],
  ['stopping', { type: 'stop', graceMs: 9000 }, 'ending, gone', ''],
  ['stopping', { type: 'stop', graceMs: 0 }, 'ending, gone', 'end in 0'],
  ['stopping', restart, 'ending, gone', 'refuse restart: not restarted: it was stopped meanwhile'],
  ['restarting', { type: 'ended', killed: true }, 'starting', 'hooks after exit, tell exited (null), start'],
  [
    'restarting',
    stop,
    'ending, gone',
    'save, refuse spawn: it was stopped before it ran, refuse restart: not restarted: it was stopped meanwhile',
  ],
  ['restarting', restart, 'ending, start', ''],
  ['restarting', { type: 'end failed', error: why }, 'running', 'refuse restart: no such file'],
  ['handed over', { type: 'started', run }, 'handed over', ''],
  ['handed over', exit, 'handed over', ''],
  ['handed over', { type: 'ended', killed: false }, 'handed over', ''],
  ['handed over', stop, 'handed over', 'refuse stop: the drone is going away'],
  ['gone', stop, 'gone', 'answer stop'],
  ['gone', restart, 'gone', 'refuse restart: not restarted: it was stopped meanwhile'],
  ['gone', exit, 'gone', ''],
];

for (const [name, input, after, effects] of TABLE) {
  test(`${name}: ${describeInput(input)} → ${after}${effects && `: ${effects}`}`, () => {
    const before: State = {
      phase: phases[name],
      restarts: 1,
      failures: 1,
      lastExit: { code: 0, signal: null },
      ends: [],
    };
    const next = step(before, input, moment);
    assert.deepEqual(
      [describePhase(next.state.phase), next.effects.map(describeEffect).join(', ')],
      [after, effects],
    );
  });
}

test('a process can be handed over in any phase, and everybody who waits is told', () => {
  for (const phase of Object.values(phases)) {
    const { state, effects } = step({ ...promised().state, phase }, { type: 'hand over' }, moment);
    const over = phase.is === 'gone' || phase.is === 'handed over';
    assert.equal(state.phase.is, over ? phase.is : 'handed over');
    const expected = over ? '' : 'let go, refuse spawn+stop+restart+suspend: the drone is going away';
    assert.equal(effects.map(describeEffect).join(', '), expected);
  }
});

test('after a run of ten minutes the next failure counts as the first; a manual restart resets the count', () => {
  const state = { phase: phases.running, restarts: 7, failures: 7, lastExit: null, ends: [] };
  assert.equal(step(state, exit, moment).state.failures, 8);
  const old = { ...state, phase: { ...phases.running, since: NOW - 600_000 } };
  assert.equal(step(old, exit, moment).state.failures, 1);
  const again = step({ ...state, phase: phases.restarting }, { type: 'ended', killed: false }, moment);
  assert.equal(again.state.failures, 0);
});

test('every start but the first counts as a restart, even if it fails', () => {
  const restarts = (phase: Phase, input: Input, lastExit: State['lastExit']) =>
    step({ phase, restarts: 4, failures: 0, lastExit, ends: [] }, input, moment).state.restarts;
  assert.equal(restarts(phases['starting first'], { type: 'started', run }, null), 4);
  assert.equal(restarts(phases.starting, { type: 'started', run }, { code: 1, signal: null }), 5);
  assert.equal(restarts(phases.starting, { type: 'start failed', error: why }, { code: 1, signal: null }), 5);
});

const record: ProcessRecord = newRecord({
  ...{ id: 'abcdef', key: '0'.repeat(32), repo: 'webapp', commit: 'c'.repeat(40) },
  ...{ command: ['node', 'server.js'], env: {} },
});
const history = { restarts: 2, failures: 1, lastExit: { code: 1, signal: null } };

/** The record that a drone finds, whether its run is there, and what becomes of that. */
const ADOPTIONS: [string, Partial<ProcessRecord>, boolean, string, string, Partial<State>][] = [
  ['one that runs goes on', { run, ...history }, true, 'running', '', history],
  [
    'one that was never started is started',
    {},
    false,
    'starting',
    'start, clean',
    { failures: 0, lastExit: null },
  ],
  ['one that was waiting is started at once', history, false, 'starting', 'start, clean', history],
  [
    'one that has died is a failure, and is started',
    { run: before, ...history },
    false,
    'starting',
    'hooks after exit, start, clean',
    { restarts: 2, failures: 2, lastExit: { code: null, signal: null } },
  ],
  [
    'one that was given up stays so',
    { ...history, givenUp: true, ends: [NOW - 20, NOW - 10] },
    false,
    'waiting',
    'save, report',
    { ends: [NOW - 27, NOW - 17] },
  ],
  [
    'one that has died once too often is given up',
    { run: before, ...history, ends: [NOW - 20, NOW - 10] },
    false,
    'waiting',
    'hooks after exit, save, report',
    { ends: [NOW - 27, NOW - 17, NOW] },
  ],
  [
    'a stop that was interrupted goes on',
    { run, stopping: true },
    true,
    'ending, gone',
    'save, refuse spawn: it was stopped before it ran, refuse restart: not restarted: it was stopped meanwhile, end in 0',
    {},
  ],
];

for (const [name, found, runs, after, effects, expected] of ADOPTIONS) {
  test(`what a drone adopts: ${name}`, () => {
    const alive = runs ? { run, since: NOW - 100 } : null;
    const next = adopted({ ...record, ...found }, alive, { ...limited, ...BOOT });
    assert.deepEqual(
      [describePhase(next.state.phase), next.effects.map(describeEffect).join(', ')],
      [after, effects],
    );
    assert.deepEqual({ ...next.state, ...expected }, next.state);
  });
}

test('processes of an earlier boot are not looked for, because their pids belong to others by now', () => {
  const { state } = adopted({ ...record, run: before }, null, { ...moment, boot: 'another boot', origin: 0 });
  assert.equal('last' in state.phase && state.phase.last, null);
});

/** What happens, when it had ended before, and what becomes of it. */
const ENDINGS: [string, Phase, Input, number[], string, string][] = [
  [
    'an exit within the limit',
    phases.running,
    exit,
    [10],
    'due in 2000',
    'hooks after exit, tell exited (3), save, wake in 2000, report',
  ],
  [
    'an exit too many',
    phases.running,
    exit,
    [20, 10],
    'given up',
    'hooks after exit, tell exited (3), save, report',
  ],
  [
    'exits that were long ago do not count',
    phases.running,
    exit,
    [60_000, 10],
    'due in 2000',
    'hooks after exit, tell exited (3), save, wake in 2000, report',
  ],
  [
    'a start too many that fails',
    phases.starting,
    { type: 'start failed', error: why },
    [20, 10],
    'given up',
    'tell exited (no such file), save, report, refuse spawn+restart: no such file',
  ],
];

for (const [name, phase, input, ago, after, effects] of ENDINGS) {
  test(`at most two ends within a minute: ${name} → ${after}`, () => {
    const ends = ago.map((ms) => NOW - ms);
    const state: State = { phase, restarts: 1, failures: 1, lastExit: null, ends };
    const next = step(state, input, limited);
    const { phase: then } = next.state;
    assert.equal(then.is, 'waiting');
    const until = then.is === 'waiting' ? then.until : 0;
    assert.equal(Number.isFinite(until) ? `due in ${until - NOW}` : 'given up', after);
    assert.equal(next.effects.map(describeEffect).join(', '), effects);
  });
}

test('a restart of what was given up starts it, and its ends are counted anew', () => {
  const phase: Phase = { is: 'waiting', last: before, until: Number.POSITIVE_INFINITY };
  const state: State = {
    phase,
    restarts: 2,
    failures: 3,
    lastExit: null,
    ends: [NOW - 20, NOW - 10, NOW - 5],
  };
  const ending = step(state, restart, limited);
  const starting = step(ending.state, { type: 'ended', killed: false }, limited);
  const running = step(starting.state, { type: 'started', run }, limited);
  const ended = step(running.state, exit, limited);
  assert.deepEqual([running.state.phase.is, running.state.ends, ended.state.ends], ['running', [], [NOW]]);
  assert.ok(ended.state.phase.is === 'waiting' && Number.isFinite(ended.state.phase.until));
});

test('ten thousand random histories keep every invariant', () => {
  const histories = fc.array(fc.nat(2 ** 20), { minLength: 5, maxLength: 40 });
  fc.assert(
    fc.property(histories, (choices) => {
      const world = new ProcessWorld(record, choices[0] ?? 0);
      for (const choice of choices) world.happen(choice);
      world.settle();
    }),
    { numRuns: 10_000, seed: 20_261 },
  );
});

function describePhase(phase: Phase): string {
  if (phase.is !== 'ending') return phase.is;
  return `ending, ${phase.next}${phase.stuck ? ', stuck' : ''}`;
}

function describeInput(input: Input): string {
  return 'graceMs' in input ? `${input.type} within ${input.graceMs}` : input.type;
}

function describeEffect(effect: Effect): string {
  switch (effect.do) {
    case 'start':
      return effect.clean ? 'start, clean' : 'start';
    case 'end':
      return `end in ${effect.graceMs}`;
    case 'wake':
      return `wake in ${effect.inMs}`;
    case 'hooks':
      return `hooks after ${effect.after}`;
    case 'tell':
      return effect.event.type === 'exited'
        ? `tell exited (${effect.event.error ?? effect.event.code})`
        : `tell ${effect.event.type}`;
    case 'answer':
      return `answer ${effect.to.join('+')}`;
    case 'refuse':
      return `refuse ${effect.to.join('+')}: ${(effect.why as Error).message}`;
    default:
      return effect.do;
  }
}
