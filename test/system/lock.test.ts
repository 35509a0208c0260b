import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { acquireLock } from '../../src/system/lock.ts';
import { bootId, startTime } from '../../src/system/procfs.ts';

const dir = mkdtempSync(join(tmpdir(), 'fleet-lock-'));
const path = join(dir, 'drone.lock');
after(() => rmSync(dir, { recursive: true, force: true }));

test('a directory is locked once, until it is given back', async () => {
  const lock = await acquireLock(path, 'a drone');
  assert.equal(lock.problem, null);
  await assert.rejects(acquireLock(path, 'a drone'), {
    code: 'EINUSE',
    message: new RegExp(`pid ${process.pid}`),
  });
  lock.release();
  assert.ok(!existsSync(path));
  (await acquireLock(path, 'a drone')).release();
});

test('the lock of a dead process is taken over', async () => {
  const child = spawn('sleep', ['300']);
  await once(child, 'spawn');
  const holder = { pid: child.pid, started: startTime(child.pid ?? 0), boot: bootId() };
  writeFileSync(path, JSON.stringify(holder));
  await assert.rejects(acquireLock(path, 'a drone'), { code: 'EINUSE' });
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = await acquireLock(path, 'a drone');
  assert.equal(JSON.parse(readFileSync(path, 'utf8')).pid, process.pid);
  lock.release();
});
