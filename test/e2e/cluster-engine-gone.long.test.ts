import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { healed, live, OWN, ordersOn, pidsAt, readsOn, refuses } from '../fixtures/engine-faults.ts';
import { borrowed } from '../fixtures/nats.ts';

const skip = 'missing' in borrowed ? borrowed.missing : false;

for (const keeps of [true, false])
  test(`all servers are killed, and come back ${keeps ? 'with' : 'without'} what they kept`, {
    skip,
  }, async (t) => {
    const it = await live(t);
    const { on, works } = it;
    const token = (await works('h1', 'token', 'create', 'before', '--can=read')).trim();
    await works('h1', 'label', 'web1', 'zone=a');
    const before = await pidsAt(it, 'h1');
    await on.nats.kill(1);
    await sleep(6_000);
    const away = /the cluster at nats:\S+ does not answer, or has no majority; what runs, runs on/;
    for (const [hub, drone] of OWN) {
      await readsOn(it, hub, drone);
      await ordersOn(it, hub, drone);
      const { stdout, stderr } = await it.at(hub, 'hubs');
      assert.match(stdout, new RegExp(`^${hub} .* 1 drone .* up \\S+$`, 'm'));
      assert.match(stdout, new RegExp(`^${hub === 'h1' ? 'h2' : 'h1'} .* - +- +- +lost \\d+s$`, 'm'));
      assert.match(
        stderr,
        new RegExp(`^fleet: ${hub}: the cluster at nats:\\S+ does not answer.*runs on\\n$`),
      );
      const [first, second] = await on.listed(hub);
      const [own, other] = hub === 'h1' ? [first, second] : [second, first];
      assert.match(own?.problem ?? '', /^the cluster at nats:\S+ does not answer/);
      assert.deepEqual([own?.lost, other?.problem, other?.drones], [null, null, null]);
      assert.ok(Number(other?.lost) >= 5);
    }
    for (const [hub] of OWN) await refuses(it, hub, away);
    if (!keeps) on.nats.wipe(1);
    await on.nats.restart(1);
    await healed(it, 1);
    const well = (await on.listed('h1')).map(({ lost, problem }) => ({ lost, problem }));
    assert.deepEqual(
      well,
      [1, 2].map(() => ({ lost: null, problem: null })),
    );
    const after = await pidsAt(it, 'h2');
    assert.equal(after[it.id], before[it.id], 'what was spawned by hand has not noticed');
    for (const hub of ['h1', 'h2']) {
      const seen = await on.run(['ps', `--hub=127.0.0.1:${on.hubs.get(hub)?.port}`, `--secret=${token}`]);
      assert.equal(seen.code, 0, seen.stderr);
      assert.match(await works(hub, 'drones'), /zone=a/);
      assert.doesNotMatch(await works(hub, 'token', 'ls'), /^ci /m);
    }
    assert.equal(
      await works('h1', 'env', 'ls').then((text) => /MORE/.test(text)),
      false,
      'nothing half done',
    );
  });
