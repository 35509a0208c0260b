import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveLines } from '../../src/cli/live-lines.ts';
import { monitorText } from '../../src/cli/monitor-text.ts';
import { PLAIN, screenOf } from '../../src/cli/screen.ts';
import { COMMIT } from './status.ts';

const terminal = screenOf({ isTTY: true }, { NO_COLOR: '1' });
const EVIL = '\x1b]0;title\x07';

test('monitor shows events and lines in the documented form', () => {
  const on = { drone: 'web1', seq: 1, time: 0, repo: 'webapp', commit: COMMIT };
  const process = { ...on, id: '1e99f4', command: ['node', 'server.js', '8080'] };
  const cases: [Parameters<typeof monitorText>[0], string][] = [
    [{ kind: 'event', event: { type: 'deployed', ...on } }, `(deployed web1#webapp/${COMMIT})\n`],
    [
      { kind: 'event', event: { type: 'spawned', ...process } },
      '(spawned web1#1e99f4 : node server.js 8080)\n',
    ],
    [
      { kind: 'event', event: { type: 'exited', ...process, code: 1, signal: null } },
      '(exited web1#1e99f4 : node server.js 8080)\n(web1#1e99f4 exited 1)\n',
    ],
    [
      { kind: 'event', event: { type: 'exited', ...process, code: null, signal: 'SIGKILL' } },
      '(exited web1#1e99f4 : node server.js 8080)\n(web1#1e99f4 exited SIGKILL)\n',
    ],
    [
      { kind: 'event', event: { type: 'exited', ...process, code: null, signal: 'SIGTERM', asked: true } },
      '(exited web1#1e99f4 : node server.js 8080)\n',
    ],
    [
      { kind: 'event', event: { type: 'exited', ...process, code: 0, signal: null } },
      '(exited web1#1e99f4 : node server.js 8080)\n',
    ],
    [
      { kind: 'event', event: { type: 'exited', ...process, code: null, signal: null, error: 'not found' } },
      '(exited web1#1e99f4 : node server.js 8080)\n(web1#1e99f4 not started: not found)\n',
    ],
    [
      { kind: 'event', event: { type: 'exited', ...process, code: 0, signal: null, error: 'left pid 7' } },
      '(exited web1#1e99f4 : node server.js 8080)\n(web1#1e99f4 exited, left pid 7)\n',
    ],
    [
      { kind: 'event', event: { type: 'spawned', ...process, restarts: 2 } },
      '(spawned web1#1e99f4 : node server.js 8080)\n(web1#1e99f4 restarted)\n',
    ],
    [
      { kind: 'lines', drone: 'web1', id: '1e99f4', lines: ['a', '', 'b'], time: 0 },
      '[web1#1e99f4] a\n[web1#1e99f4] \n[web1#1e99f4] b\n',
    ],
    [{ kind: 'dropped', lines: 1204 }, '… 1,204 lines dropped …\n'],
    [{ kind: 'dropped', lines: 1, atLeast: true }, '… at least 1 line dropped …\n'],
    [{ kind: 'missed', events: 2 }, '… 2 events missed …\n'],
    [{ kind: 'missed', events: null }, '… events may have been missed …\n'],
    [{ kind: 'event', event: { type: 'joined', drone: 'web1', version: '1.0.0', seq: 2, time: 0 } }, ''],
  ];
  for (const [item, text] of cases) assert.equal(monitorText(item, PLAIN, new LiveLines()), text);
});

test('output of a process cannot control a terminal, and is unchanged in a pipe', () => {
  const item = { kind: 'lines', drone: 'web1', id: '000001', seq: 1, time: 0, lines: [EVIL, EVIL] } as const;
  const lines = { ...item, lines: [EVIL, 'b'] };
  assert.equal(
    monitorText(lines, terminal, new LiveLines()),
    '[web1#000001] ^[]0;title^G\n[web1#000001] b\n',
  );
  assert.equal(monitorText(lines, PLAIN, new LiveLines()), `[web1#000001] ${EVIL}\n[web1#000001] b\n`);
});

test('the command of an event stays on one line', () => {
  const event = {
    drone: 'web1',
    seq: 1,
    time: 0,
    repo: 'webapp',
    commit: COMMIT,
    id: '1e99f4',
    command: ['a\nb'],
  };
  const text = monitorText(
    { kind: 'event', event: { type: 'spawned', ...event } },
    terminal,
    new LiveLines(),
  );
  assert.equal(text, "(spawned web1#1e99f4 : 'a\\nb')\n");
});
