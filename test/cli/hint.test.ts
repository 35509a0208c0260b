import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from '../../src/cli/commands.ts';
import { hintFor } from '../../src/cli/hint.ts';

test("a command of another tool gets a hint with fleet's way to do it", () => {
  const cases: [string, RegExp][] = [
    ['start', /`fleet spawn -- COMMAND`/],
    ['status', /`fleet ps`/],
    ['rollback', /`fleet spawn --commit=REV -- COMMAND`/],
    ['ssh', /`fleet exec --drone=NAME -- COMMAND`/],
  ];
  for (const [name, hint] of cases) assert.match(hintFor(name, COMMANDS) ?? '', hint, name);
});

test('any other unknown command gets the closest command as a hint, if one is close', () => {
  assert.equal(hintFor('deplyo', COMMANDS), 'Did you mean `fleet deploy`?');
  for (const name of ['xyzzy', 'constructor', '']) assert.equal(hintFor(name, COMMANDS), undefined, name);
});

test('hints name only commands that exist', () => {
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
