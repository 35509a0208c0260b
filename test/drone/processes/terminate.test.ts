import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { ProcessTable } from '../../../src/drone/processes/process-table.ts';
import { type Ending, endGently, endRun, signal } from '../../../src/drone/processes/terminate.ts';
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

const heardBy = (child: ChildProcess) => {
  let heard = '';
  child.stdout?.on('data', (data) => {
    heard += data;
  });
  return async () => {
    if (!child.stdout?.readableEnded) await once(child.stdout as NodeJS.ReadableStream, 'end');
    return heard.split('\n').filter((line) => line !== '');
  };
};

/** Says which signal it hears, and ends a moment later. */
const LISTENER = (name: string) =>
  `for signal in INT TERM; do trap "echo ${name} $signal; sleep 0.2; echo ${name} ended; exit 0" $signal; done`;
const WAIT = 'while :; do sleep 0.02; done';

test('a service is ended in order: the process that was started first, and then what it has left', async (t) => {
  // Not with -c, as fleet starts a command line, because then the signal is for the children.
  const leader = `{ ${LISTENER('child')}; ${WAIT}; } & ${LISTENER('leader')}; echo up; ${WAIT}`;
  const [child, ending] = await started(t, 'f00001', `exec sh -s <<'END'\n${leader}\nEND`);
  const heard = heardBy(child);
  assert.equal(await endGently(ending, 'SIGINT', LONG_MS), false);
  assert.deepEqual(await heard(), ['leader INT', 'leader ended', 'child TERM', 'child ended']);
});

test('the signal is for the children of a shell that was started for a command line', async (t) => {
  const program = `${LISTENER('program')}; echo up; ${WAIT}`;
  const [child, ending] = await started(t, 'f00002', `sh -s <<'END'; echo shell goes on\n${program}\nEND`);
  const heard = heardBy(child);
  assert.equal(await endGently(ending, 'SIGINT', LONG_MS), false);
  assert.deepEqual(await heard(), ['program INT', 'program ended', 'shell goes on']);
});

test('what does not heed the signal has the grace period once, and is killed then', async (t) => {
  const [child, ending] = await started(t, 'f00003', `trap '' INT TERM; echo up; ${WAIT}`);
  const begun = performance.now();
  assert.equal(await endGently(ending, 'SIGINT', 300), true);
  assert.ok(performance.now() - begun >= 300);
  assert.equal(child.signalCode, 'SIGKILL');
});

test('a signal that this system does not have is SIGTERM', async (t) => {
  const [child, ending] = await started(t, 'f00004', 'exec sh -c "echo up; exec sleep 300"');
  assert.equal(await endGently(ending, 'SIGNONE', LONG_MS), false);
  assert.equal(child.signalCode, 'SIGTERM');
});
