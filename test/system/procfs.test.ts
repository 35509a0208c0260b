import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  bootId,
  commandOf,
  environmentOf,
  exists,
  listProcesses,
  runningFor,
  startTime,
  workingDirectoryOf,
} from '../../src/system/procfs.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const skip = process.platform === 'linux' ? false : 'needs /proc';
const MARK = `FLEET_TEST_MARK=`;

/** A child that sleeps until the test ends. */
async function sleeper(t: TestContext, file = 'sleep', env: Record<string, string> = {}, cwd = '/') {
  const child = spawn(file, ['300'], { cwd, env, stdio: 'ignore', detached: true });
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  return { child, pid: child.pid ?? 0 };
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('a process is identified by its start time, for as long as it runs', { skip }, async (t) => {
  const { child, pid } = await sleeper(t);
  const started = startTime(pid);
  assert.ok(started !== null && started >= (startTime(process.pid) ?? Number.POSITIVE_INFINITY));
  assert.equal(startTime(pid), started);
  assert.equal(exists(pid), true);
  const age = runningFor(started);
  assert.ok(age !== null && age >= 0 && age <= (runningFor(startTime(process.pid) ?? 0) ?? 0));
  await end(child);
  assert.deepEqual([startTime(pid), exists(pid)], [null, false]);
});

test('a zombie does not count as running', { skip }, async (t) => {
  // The shell becomes a program that never waits for its child.
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 300'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.after(() => parent.kill('SIGKILL'));
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const zombie = Number(String(line));
  await eventually(() => startTime(zombie) === null, 'it has ended');
  assert.equal(exists(zombie), true, 'its pid is still in use');
  assert.equal(
    listProcesses(MARK).some(({ pid }) => pid === zombie),
    false,
  );
});

test('a process name that looks like a state does not mislead', { skip }, async (t) => {
  const program = join(temporaryFolder(t), 'a) Z (b');
  copyFileSync('/bin/sleep', program);
  const { pid } = await sleeper(t, program);
  assert.ok((startTime(pid) ?? 0) >= (startTime(process.pid) ?? Number.POSITIVE_INFINITY));
  assert.equal(listProcesses(MARK).find((one) => one.pid === pid)?.session, pid);
});

test('processes are found by a mark in their environment, which must match a whole variable', {
  skip,
}, async (t) => {
  const marked = await sleeper(t, 'sleep', { A: 'x', FLEET_TEST_MARK: 'one two', B: 'y' });
  const empty = await sleeper(t, 'sleep', { FLEET_TEST_MARK: '' });
  const other = await sleeper(t, 'sleep', { X_FLEET_TEST_MARK: 'no', Y: `${MARK}no` });
  const listed = new Map(listProcesses(MARK).map((one) => [one.pid, one]));
  assert.deepEqual(
    [marked, empty, other].map(({ pid }) => listed.get(pid)?.mark),
    ['one two', '', null],
  );
  assert.equal(listed.get(marked.pid)?.session, marked.pid, 'it leads a session of its own');
  assert.equal(listed.get(marked.pid)?.started, startTime(marked.pid));
});

test('the command, directory and environment of a process can be read', { skip }, async (t) => {
  const dir = realpathSync(temporaryFolder(t));
  const large = 'é'.repeat(20_000);
  const { child, pid } = await sleeper(t, 'sleep', { A: 'b=c', LARGE: large, EMPTY: '' }, dir);
  await eventually(() => commandOf(pid)[0] === 'sleep', 'it has begun');
  assert.deepEqual(commandOf(pid), ['sleep', '300']);
  assert.deepEqual(environmentOf(pid), { A: 'b=c', LARGE: large, EMPTY: '' });
  assert.equal(workingDirectoryOf(pid), dir);
  await end(child);
  assert.deepEqual([commandOf(pid), environmentOf(pid), workingDirectoryOf(pid)], [[], {}, null]);
});

test('each boot has an identity', { skip }, () => {
  assert.match(bootId(), /^[0-9a-f-]{36}$/);
});
