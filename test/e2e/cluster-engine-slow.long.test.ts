import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { healed, live, ordersOn, pidsAt, readsOn, refused } from '../fixtures/engine-faults.ts';
import { borrowed } from '../fixtures/nats.ts';

const skip = 'missing' in borrowed ? borrowed.missing : false;

test('an engine that takes 300 ms for each piece is slow, and nothing else', { skip }, async (t) => {
  const it = await live(t, { slow: ['h1', 'h2'], answeredWithinMs: 60_000 });
  for (const proxy of it.proxies.values()) proxy.latency = 300;
  await sleep(10_000);
  await readsOn(it, 'h1', 'web1');
  await readsOn(it, 'h2', 'web2');
  await ordersOn(it, 'h2', 'web1');
  await healed(it, 1);
});

test('an engine that is held up for 3 s or 20 s loses nothing', { skip }, async (t) => {
  const it = await live(t);
  const { on, at } = it;
  const before = await pidsAt(it, 'h1');
  const pid = on.nats.pid(1);
  process.kill(pid, 'SIGSTOP');
  const patient = at('h1', 'token', 'create', 'patient', '--can=read');
  await sleep(3_000);
  process.kill(pid, 'SIGCONT');
  assert.equal((await patient).code, 0);
  process.kill(pid, 'SIGSTOP');
  const began = performance.now();
  const refusal = at('h1', 'token', 'create', 'never', '--can=read');
  await sleep(8_000);
  await readsOn(it, 'h2', 'web2');
  await ordersOn(it, 'h1', 'web1');
  refused(await refusal, /the cluster at .* does not answer/);
  refused(await at('h2', 'token', 'create', 'nor', '--can=read'), /the cluster at .* does not answer/);
  await sleep(Math.max(0, 20_000 - (performance.now() - began)));
  process.kill(pid, 'SIGCONT');
  await healed(it, 1);
  assert.equal((await pidsAt(it, 'h2'))[it.id], before[it.id]);
});
