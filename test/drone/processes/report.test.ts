import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../../src/drone/processes/phases.ts';
import { reportOf } from '../../../src/drone/processes/report.ts';

const run = { pid: 42, started: 7, boot: 'this boot' };
const running = { is: 'running', run, since: 1_000.4 } as const;
const ending = {
  is: 'ending',
  next: 'gone',
  first: false,
  last: null,
  killAt: 0,
  killed: false,
  stuck: false,
} as const;

const TABLE: [string, Phase, { status: string; pid: number | null; uptime: number; respawnIn: number }][] = [
  ['runs', running, { status: 'running', pid: 42, uptime: 4_000, respawnIn: 0 }],
  [
    'is being ended',
    { ...ending, live: running },
    { status: 'running', pid: 42, uptime: 4_000, respawnIn: 0 },
  ],
  ['has ended', { ...ending, live: null }, { status: 'respawning', pid: null, uptime: 0, respawnIn: 0 }],
  [
    'waits for its next start',
    { is: 'waiting', last: run, until: 5_750.4 },
    { status: 'respawning', pid: null, uptime: 0, respawnIn: 750 },
  ],
  [
    'is overdue',
    { is: 'waiting', last: run, until: 4_000 },
    { status: 'respawning', pid: null, uptime: 0, respawnIn: 0 },
  ],
  [
    'is starting',
    { is: 'starting', first: true, last: null, killed: false },
    { status: 'respawning', pid: null, uptime: 0, respawnIn: 0 },
  ],
];

const spec = {
  ...{ id: 'abcdef', key: '0'.repeat(32), repo: 'webapp', commit: 'c'.repeat(40) },
  ...{ command: ['node', 'server.js'], env: { PASSWORD: 'beepboop' } },
};

for (const [what, phase, expected] of TABLE) {
  test(`the report of a process that ${what}`, () => {
    const state = { phase, restarts: 3, failures: 2, lastExit: { code: 1, signal: null }, ends: [] };
    const report = reportOf(spec, state, 5_000);
    const { status, pid, uptime, respawnIn } = report;
    assert.deepEqual({ status, pid, uptime, respawnIn }, expected);
    assert.deepEqual([report.id, report.restarts, report.lastExit], ['abcdef', 3, { code: 1, signal: null }]);
  });
}

test('the environment is in no report', () => {
  const state = { phase: running, restarts: 0, failures: 0, lastExit: null, ends: [] };
  assert.doesNotMatch(JSON.stringify(reportOf(spec, state)), /beepboop|PASSWORD/);
});
