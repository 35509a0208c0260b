import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressIn, remoteLinesIn, withoutProgress } from '../../src/git/push-progress.ts';

test('the newest progress of a push is read, with the bytes if git names them', () => {
  const cases: [string, ReturnType<typeof progressIn>][] = [
    ['Writing objects:  45% (9/20)\r', { done: 9, total: 20, bytes: null }],
    ['Writing objects:  66% (2/3), 1.50 MiB | 3.00 MiB/s\r', { done: 2, total: 3, bytes: 1_572_864 }],
    [
      'Writing objects:  33% (1/3)\rWriting objects: 100% (3/3), 254 bytes | 254.00 KiB/s, done.\n',
      { done: 3, total: 3, bytes: 254 },
    ],
    ['Counting objects:  50% (1/2)\r', null],
    ['remote: Resolving deltas: 100% (1/1), done.\n', null],
    ['', null],
  ];
  for (const [chunk, progress] of cases) assert.deepEqual(progressIn(chunk), progress, chunk);
});

test('without its progress, the output of a failed push is the reason', () => {
  const output = `Enumerating objects: 3, done.
Counting objects:  33% (1/3)\rCounting objects: 100% (3/3), done.
Delta compression using up to 2 threads
Writing objects: 100% (3/3), 254 bytes | 254.00 KiB/s, done.
Total 3 (delta 0), reused 0 (delta 0), pack-reused 0
remote: Unpacking objects: 100% (3/3), done.
remote: error: object 1234: badEmail: invalid author
error: failed to push some refs`;
  assert.equal(
    withoutProgress(output),
    'remote: error: object 1234: badEmail: invalid author\nerror: failed to push some refs',
  );
  const reasons = "fatal: unable to access 'http://hub/': refused\nremote: the hub's disk is full: 100% used";
  assert.equal(withoutProgress(reasons), reasons);
});

test('what the hub tells whoever pushes is told apart from progress', () => {
  const output = `Writing objects: 100% (3/3), 254 bytes | 254.00 KiB/s, done.
remote: Resolving deltas: 100% (1/1), done.
remote: held by h1 alone        
To http://hub:7001/webapp.git`;
  assert.deepEqual(remoteLinesIn(output), ['held by h1 alone']);
  assert.deepEqual(remoteLinesIn('To http://hub:7001/webapp.git'), []);
});
