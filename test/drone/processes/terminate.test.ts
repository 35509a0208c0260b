import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { ProcessTable } from '../../../src/drone/processes/process-table.ts';
import { type Ending, endRun, signal } from '../../../src/drone/processes/terminate.ts';
import { exists, startTime } from '../../../src/system/procfs.ts';

const MARK = `terminate-test-${process.pid}`;
const LONG_MS = 60_000;

/** Starts `script` as a drone starts a process, and waits until it prints a line. */
async function started(t: TestContext, id: string, script: string): Promise<[ChildProcess, Ending]> {
  const { PATH } = process.env;
  const env = { PATH, FLEET_RUN: `${MARK}.${id}` };
  const child = spawn('sh', ['-c', script], { detached: true, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = child.pid ?? 0;
  t.after(() => signal(-pid, 'SIGKILL'));
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  const leader = { pid, started: startTime(pid) ?? 0, boot: 'this boot' };
  return [child, { id, leader, table: new ProcessTable(MARK) }];
}

test('what heeds SIGTERM is not killed, and its children end with it', async (t) => {
  const [child, ending] = await started(t, 'aaaaaa', 'sleep 300 & echo $!; wait');
  assert.equal(await endRun(ending, LONG_MS), false);
  assert.equal(child.signalCode, 'SIGTERM');
  assert.deepEqual(ending.table.membersOf('aaaaaa', ending.leader), []);
});

test('what ignores SIGTERM is killed once its time is over', async (t) => {
  const [child, ending] = await started(t, 'bbbbbb', "trap '' TERM; echo up; while :; do sleep 300; done");
  assert.equal(await endRun(ending, 100), true);
  assert.equal(child.signalCode, 'SIGKILL');
});

test('a stopped process is continued, so that it can end by itself', async (t) => {
  const [child, ending] = await started(t, 'cccccc', "trap 'exit 5' TERM; echo up; kill -STOP $$; sleep 300");
  assert.equal(await endRun(ending, LONG_MS), false);
  assert.equal(child.exitCode, 5);
});

test('an end that is given up rejects with the reason, and kills nothing', async (t) => {
  const [child, ending] = await started(
    t,
    'dddddd',
    "trap 'echo heard' TERM; echo up; while :; do sleep 0.1; done",
  );
  const givenUp = new AbortController();
  const heard = once(child.stdout as NodeJS.ReadableStream, 'data');
  const ended = endRun({ ...ending, givenUp: givenUp.signal }, LONG_MS);
  await heard;
  givenUp.abort();
  await assert.rejects(ended, { name: 'AbortError' });
  assert.ok(exists(child.pid ?? 0));
  await assert.rejects(endRun({ ...ending, givenUp: givenUp.signal }, 0), { name: 'AbortError' });
  assert.equal(child.exitCode ?? child.signalCode, null);
});

test('what is already gone needs no signal, and to signal it is no error', async () => {
  const table = new ProcessTable(MARK);
  assert.equal(await endRun({ id: 'eeeeee', leader: null, table }, 0), false);
  signal(2 ** 30, 'SIGTERM');
});
