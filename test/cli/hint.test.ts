import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from '../../src/cli/commands.ts';
import { hintFor } from '../../src/cli/hint.ts';

test('who types the command of another tool is told how fleet does it', () => {
  const cases: [string, RegExp][] = [
    ['start', /`fleet spawn -- COMMAND`/],
    ['status', /`fleet ps`/],
    ['rollback', /`fleet spawn --commit=REV -- COMMAND`/],
    ['ssh', /`fleet exec --drone=NAME -- COMMAND`/],
  ];
  for (const [name, hint] of cases) assert.match(hintFor(name, COMMANDS) ?? '', hint, name);
});

test('else the closest command is meant, if one is close', () => {
  assert.equal(hintFor('deplyo', COMMANDS), 'Did you mean `fleet deploy`?');
  for (const name of ['xyzzy', 'constructor', '']) assert.equal(hintFor(name, COMMANDS), undefined, name);
});

test('a hint names only commands that there are', () => {
  const names = COMMANDS.map(({ name }) => name);
  for (const word of [
    'start',
    'status',
    'rollback',
    'ssh',
    'kill',
    'reload',
    'tail',
    'push',
    'init',
    'server',
    'join',
  ]) {
    assert.ok(!names.includes(word), word);
    for (const [, name = ''] of (hintFor(word, COMMANDS) ?? '').matchAll(/`fleet (\w+)/g))
      assert.ok(names.includes(name), `${word}: ${name}`);
  }
});
