import assert from 'node:assert/strict';
import { test } from 'node:test';
import { healed, leaderOf, live, ordersOn, pidsAt, refuses } from '../fixtures/engine-faults.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { borrowed } from '../fixtures/nats.ts';

const skip = 'missing' in borrowed ? borrowed.missing : false;

test('a hub that does not reach the engine says so, and the others go on', { skip }, async (t) => {
  const it = await live(t, { slow: ['h1'] });
  const { on, works } = it;
  const before = await pidsAt(it, 'h1');
  const proxy = it.proxies.get('h1');
  assert.ok(proxy);
  for (const way of ['silent', 'cut'] as const) {
    if (way === 'silent') proxy.silent = true;
    else {
      proxy.silent = true;
      proxy.resetAll();
    }
    const release = way === 'silent' ? 1 : 2;
    await eventually(async () => (await on.listed('h2')).length === 1, 'h1 is gone for h2', 30_000);
    await eventually(async () => (await leaderOf(it, 'h2')) === 'h2', 'h2 leads', 30_000);
    await ordersOn(it, 'h2', 'web2');
    await refuses(it, 'h1', /the cluster at nats:\S+ does not answer/);
    await ordersOn(it, 'h1', 'web1');
    assert.match((await it.at('h2', 'status')).stdout, new RegExp(`v${release} `));
    await works('h2', 'token', 'create', way, '--can=read');
    proxy.silent = false;
    if (way === 'silent') {
      await healed(it, release);
      await works('h1', 'token', 'rm', 'after');
    } else proxy.resetAll();
  }
  await healed(it, 2);
  assert.equal((await pidsAt(it, 'h2'))[it.id], before[it.id]);
});
