import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCommand } from '../../src/cli/commands.ts';
import { parseArguments } from '../../src/cli/parse.ts';
import { commandOf, failureText, namesAfter, runOptions } from '../../src/cli/remote-command.ts';
import { FleetError } from '../../src/protocol/errors.ts';
import { makeIo } from './world.ts';

const spawn = findCommand('spawn');

/** The command that `fleet spawn ARGV…` runs, and what it warns of. */
async function commandAndWarning(...argv: string[]): Promise<[string[], string]> {
  assert.ok(spawn);
  const args = await parseArguments(argv, spawn);
  assert.ok(args);
  const io = makeIo('/');
  return [commandOf(args, 'spawn', spawn.options, io), io.err];
}

test("an option of fleet's after the command is warned about, unless -- shows that it is intended", async () => {
  const command = ['node', 'app.js', '--drone=web1'];
  const [words, warning] = await commandAndWarning(...command);
  assert.deepEqual(words, command);
  assert.match(warning, /^warning: --drone comes after the command, so it is passed to node; [^\n]*\n$/);
  assert.match((await commandAndWarning('node', 'app.js', '--port=auto'))[1], /^warning: --port comes after/);
  assert.match((await commandAndWarning('node', '--secret', 's'))[1], /^warning: --secret comes after/);
  for (const argv of [
    ['--', ...command],
    ['node', 'app.js', '--port=80', '-n', '5', 'drone'],
    ['npm', 'start', '--', '--drone=web1'],
    ['--drone=web1', 'node', 'app.js'],
  ])
    assert.equal((await commandAndWarning(...argv))[1], '', argv.join(' '));
});

test('without a command there is nothing to run', async () => {
  for (const argv of [[], ['--'], ['--', ''], ['--drone=x']])
    await assert.rejects(commandAndWarning(...argv), {
      code: 'EUSAGE',
      message: 'say which command to run: fleet spawn -- COMMAND',
    });
});

test('a whole command line as one word that is not found gets a hint how to write it', () => {
  const notFound = (command: string) => new FleetError('ESPAWN', `spawn ${command}: not found`);
  assert.equal(
    failureText(notFound('node app.js'), ['node app.js'], ['web1']),
    "spawn node app.js: not found; it is one word: write -- node app.js without quotes, or with a shell: -- sh -c 'node app.js'",
  );
  assert.equal(failureText(notFound('nodee'), ['nodee'], []), 'spawn nodee: not found');
  assert.equal(failureText(notFound('a b'), ['a b', 'c'], []), 'spawn a b: not found');
  assert.equal(failureText(new FleetError('EIO', 'the disk is full'), ['a b'], []), 'the disk is full');
});

test('the name of a drone in place of the command gets a hint to use --drone', async () => {
  const notFound = new FleetError('ESPAWN', 'spawn web1: not found');
  const drones = async () => [{ name: 'web1', lost: null, version: '1.0.0' }];
  const names = await namesAfter([null, notFound], { drones });
  assert.equal(
    failureText(notFound, ['web1', 'ls', '-l'], names),
    'spawn web1: not found; web1 is a drone: write --drone=web1 -- ls -l',
  );
  assert.match(failureText(notFound, ['web1'], names), /write --drone=web1 -- COMMAND$/);
  const refuse = () => Promise.reject(new FleetError('EFORBIDDEN', 'no right to read'));
  assert.deepEqual(await namesAfter([notFound], { drones: refuse }), [], 'a token without the right to read');
  assert.deepEqual(await namesAfter([null], { drones: () => assert.fail('not asked') }), []);
});

test("flags win over the remote's repository and environment", async () => {
  assert.ok(spawn);
  const target = { hub: 'h', repo: 'of-remote', env: { A: 'remote', B: 'remote' } };
  const options = async (...argv: string[]) => {
    const args = await parseArguments(argv, spawn);
    assert.ok(args);
    return runOptions(args, { cwd: '/srv', env: {} }, target, ['x']);
  };
  const given = await options(
    '--repo=mine',
    '--env.A=flag',
    '--drone=a',
    '--drone=b',
    '--commit=v1',
    '--',
    'x',
  );
  assert.deepEqual(given, {
    command: ['x'],
    dir: '/srv',
    repo: 'mine',
    commit: 'v1',
    drones: ['a', 'b'],
    strict: false,
    cwd: undefined,
    env: { A: 'flag', B: 'remote' },
    appEnv: undefined,
  });
  assert.equal((await options('--', 'x')).repo, 'of-remote');
});
