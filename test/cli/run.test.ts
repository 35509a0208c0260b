import assert from 'node:assert/strict';
import { test } from 'node:test';
import { version } from '../../package.json';
import { helpScreen } from '../../src/cli/commands.ts';
import { fail, run } from '../../src/cli/run.ts';
import { FleetError } from '../../src/protocol/errors.ts';
import { makeIo } from './world.ts';

test('commands are found by name, and help and version also by their options', async () => {
  const cases: [string[], string][] = [
    [[], helpScreen()],
    [['help'], helpScreen()],
    [['--help', 'commands'], helpScreen()],
    [['-v'], `${version}\n`],
    [['version'], `${version}\n`],
  ];
  for (const [words, out] of cases) {
    const io = makeIo('/');
    assert.deepEqual([await run(words, io), io.out, io.err], [0, out, ''], words.join(' '));
  }
});

test('an error is one line, and its kind decides the exit status', async () => {
  const cases: [unknown, number, string][] = [
    [new FleetError('EUSAGE', 'wrong option'), 2, 'fleet: wrong option'],
    [new FleetError('ENOREMOTE', 'no hub'), 2, 'fleet: no hub'],
    [new FleetError('ECONNECT', 'nothing listens\nthere'), 1, 'fleet: nothing listens'],
    [new TypeError('x is not a function'), 1, 'fleet: x is not a function (FLEET_DEBUG=1 shows where)'],
    ['thrown text', 1, 'fleet: thrown text (FLEET_DEBUG=1 shows where)'],
    [Object.assign(new Error('EACCES: a'), { syscall: 'open' }), 1, 'fleet: EACCES: a'],
  ];
  for (const [error, status, line] of cases) {
    const io = makeIo('/');
    assert.deepEqual([await fail(error, io), io.out, io.err], [status, '', `${line}\n`]);
  }
});

test('FLEET_DEBUG=1 shows the stack and the causes', async () => {
  const io = makeIo('/', { FLEET_DEBUG: '1' });
  await fail(new FleetError('EGIT', 'git push failed', { cause: new Error('the cause') }), io);
  assert.match(io.err, /^fleet: FleetError: git push failed\n {4}at [\s\S]*the cause/);
});

test('an option instead of a command is a usage error', async () => {
  const io = makeIo('/');
  assert.equal(await run(['--nope'], io), 2);
  assert.equal(io.err, "fleet: unknown option '--nope'; the command comes first: fleet help\n");
});
