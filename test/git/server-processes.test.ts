import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { GitProcesses, writerOptions } from '../../src/git/server-processes.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const MEMORY_BYTES = 256 * 1024 ** 2;
const ENV = { PATH: process.env['PATH'] ?? '' };

function processesOf(t: TestContext): GitProcesses {
  const processes = new GitProcesses(join(temporaryFolder(t), 'repos'));
  t.after(() => processes.close());
  return processes;
}

test('the end of a git is null for success, else its last words', async (t) => {
  const processes = processesOf(t);
  assert.equal(await processes.write(['version'], { started: () => assert.equal(processes.size, 1) }), null);
  assert.match((await processes.write(['no-such-command'])) ?? '', /no-such-command/);
  assert.equal(processes.size, 0);
});

test('one that ended without a word, or could not be started, has an end too', async (t) => {
  const processes = processesOf(t);
  const silent = processes.adoptWriter(spawn('sh', ['-c', 'exit 3'], { stdio: 'pipe' }));
  assert.equal(await silent.ended, 'git ended with 3');
  const missing = processes.adoptWriter(spawn('/no/such/git', { stdio: 'pipe' }));
  assert.match((await missing.ended) ?? '', /^git could not be started: .*ENOENT/);
});

test('a git that reads is ended at once', async (t) => {
  const processes = processesOf(t);
  const reader = processes.read(['cat-file', '--batch', '--buffer'], MEMORY_BYTES, 'version=2');
  await once(reader.child, 'spawn');
  processes.kill(reader);
  assert.equal(await reader.ended, 'git ended with SIGKILL');
  processes.kill(reader); // It is gone, and its pid may be somebody else's.
});

test('a git that writes ends by itself when its input ends', async (t) => {
  const processes = processesOf(t);
  const script = 'cat >/dev/null; echo tidied >&2; exit 1';
  const writer = processes.adoptWriter(spawn('sh', ['-c', script], { stdio: 'pipe' }));
  await processes.endTidily(writer);
  assert.equal(await writer.ended, 'tidied');
});

test('if a git that writes is killed, its end is that of its last helper', async (t) => {
  const processes = processesOf(t);
  // What a helper holds says whether it is there: one that has ended may not be reaped yet.
  const script = 'sh -c "echo ready; exec sleep 60" 2>/dev/null & exec cat >/dev/null 2>&1';
  const writer = processes.adoptWriter(spawn('sh', ['-c', script], writerOptions({ ...ENV }, 'pipe')));
  assert.ok(writer.child.stdout);
  await once(writer.child.stdout, 'data');
  const closed = once(writer.child.stdout, 'close');
  await processes.endNow(writer);
  await closed;
});

test('what a hook has left in the background outlives its git', async (t) => {
  const processes = processesOf(t);
  const script = 'sleep 60 </dev/null >/dev/null 2>&1 & echo $!';
  const writer = processes.adoptWriter(spawn('sh', ['-c', script], writerOptions({ ...ENV }, 'pipe')));
  assert.ok(writer.child.stdout);
  const [pid] = (await once(writer.child.stdout, 'data')) as [Buffer];
  t.after(() => process.kill(Number(pid)));
  assert.equal(await writer.ended, null);
});

test('none is left after close', async (t) => {
  const processes = processesOf(t);
  const reader = processes.read(['cat-file', '--batch', '--buffer'], MEMORY_BYTES, '');
  const writer = processes.adoptWriter(spawn('cat', { stdio: 'pipe' }));
  await processes.close();
  assert.equal(processes.size, 0);
  assert.notEqual(reader.child.exitCode ?? reader.child.signalCode, null);
  assert.equal(await writer.ended, null);
});
