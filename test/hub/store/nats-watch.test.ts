import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { NatsBucket } from '../../../src/hub/store/nats-bucket.ts';
import type { NatsLink } from '../../../src/hub/store/nats-link.ts';
import type { Stored } from '../../../src/hub/store/nats-stored.ts';
import { NatsWatch } from '../../../src/hub/store/nats-watch.ts';
import { Clock } from '../../fixtures/clock.ts';

/** A watch of a bucket whose messages may get lost. */
async function watchOf(t: TestContext) {
  const clock = new Clock(t);
  const stored = new Map<string, Stored>();
  const bucket = { lists: 0, last: 0, isLost: false, isAway: false, tell: (_: Stored) => {} };
  const follow = async (_: string, __: object, heard: (stored: Stored) => void) => {
    bucket.lists++;
    bucket.tell = heard;
    for (const one of stored.values()) heard(one);
    return { close: async () => {}, closed: () => new Promise(() => {}) };
  };
  const extent = async () => {
    if (bucket.isAway) throw new Error('no majority');
    return { last: bucket.last, keys: stored.size };
  };
  const write = (key: string) => {
    const one = { key, data: null, revision: ++bucket.last };
    stored.set(key, one);
    if (!bucket.isLost) bucket.tell(one);
  };
  const heard: string[] = [];
  const watch = await NatsWatch.open(
    new EventEmitter() as NatsLink,
    { follow, extent } as unknown as NatsBucket,
    (key) => heard.push(key),
  );
  t.after(() => watch.close());
  const pass = async (ms: number) => {
    clock.pass(ms);
    await turn();
    await turn();
  };
  return { bucket, stored, write, heard, pass };
}

test('what was heard is not listed again, however long the watch lasts', async (t) => {
  const { bucket, write, heard, pass } = await watchOf(t);
  write('a.x');
  for (let n = 0; n < 20; n++) await pass(60_000);
  write('a.y');
  for (let n = 0; n < 20; n++) await pass(60_000);
  assert.deepEqual([bucket.lists, heard], [1, ['a.x', 'a.y']]);
});

test('what was not heard is told a minute later, be it a change or that something has gone', async (t) => {
  const { bucket, stored, write, heard, pass } = await watchOf(t);
  write('a.x');
  bucket.isLost = true;
  write('a.y');
  await pass(60_000);
  assert.deepEqual([bucket.lists, heard], [2, ['a.x', 'a.y']]);
  stored.delete('a.x');
  await pass(60_000);
  assert.deepEqual([bucket.lists, heard], [3, ['a.x', 'a.y', 'a.x']]);
});

test('a bucket that does not say how much it has is listed', async (t) => {
  const { bucket, pass } = await watchOf(t);
  bucket.isAway = true;
  await pass(60_000);
  assert.equal(bucket.lists, 2);
});
