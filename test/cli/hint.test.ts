import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from '../../src/cli/commands.ts';
import { ELSEWHERE, hintFor } from '../../src/cli/hint.ts';

test("a command of another tool gets a hint with fleet's way to do it", () => {
  const cases: [string, RegExp][] = [
    ['start', /`fleet up`.*`fleet spawn -- COMMAND`/],
    ['list', /`fleet ps`/],
    ['undo', /`fleet rollback`/],
    ['ssh', /`fleet exec -t --drone=NAME -- COMMAND`.*`fleet run -- COMMAND`/],
  ];
  for (const [name, hint] of cases) assert.match(hintFor(name, COMMANDS) ?? '', hint, name);
});

test('any other unknown command gets the closest command as a hint, if one is close', () => {
  assert.equal(hintFor('deplyo', COMMANDS), 'Did you mean `fleet deploy`?');
  for (const name of ['xyzzy', 'constructor', '']) assert.equal(hintFor(name, COMMANDS), undefined, name);
});

test('hints are for words that are not commands, and name only commands that exist', () => {
  const names = COMMANDS.map(({ name }) => name);
  for (const [words, hint] of ELSEWHERE) {
    assert.deepEqual(
      words.filter((word) => names.includes(word)),
      [],
    );
    const named = [...hint.matchAll(/`fleet (\w+)/g)].map(([, name = '']) => name);
    assert.ok(named.length > 0 && named.every((name) => names.includes(name)), hint);
  }
});
