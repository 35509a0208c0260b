import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Lease } from '../../../src/hub/leases/lease.ts';
import { NatsBucket } from '../../../src/hub/store/nats-bucket.ts';
import { NatsLink } from '../../../src/hub/store/nats-link.ts';
import { isLower } from '../../../src/protocol/fence.ts';
import { borrowed, NatsServers } from '../../fixtures/nats.ts';
import { ROOT } from '../../fixtures/root.ts';
import { Running } from '../../fixtures/running.ts';

const skip = 'missing' in borrowed ? borrowed.missing : false;
const LEASE_MS = 3_000;
const HOLDER = join(ROOT, 'test/hub/leases/holder.ts');

async function serversFor(t: TestContext, count: 1 | 3): Promise<NatsServers> {
  const servers = await NatsServers.start(count);
  t.after(() => servers.end());
  return servers;
}

/** A hub that wants the lease, in a process of its own whose clock is off by so many seconds. */
function holder(t: TestContext, url: string, name: string, offSeconds: number): Running {
  const shim = `const now = Date.now; Date.now = () => now() + ${offSeconds * 1_000};`;
  const off = `--import=data:text/javascript,${encodeURIComponent(shim)}`;
  const running = Running.start([process.execPath, off, '--import=tsx', HOLDER, url, name, String(LEASE_MS)]);
  t.after(() => running.end());
  return running;
}

/** The fence with which it has taken the lease the `n`th time, from 1. */
async function taken(running: Running, n: number) {
  const [all] = await running.printed(new RegExp(`(?:taken \\d+ \\d+\\n[\\s\\S]*?){${n}}`));
  const [, created, count] = [...all.matchAll(/taken (\d+) (\d+)/g)].at(-1) ?? [];
  return { created: Number(created), count: Number(count) };
}

const heldAt = ({ stdout }: Running) => [...stdout.matchAll(/held (\d+)/g)].map(([, at]) => Number(at));

for (const count of [1, 3] as const)
  test(`a hub that is stopped has lost its lease before it does anything, with ${count} nats-server and clocks two minutes apart`, {
    skip,
  }, async (t) => {
    const servers = await serversFor(t, count);
    const one = holder(t, servers.urls, 'h1', 60);
    const first = await taken(one, 1);
    const other = holder(t, servers.urls, 'h2', -60);
    // Longer than a lease lasts that is not renewed.
    while (heldAt(one).length < 400) await one.printed(/held/, one.received);
    assert.equal(other.stdout.includes('taken'), false);
    one.kill('SIGSTOP');
    const second = await taken(other, 1);
    assert.ok(isLower(first, second), `${JSON.stringify([first, second])}`);
    await other.printed(/held/);
    one.kill('SIGCONT');
    await one.printed(/lost/);
    // Given back, it is had again without waiting until it has run out.
    other.kill('SIGTERM');
    await other.ended;
    const third = await taken(one, 2);
    assert.ok(isLower(second, third));
    const ofOther = heldAt(other);
    const [begin = 0, end = 0] = [ofOther[0], ofOther.at(-1)];
    assert.deepEqual(
      heldAt(one).filter((at) => at >= begin && at <= end),
      [],
      'both had it',
    );
  });

test('a hub that is killed is followed by another one once its lease has run out', { skip }, async (t) => {
  const servers = await serversFor(t, 3);
  const one = holder(t, servers.urls, 'h1', 0);
  const first = await taken(one, 1);
  const other = holder(t, servers.urls, 'h2', 0);
  await one.end('SIGKILL');
  assert.ok(isLower(first, await taken(other, 1)));
  await other.printed(/held/);
  const [last = 0] = heldAt(one).slice(-1);
  assert.ok((heldAt(other)[0] ?? 0) > last);
});

test('while the engine is away nobody has the lease; afterwards somebody does, with a higher fence', {
  skip,
}, async (t) => {
  const servers = await serversFor(t, 1);
  const link = await NatsLink.open({
    ...{ servers: [servers.url(1)], creds: null, name: 'h1', log: () => {}, askWithinMs: 500 },
  });
  const bucket = await NatsBucket.open(link, { name: 'fleet_lease', ttlMs: LEASE_MS });
  const lease = new Lease({ bucket, key: 'app.webapp', holder: 'h1', log: () => {}, leaseMs: LEASE_MS });
  t.after(async () => {
    await lease.close();
    await link.close();
  });
  const event = <T>(name: 'taken' | 'lost') =>
    new Promise<T>((resolve) => lease.once(name, ((given: T) => resolve(given)) as never));
  const taking = event<{ created: number; count: number }>('taken');
  lease.start();
  const first = await taking;
  assert.deepEqual(lease.fence, first);
  const losing = event('lost');
  await servers.kill(1);
  const killedAt = performance.now();
  await losing;
  assert.ok(performance.now() - killedAt < LEASE_MS, 'before it has run out');
  assert.equal(lease.fence, null);
  const again = event<{ created: number; count: number }>('taken');
  await servers.restart(1);
  assert.ok(isLower(first, await again));
});
