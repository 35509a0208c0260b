import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { healed, live, OWN, ordersOn, pidsAt, readsOn, refuses } from '../fixtures/engine-faults.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { borrowed } from '../fixtures/nats.ts';

const skip = 'missing' in borrowed ? borrowed.missing : false;

test('servers that are full refuse what is to be written, and give all that they have', {
  skip,
}, async (t) => {
  const it = await live(t);
  const { on } = it;
  const before = await pidsAt(it, 'h1');
  await on.nats.kill(1);
  await on.nats.restart(1, on.nats.limitedTo(1, 1_000));
  const full = /the servers of the cluster at nats:\S+ are full; what runs, runs on; make room/;
  await eventually(
    async () => full.test((await on.at('h1', 'token', 'create', 'x', '--can=read')).stderr),
    'it is full',
    30_000,
  );
  await sleep(10_000);
  for (const [hub, drone] of OWN) {
    await readsOn(it, hub, drone);
    await ordersOn(it, hub, drone);
  }
  for (const [hub] of OWN) await refuses(it, hub, full);
  await on.nats.kill(1);
  await on.nats.restart(1);
  await healed(it, 1);
  assert.equal((await pidsAt(it, 'h2'))[it.id], before[it.id]);
});
