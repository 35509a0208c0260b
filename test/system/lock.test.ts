import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { acquireLock } from '../../src/system/lock.ts';
import { bootId, startTime } from '../../src/system/procfs.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleet-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));
const lock = () => acquireLock(join(dir, 'hub.lock'), 'a hub');

test('there is one holder at a time, by pid, and the next one can take it once it is released', async () => {
  const first = await lock();
  await assert.rejects(lock(), {
    code: 'EINUSE',
    message: `a hub is already running in this directory (pid ${process.pid}); use another one`,
  });
  first.release();
  (await lock()).release();
  assert.deepEqual(readdirSync(dir), []);
});

test('the lock of a dead process, an earlier boot or a crash is taken over', async () => {
  const { pid } = spawnSync('true');
  const own = { pid: process.pid, started: startTime(process.pid), boot: bootId() };
  for (const left of [
    { pid, started: 1, boot: bootId() },
    { ...own, boot: 'another boot' },
    { ...own, started: 1 },
    'cut in hal',
  ]) {
    writeFileSync(join(dir, 'hub.lock'), typeof left === 'string' ? left : JSON.stringify(left));
    (await lock()).release();
  }
  assert.ok(!existsSync(join(dir, 'hub.lock')));
});

test('a directory that was copied while it was locked is not locked', async () => {
  const original = join(dir, 'original');
  mkdirSync(original);
  const first = await acquireLock(join(original, 'hub.lock'), 'a hub');
  cpSync(original, join(dir, 'copy'), { recursive: true });
  const second = await acquireLock(join(dir, 'copy', 'hub.lock'), 'a hub');
  await assert.rejects(acquireLock(join(original, 'hub.lock'), 'a hub'), { code: 'EINUSE' });
  await assert.rejects(acquireLock(join(dir, 'copy', 'hub.lock'), 'a hub'), { code: 'EINUSE' });
  first.release();
  second.release();
});

test('a directory that was moved, or is reached through a link, stays locked', async () => {
  mkdirSync(join(dir, 'original'));
  const held = await acquireLock(join(dir, 'original', 'hub.lock'), 'a hub');
  symlinkSync(join(dir, 'original'), join(dir, 'link'));
  await assert.rejects(acquireLock(join(dir, 'link', 'hub.lock'), 'a hub'), { code: 'EINUSE' });
  renameSync(join(dir, 'original'), join(dir, 'moved'));
  await assert.rejects(acquireLock(join(dir, 'moved', 'hub.lock'), 'a hub'), { code: 'EINUSE' });
  held.release();
});

test('of many that start at once, one gets the lock', async () => {
  const tries = await Promise.allSettled(Array.from({ length: 20 }, lock));
  assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1);
});

test('a missing directory is an error of the disk', async () => {
  await assert.rejects(acquireLock(join(dir, 'no', 'hub.lock'), 'a hub'), { code: 'EIO' });
});
