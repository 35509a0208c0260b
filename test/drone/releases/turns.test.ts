import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from '../../../src/drone/releases/turns.ts';

test('work under the same key runs in sequence, also after a failure', async () => {
  const turns = new Turns();
  const done: string[] = [];
  let finish: () => void = () => {};
  const first = turns.take('a', async () => {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    done.push('first');
    throw new Error('failed');
  });
  const second = turns.take('a', async () => done.push('second'));
  await turns.take('b', async () => done.push('other'));
  assert.deepEqual(done, ['other']);
  assert.ok(turns.isBusy('a'));
  finish();
  await assert.rejects(first, /failed/);
  await second;
  assert.deepEqual(done, ['other', 'first', 'second']);
});

test('nothing is kept once all work is done', async () => {
  const turns = new Turns();
  void turns.take('a', async () => {
    void turns.take('b', async () => {});
  });
  await turns.idle();
  assert.ok(!turns.isBusy('a') && !turns.isBusy('b'));
});
