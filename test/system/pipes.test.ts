import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, readdirSync, readSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeLastingPipe, makePipes, type Pipe, sweepPipes } from '../../src/system/pipes.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

function closing(t: TestContext, { read, write }: Pipe): void {
  t.after(() => {
    closeSync(read);
    closeSync(write);
  });
}

function read(fd: number): string {
  const buffer = Buffer.alloc(100);
  return buffer.toString('utf8', 0, readSync(fd, buffer));
}

test('what goes in comes out, and pipes made together are separate', async (t) => {
  const pipes = await makePipes(2);
  for (const pipe of pipes) closing(t, pipe);
  for (const [at, { write }] of pipes.entries()) writeSync(write, `${at}`);
  assert.deepEqual(
    pipes.map((pipe) => read(pipe.read)),
    ['0', '1'],
  );
});

test('a process can open its output again', async (t) => {
  const pipe = await makeLastingPipe();
  closing(t, pipe);
  const script = 'echo one; echo two >/dev/stdout; echo three >/dev/stderr';
  const { status } = spawnSync('sh', ['-c', script], { stdio: ['ignore', pipe.write, pipe.write] });
  assert.equal(status, 0);
  assert.equal(read(pipe.read), 'one\ntwo\nthree\n');
});

test('a lasting pipe takes what is written although nobody reads', async () => {
  const pipe = await makeLastingPipe();
  closeSync(pipe.read);
  assert.equal(writeSync(pipe.write, 'x'), 1);
  closeSync(pipe.write);
});

test('what a killed one has left of a pipe is removed, and what is new stays', async (t) => {
  const parent = temporaryFolder(t);
  const [old, fresh, other] = ['fleet-pipe-old', 'fleet-pipe-new', 'other'].map((name) => join(parent, name));
  for (const folder of [old, fresh, other]) {
    mkdirSync(folder ?? '');
    writeFileSync(join(folder ?? '', '0'), '');
  }
  const longAgo = new Date(Date.now() - 120_000);
  for (const folder of [old, other]) utimesSync(folder ?? '', longAgo, longAgo);
  await sweepPipes([parent, join(parent, 'absent')]);
  assert.deepEqual(readdirSync(parent).sort(), ['fleet-pipe-new', 'other']);
});
