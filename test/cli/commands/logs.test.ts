import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonText, logText, parsePattern, timedText } from '../../../src/cli/commands/logs.ts';
import { PLAIN, screenOf } from '../../../src/cli/screen.ts';

const terminal = screenOf({ isTTY: true }, { NO_COLOR: '1' });
const EVIL = '\x1b]0;title\x07';

test('a pattern may have flags, and an invalid one is a usage error', () => {
  assert.equal(parsePattern('/error/i')?.test('ERROR'), true);
  assert.equal(parsePattern('a/b')?.test('xa/by'), true);
  assert.equal(parsePattern(undefined), undefined);
  assert.throws(() => parsePattern('('), {
    code: 'EUSAGE',
    message: '--grep=( is not a regular expression: /(/: Unterminated group',
  });
});

test('logs can show times, and mark missing output', () => {
  const line = { drone: 'web1', id: '000001' };
  assert.equal(
    timedText({ kind: 'line', ...line, line: 'x', time: 0 }, PLAIN),
    '1970-01-01T00:00:00.000Z [web1#000001] x\n',
  );
  assert.equal(
    timedText({ kind: 'dropped', ...line, lines: 1204 }, PLAIN),
    '[web1#000001] … 1,204 lines older than this were dropped …\n',
  );
  assert.equal(
    logText({ kind: 'dropped', ...line, lines: 1204, atLeast: true }, PLAIN),
    '[web1#000001] … at least 1,204 lines older than this were dropped …\n',
  );
});

test('how a process ended is a line of another form, and an object of its own', () => {
  const on = { drone: 'web1', id: '1e99f4', time: 0 };
  const exit = { kind: 'exited', ...on, code: 7, signal: null } as const;
  const killed = { ...exit, code: null, signal: 'SIGKILL' };
  const lost = { ...exit, code: null };
  const cases = [
    [exit, '(web1#1e99f4 exited 7)\n'],
    [{ ...exit, code: 0 }, '(web1#1e99f4 exited)\n'],
    [killed, '(web1#1e99f4 exited SIGKILL)\n'],
    [lost, '(web1#1e99f4 exited, status unknown)\n'],
    [{ ...lost, error: `${EVIL}: not found` }, '(web1#1e99f4 not started: ^[]0;title^G: not found)\n'],
    [{ kind: 'restarted', ...on }, '(web1#1e99f4 restarted)\n'],
  ] as const;
  for (const [item, text] of cases) assert.equal(logText(item, terminal), text);
  assert.equal(timedText(exit, PLAIN), '1970-01-01T00:00:00.000Z (web1#1e99f4 exited 7)\n');
  const time = '"time":"1970-01-01T00:00:00.000Z","drone":"web1","id":"1e99f4"';
  assert.equal(jsonText(killed), `{${time},"event":"exited","code":null,"signal":"SIGKILL"}\n`);
  assert.equal(jsonText({ kind: 'restarted', ...on }), `{${time},"event":"restarted"}\n`);
});

test('output of a process cannot control a terminal, and is unchanged in a pipe', () => {
  const item = { kind: 'line', drone: 'web1', id: '000001', time: 0, line: EVIL } as const;
  assert.equal(logText(item, terminal), '[web1#000001] ^[]0;title^G\n');
  assert.equal(logText(item, PLAIN), `[web1#000001] ${EVIL}\n`);
});
