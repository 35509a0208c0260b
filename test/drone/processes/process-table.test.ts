import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import {
  anyRuns,
  isRunning,
  isSameRun,
  ProcessTable,
  type Run,
} from '../../../src/drone/processes/process-table.ts';
import { startTime } from '../../../src/system/procfs.ts';
import { eventually } from '../../fixtures/local-fleet.ts';

const SKIP = process.platform !== 'linux' && 'only Linux shows the marks of processes';
const MARK = `table-test-${process.pid}`;
const BOOT = 'this boot';

/** Starts `script` in a session of its own, marked as the process `id`, and waits until it prints a line. */
async function started(t: TestContext, id: string, script: string): Promise<ChildProcess & { pid: number }> {
  const { PATH } = process.env;
  const child = spawn('sh', ['-c', script], { detached: true, env: { PATH, FLEET_RUN: `${MARK}.${id}` } });
  t.after(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // All of it has ended.
    }
  });
  await once(child.stdout, 'data');
  return child as ChildProcess & { pid: number };
}

const pidsOf = (list: { pid: number }[]) => list.map(({ pid }) => pid).sort((a, b) => a - b);
const runOf = (pid: number): Run => ({ pid, started: startTime(pid) ?? 0, boot: BOOT });

test('a run is its pid, its start and its boot: another process with that pid is not it', () => {
  const run = runOf(process.pid);
  assert.ok(isSameRun(run, { ...run }));
  for (const other of [{ pid: 1 }, { started: run.started + 1 }, { boot: 'another' }])
    assert.ok(!isSameRun(run, { ...run, ...other }));
  assert.ok(isRunning(run, BOOT));
  assert.ok(!isRunning(run, 'another boot'));
  assert.ok(!isRunning({ ...run, started: run.started + 1 }, BOOT));
  assert.ok(anyRuns([{ pid: 2 ** 30, started: 1 }, run]));
  assert.ok(!anyRuns([{ pid: run.pid, started: run.started + 1 }]));
});

test("a drone's processes are found by its mark, with their ids, and no other drone's", {
  skip: SKIP,
}, async (t) => {
  const one = await started(t, 'aaaaaa', 'echo up; read x');
  const two = await started(t, 'bbbbbb', 'echo up; read x');
  const marked = new ProcessTable(MARK).marked().map(({ id, process }) => [id, process.pid]);
  assert.deepEqual(marked.sort(), [
    ['aaaaaa', one.pid],
    ['bbbbbb', two.pid],
  ]);
  assert.deepEqual(new ProcessTable('another-drone').marked(), []);
});

test('members of a run are its session and its marks, also after its leader has ended', {
  skip: SKIP,
}, async (t) => {
  // One child keeps the mark and leaves the session, the other scrubs the mark and stays.
  const script = 'setsid sleep 300 & env -i "$(command -v sleep)" 300 & echo up; read x';
  const leader = await started(t, 'cccccc', script);
  const run = runOf(leader.pid);
  const members = () => new ProcessTable(MARK).membersOf('cccccc', run);
  await eventually(() => {
    const left = members().filter(({ session }) => session !== leader.pid);
    const scrubbed = members().filter(({ mark }) => mark === null);
    return left.length === 1 && scrubbed.length === 1;
  }, 'one child has left the session, and one has scrubbed the mark');
  assert.equal(members().length, 3);
  assert.deepEqual(new ProcessTable(MARK).leaderOf('cccccc', BOOT), run);
  leader.kill('SIGKILL');
  await once(leader, 'exit');
  const left = members();
  t.after(() => {
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
  });
  assert.equal(left.length, 2);
  const oldest = new ProcessTable(MARK).oldestOf('cccccc', BOOT);
  assert.equal(oldest?.pid, left.find(({ mark }) => mark === 'cccccc')?.pid);
  assert.equal(new ProcessTable(MARK).leaderOf('dddddd', BOOT), null);
  assert.equal(new ProcessTable(MARK).oldestOf('dddddd', BOOT), null);
});

test('a session belongs to a run only while its number was not reused by another leader', {
  skip: SKIP,
}, async (t) => {
  const stranger = await started(t, 'eeeeee', 'echo up; read x');
  const run = { ...runOf(stranger.pid), started: 1 };
  assert.deepEqual(new ProcessTable(MARK).membersOf('ffffff', run), []);
});

test('the list is made once per turn of the event loop, unless something was started', {
  skip: SKIP,
}, async (t) => {
  const table = new ProcessTable(MARK);
  const first = await started(t, 'abcabc', 'echo up; read x');
  assert.deepEqual(pidsOf(table.membersOf('abcabc', null)), [first.pid]);
  const before = table.marked();
  process.kill(-first.pid, 'SIGKILL');
  while (startTime(first.pid) !== null);
  assert.equal(table.marked()[0]?.process, before[0]?.process, 'still the list of this turn');
  table.outdated();
  assert.deepEqual(table.membersOf('abcabc', null), []);
});
