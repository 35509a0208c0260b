import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from '../../src/cli/commands.ts';

const all = COMMANDS.flatMap(({ name, options }) => options.map((option) => ({ ...option, of: name })));

test('no two options of a command share a name', () => {
  for (const { name, options } of COMMANDS) {
    const names = options.flatMap((option) => [
      option.name,
      ...(option.aliases ?? []),
      ...(option.elsewhere ?? []),
    ]);
    assert.deepEqual(names, [...new Set(names)], name);
    const shorts = options.flatMap(({ short }) => short ?? []);
    assert.deepEqual(shorts, [...new Set(shorts)], name);
  }
});

test('no option is a help option, and none has more than one short name or alias', () => {
  const odd = all.filter(
    ({ name, short, aliases = [] }) => name === 'help' || aliases.length + (short ? 1 : 0) > 1,
  );
  assert.deepEqual(odd, []);
  assert.deepEqual(
    all.filter(({ short }) => short === 'h' || short === 'v'),
    [],
  );
});

test('each option is explained in whole sentences', () => {
  const odd = all
    .filter(({ help }) => !/^[A-Z].*[.]$/s.test(help))
    .map(({ of, name, help }) => [of, name, help]);
  assert.deepEqual(odd, []);
});

test('options refer to verbs that their command has, and a bare word to an option that it has', () => {
  for (const { name, verbs = [], options, wordMeans } of COMMANDS) {
    const known = ['', ...verbs.map((verb) => verb.name)];
    const odd = options.flatMap((option) => option.verbs ?? []).filter((verb) => !known.includes(verb));
    assert.deepEqual(odd, [], name);
    if (wordMeans !== undefined)
      assert.ok(
        options.some((option) => option.name === wordMeans),
        name,
      );
  }
});
