import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCommand } from '../../src/cli/commands.ts';
import { expandShorthand } from '../../src/cli/shorthand.ts';

function expand(name: string, ...argv: string[]): string[] {
  const command = findCommand(name);
  assert.ok(command, name);
  return expandShorthand(argv, command);
}

test('forms that commander does not know are written out, and everything else stays unchanged', () => {
  const cases: [string[], string[]][] = [
    [['ps', '+prod'], ['--remote=prod']],
    [
      ['ps', '--secret', '+prod'],
      ['--secret', '+prod'],
    ],
    [
      ['ps', '--hub=x', '--json'],
      ['--hub=x', '--json'],
    ],
    [
      ['remote', 'add', '+prod'],
      ['add', '+prod'],
    ],
    [
      ['spawn', '--env.A=1', 'x'],
      ['--env=A=1', 'x'],
    ],
    [
      ['spawn', '--env.A', '1', 'x'],
      ['--env=A=1', 'x'],
    ],
    [
      ['logs', '-n=5', '-n', '5', '-n5', '-fn', '5'],
      ['-n', '5', '-n', '5', '-n5', '-fn', '5'],
    ],
    [['ps', '--env.A=1'], ['--env.A=1']],
    [
      ['ps', '--nope', '-x', '-'],
      ['--nope', '-x', '-'],
    ],
  ];
  for (const [[name = '', ...argv], words] of cases)
    assert.deepEqual(expand(name, ...argv), words, argv.join(' '));
});

test('the command line of another program is left alone', () => {
  assert.deepEqual(expand('exec', '+a', 'ls', '+b', '--env.X'), ['--remote=a', 'ls', '+b', '--env.X']);
  assert.deepEqual(expand('exec', '--', '+b', '--hub'), ['--', '+b', '--hub']);
  assert.deepEqual(expand('stop', '--', '+b'), ['--', '+b']);
});

test('if a command line asks for help, only that remains', () => {
  assert.deepEqual(expand('deploy', '--commit=x', '--help', '--hub'), ['--help']);
  assert.deepEqual(expand('deploy', '--commit', '-h'), ['--commit', '-h']);
  assert.deepEqual(expand('exec', 'ls', '--help'), ['ls', '--help']);
});

test('an option without its value is a usage error, and does not become the value of the previous one', () => {
  for (const argv of [
    ['ps', '--hub'],
    ['ps', '--hub', '--json'],
    ['ps', '--hub', '--'],
    ['spawn', '--env.A', '--drone=x'],
  ] as [string, ...string[]][])
    assert.throws(() => expand(...argv), { code: 'EUSAGE', message: /needs a value/ }, argv.join(' '));
});
