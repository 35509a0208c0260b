import assert from 'node:assert/strict';
import { chmodSync, closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startChild } from '../../../src/drone/processes/child.ts';
import { spawnError } from '../../../src/drone/processes/spawn-error.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const { PATH = '' } = process.env;
const start = { cwd: '/', env: { PATH }, output: 'ignore' } as const;

/** Waits for a child as a drone that stays up does: by itself, no child keeps node alive. */
async function exitOf({ exited }: Awaited<ReturnType<typeof startChild>>) {
  const awake = setInterval(() => {}, 1_000);
  return exited.finally(() => clearInterval(awake));
}

test('a child has its directory, its environment and nothing else, and a session of its own', async (t) => {
  const dir = temporaryFolder(t);
  const output = openSync(join(dir, 'out'), 'w');
  t.after(() => closeSync(output));
  const script = 'pwd; echo "$GREETING"; env | grep -c HOME; cut -d " " -f 6 /proc/$$/stat; echo oops >&2';
  const env = { PATH, GREETING: 'hello' };
  const child = await startChild({ command: ['sh', '-c', script], cwd: dir, env, output });
  assert.deepEqual(await exitOf(child), { code: 0, signal: null });
  assert.equal(readFileSync(join(dir, 'out'), 'utf8'), `${dir}\nhello\n0\n${child.pid}\noops\n`);
});

test('how a child ended is known: its status, or the signal', async () => {
  assert.deepEqual(await exitOf(await startChild({ ...start, command: ['sh', '-c', 'exit 7'] })), {
    code: 7,
    signal: null,
  });
  const killed = await startChild({ ...start, command: ['sh', '-c', 'kill -9 $$'] });
  assert.deepEqual(await exitOf(killed), { code: null, signal: 'SIGKILL' });
});

test('a command that cannot be started is ESPAWN, with the reason in one line', async (t) => {
  const dir = temporaryFolder(t);
  const plain = join(dir, 'plain');
  writeFileSync(plain, 'text');
  const nothing = join(dir, 'nothing');
  writeFileSync(nothing, '');
  chmodSync(nothing, 0o644);
  const table: [string[], string, RegExp][] = [
    [['no-such-program'], dir, /^spawn no-such-program: not found$/],
    [['sh'], join(dir, 'gone'), /^spawn sh: there is no directory .*gone$/],
    [[plain], dir, /^spawn .*plain: not allowed to run it/],
    [[join(plain, 'below')], dir, /^spawn .*below: not found$/],
    [['sh', 'x'.repeat(3_000_000)], dir, /^spawn sh: the arguments and the environment are too long$/],
    [['sh', 'a\0b'], dir, /^spawn sh: .*null bytes/],
  ];
  for (const [command, cwd, message] of table)
    await assert.rejects(startChild({ command: command, ...start, cwd }), { code: 'ESPAWN', message });
});

test('a reason that the system has no word for here is passed on, with its cause', () => {
  const cause = Object.assign(new Error('spawn EMFILE'), { code: 'EMFILE' });
  const error = spawnError(cause, ['sh'], '/');
  assert.deepEqual([error.code, error.message, error.cause], ['ESPAWN', 'spawn sh: spawn EMFILE', cause]);
});
