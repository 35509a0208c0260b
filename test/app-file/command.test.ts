import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommand } from '../../src/app-file/command.ts';

test('a line without shell syntax is run as it is, any other by a shell', () => {
  const plain = [
    'node server.js',
    '  npm  ci --omit=dev\t--cache .npm ',
    './bin/x:y @a +1 50% a^b',
    'bundle exec puma',
  ];
  for (const line of plain) assert.deepEqual(parseCommand(line), line.trim().split(/\s+/), line);
  const shell = [
    'a && b',
    'a | b',
    'node "x y"',
    'echo $PORT',
    'A=1 node x',
    'cd x',
    'exec node x',
    'ls *.js',
    'a > b',
    'a\nb',
    'a ~/x',
    'a # b',
    '! a',
    'a {b,c}',
    'a;',
    'a `b`',
    "a 'b'",
    'a \\b',
  ];
  for (const line of shell) assert.deepEqual(parseCommand(line), { shell: line }, line);
});
