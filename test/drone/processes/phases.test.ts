import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaderOf, liveRun, type Phase } from '../../../src/drone/processes/phases.ts';

const now = { pid: 2, started: 20, boot: 'this boot' };
const before = { pid: 1, started: 10, boot: 'this boot' };
const running = { is: 'running', run: now, since: 0 } as const;
const ending = {
  is: 'ending',
  next: 'gone',
  first: false,
  last: before,
  killAt: 0,
  killed: false,
  stuck: false,
} as const;

/** The phase, the run that lives, and the leader of the session. */
const TABLE: [string, Phase, typeof now | null, typeof now | null][] = [
  ['first start', { is: 'starting', first: true, last: null, killed: false }, null, null],
  ['another start', { is: 'starting', first: false, last: before, killed: false }, null, before],
  ['running', running, now, now],
  ['waiting', { is: 'waiting', last: before, until: 0 }, null, before],
  ['ending, alive', { ...ending, live: running }, now, now],
  ['ending, exited', { ...ending, live: null }, null, before],
  ['handed over', { is: 'handed over' }, null, null],
  ['gone', { is: 'gone' }, null, null],
];

for (const [what, phase, live, leader] of TABLE) {
  test(`what lives in a phase, and whose session may have members left: ${what}`, () => {
    assert.deepEqual([liveRun(phase), leaderOf(phase)], [live, leader]);
  });
}
