import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { NatsBucket } from '../../../src/hub/store/nats-bucket.ts';
import { NatsBus } from '../../../src/hub/store/nats-bus.ts';
import { NatsLink } from '../../../src/hub/store/nats-link.ts';
import { NatsStore } from '../../../src/hub/store/nats-store.ts';
import type { Store } from '../../../src/hub/store/store.ts';
import { FaultProxy } from '../../fixtures/fault-proxy.ts';
import { eventually } from '../../fixtures/local-fleet.ts';
import { borrowed, NatsServers } from '../../fixtures/nats.ts';

const skip = 'missing' in borrowed ? borrowed.missing : false;
/** Longer than servers take to agree on a leader. */
const PATIENT_MS = 30_000;
/** What it takes servers, at most, that have been away; a majority without one of them is there only then. */
const CURRENT_WITHIN_MS = 120_000;
const APP = { version: 1, repo: 'webapp', last: 1, releases: [] };

async function serversFor(t: TestContext, count: 1 | 3): Promise<NatsServers> {
  const servers = await NatsServers.start(count);
  t.after(() => servers.end());
  return servers;
}

/** The store of a hub that asks the engine for so long. */
async function storeOn(t: TestContext, urls: string, askWithinMs = PATIENT_MS): Promise<NatsStore> {
  const store = await NatsStore.open({
    ...{ servers: urls.split(','), creds: null, name: 'h1', log: () => {}, askWithinMs },
  });
  t.after(() => store.close());
  return store;
}

/** Resolves when a watcher of the key was told. */
function told(store: Store, key: string): Promise<void> {
  return new Promise((resolve) => {
    const end = store.watch(key, () => {
      end();
      resolve();
    });
  });
}

test('of hubs that change the same record at the same moment, one does', { skip }, async (t) => {
  const servers = await serversFor(t, 3);
  const stores = await Promise.all([1, 2, 3, 1, 2, 3, 1, 2, 3].map((n) => storeOn(t, servers.url(n))));
  let revision = (await stores[0]?.create('app.webapp', APP)) ?? 0;
  for (let last = 2; last < 30; last++) {
    const seen = revision;
    const results = await Promise.allSettled(
      stores.map((store, n) => store.update('app.webapp', { ...APP, last, by: n }, seen)),
    );
    const made = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    assert.equal(made.length, 1, `${made.length} changed revision ${seen}`);
    for (const one of results)
      if (one.status === 'rejected') assert.equal(one.reason.code, 'ECONFLICT', String(one.reason));
    revision = made[0] ?? 0;
    for (const store of stores) assert.equal((await store.get('app.webapp'))?.revision, revision);
  }
});

test('what hubs write side by side into different records is all there', { skip }, async (t) => {
  const servers = await serversFor(t, 3);
  const stores = [await storeOn(t, servers.url(1)), await storeOn(t, servers.url(3))];
  const names = Array.from({ length: 40 }, (_, n) => `t${n}`);
  await Promise.all(
    names.map((name, n) => stores[n % 2]?.create(`token.${name}`, { name, hash: 'x', can: [] })),
  );
  for (const store of stores) {
    const found = (await store.list('token.')).map(({ key }) => key);
    assert.deepEqual(new Set(found), new Set(names.map((name) => `token.${name}`)));
  }
});

test('a server that is killed and comes back is waited for, and what was missed is told', {
  skip,
}, async (t) => {
  const servers = await serversFor(t, 1);
  const [one, other] = [await storeOn(t, servers.url(1)), await storeOn(t, servers.url(1))];
  const revision = await one.create('app.webapp', APP);
  await servers.kill(1);
  const hint = told(other, 'app.webapp');
  const change = one.update('app.webapp', { ...APP, last: 2 }, revision);
  await servers.restart(1);
  assert.ok((await change) > revision);
  await hint;
  assert.deepEqual((await other.get('app.webapp'))?.value, { ...APP, last: 2 });
});

test('with one server of three away, all goes on', { skip }, async (t) => {
  const servers = await serversFor(t, 3);
  const stores = [await storeOn(t, servers.urls), await storeOn(t, servers.urls)];
  const [one, other] = stores as [NatsStore, NatsStore];
  let revision = await one.create('app.webapp', APP);
  for (const n of [1, 2]) {
    await eventually(() => servers.areCurrent(), 'all copies are current', CURRENT_WITHIN_MS);
    await servers.kill(n);
    const hint = told(other, 'app.webapp');
    revision = await one.update('app.webapp', { ...APP, last: n + 1 }, revision);
    await hint;
    assert.equal((await other.get('app.webapp'))?.revision, revision);
    assert.equal((await other.list('app.')).length, 1);
    await servers.restart(n);
  }
});

test('who asks a server that is held up is refused after its ping was not answered, and not if it goes on before', {
  skip,
}, async (t) => {
  const servers = await serversFor(t, 1);
  const store = await storeOn(t, servers.urls);
  const revision = await store.create('app.webapp', APP);
  const pid = servers.pid(1);
  process.kill(pid, 'SIGSTOP');
  const change = store.update('app.webapp', { ...APP, last: 2 }, revision);
  await sleep(2_000);
  process.kill(pid, 'SIGCONT');
  let next = await change;
  process.kill(pid, 'SIGSTOP');
  let ms = 0;
  const again = async () => {
    // It may have answered just before it stops.
    for (;;) {
      const began = performance.now();
      next = await store.update('app.webapp', { ...APP, last: 3 }, next).finally(() => {
        ms = performance.now() - began;
      });
    }
  };
  await assert.rejects(again(), { code: 'ECLUSTER' });
  t.diagnostic(`refused after ${Math.round(ms)} ms`);
  assert.ok(ms < PATIENT_MS / 2, 'it is not asked for as long as one that chooses a leader');
  process.kill(pid, 'SIGCONT');
  await eventually(() => store.get('app.webapp').catch(() => null), 'it answers again', 30_000);
});

test('without a majority nothing is changed, which is said in time; with one, all is right again', {
  skip,
}, async (t) => {
  const servers = await serversFor(t, 3);
  const patient = await storeOn(t, servers.urls);
  const revision = await patient.create('app.webapp', APP);
  const hasty = await storeOn(t, servers.urls, 1_500);
  await servers.kill(1);
  await servers.kill(2);
  const began = performance.now();
  const lacks = { code: 'ECLUSTER', message: /does not answer, or has no majority; what runs, runs on/ };
  await Promise.all(
    ['app.webapp', 'app.other', 'app.third', 'app.fourth'].map((key) =>
      assert.rejects(hasty.update(key, { ...APP, last: 2 }, revision), lacks),
    ),
  );
  assert.ok(performance.now() - began < 10_000, 'each waits for itself, not for those before it');
  // The server that is left may answer, or may not.
  for (const read of await Promise.allSettled([hasty.get('app.webapp'), hasty.list('app.')]))
    if (read.status === 'rejected') assert.equal(read.reason.code, 'ECLUSTER');
  const hint = told(patient, 'app.webapp');
  await servers.restart(1);
  await servers.restart(2);
  // The first may have been done: that is not known, and so it is looked at.
  const { revision: now } = (await patient.get('app.webapp')) ?? { revision: 0 };
  assert.ok((await patient.update('app.webapp', { ...APP, last: 3 }, now)) > now);
  await hint;
  assert.deepEqual((await patient.list('app.'))[0]?.value, { ...APP, last: 3 });
});

test('what is asked while a server is held up is asked of another one', { skip }, async (t) => {
  const servers = await serversFor(t, 3);
  const options = { creds: null, log: () => {}, askWithinMs: 15_000 };
  const link = await NatsLink.open({ ...options, servers: servers.urls.split(','), name: 'h1' });
  t.after(() => link.close());
  const at = link.connection?.getServer() ?? '';
  const held = [1, 2, 3].find((n) => servers.url(n).endsWith(at)) ?? 0;
  const there = await NatsLink.open({ ...options, servers: [servers.url((held % 3) + 1)], name: 'h2' });
  t.after(() => there.close());
  new NatsBus(there).subscribe('test.ping', (_, answer) => answer(Buffer.from('pong')));
  await there.connection?.flush();
  process.kill(servers.pid(held), 'SIGSTOP');
  const answer = await link.ask(async () => link.connection?.request('test.ping', '', { timeout: 1_000 }));
  assert.equal(answer?.string(), 'pong');
  assert.notEqual(link.connection?.getServer(), at);
});

test('an engine that takes 300 ms for each message is slow, and nothing else', { skip }, async (t) => {
  const servers = await serversFor(t, 1);
  const proxy = await FaultProxy.start(() => servers.portOf(1));
  t.after(() => proxy.close());
  const store = await storeOn(t, `nats://${proxy.address}`);
  proxy.latency = 300;
  const hint = told(store, 'app.webapp');
  const revision = await store.create('app.webapp', APP);
  await hint;
  await store.update('app.webapp', null, revision);
  assert.deepEqual(await store.list('app.'), []);
});

test('a value that the engine does not take is refused before it is sent', { skip }, async (t) => {
  const store = await storeOn(t, (await serversFor(t, 1)).url(1));
  const large = { ...APP, releases: ['x'.repeat(999_000)] };
  assert.ok((await store.create('app.large', { ...APP, releases: ['x'.repeat(900_000)] })) > 0);
  await assert.rejects(store.create('app.webapp', { ...large, more: 'x'.repeat(2_000) }), {
    ...{ code: 'ELIMIT', message: /app\.webapp would have 1001\d\d\d bytes; the cluster takes 1000000/ },
  });
  assert.equal(await store.get('app.webapp'), null);
});

test('a value that is not JSON is left out of a list, and said once', { skip }, async (t) => {
  const servers = await serversFor(t, 1);
  const said: string[] = [];
  const options = {
    servers: [servers.url(1)],
    creds: null,
    name: 'h1',
    log: (line: string) => said.push(line),
  };
  const store = await NatsStore.open(options);
  const link = await NatsLink.open(options);
  t.after(() => Promise.all([store.close(), link.close()]));
  await store.create('app.webapp', APP);
  const bucket = await NatsBucket.open(link, { name: 'fleet_state', ttlMs: null });
  await bucket.put('app.broken', Buffer.from('{'), 0);
  for (const _ of [1, 2])
    assert.deepEqual(
      (await store.list('app.')).map(({ key }) => key),
      ['app.webapp'],
    );
  assert.equal(said.filter((line) => /^app\.broken is left alone: .*nats kv del$/.test(line)).length, 1);
  await assert.rejects(store.get('app.broken'), { code: 'ECONFIG' });
});

test('a connection that the client gives up for good is replaced once the engine lets the hub in again', {
  skip,
}, async (t) => {
  const servers = await serversFor(t, 1);
  const said: string[] = [];
  const log = (line: string) => said.push(line);
  const options = { servers: [servers.url(1)], creds: null, name: 'h1', log, askWithinMs: PATIENT_MS };
  const store = await NatsStore.open(options);
  t.after(() => store.close());
  const revision = await store.create('app.webapp', APP);
  await servers.kill(1);
  // A client that is refused twice by the same server dials no more.
  await servers.restart(1, { authorization: { user: 'somebody', password: 'else' } });
  while (!said.some((line) => line.includes('is not reached'))) await sleep(20);
  await assert.rejects(NatsStore.open(options), { code: 'ECLUSTER', message: /does not let this hub in/ });
  const hint = told(store, 'app.webapp');
  await servers.kill(1);
  await servers.restart(1);
  await store.update('app.webapp', { ...APP, last: 2 }, revision);
  await hint;
  assert.match(said.at(-1) ?? '', /^connected to the cluster at nats:\S+ again$/);
});

test('an engine that does not encrypt is not spoken with if that is asked for', { skip }, async (t) => {
  const servers = await serversFor(t, 1);
  const options = { creds: null, name: 'h1', log: () => {}, askWithinMs: PATIENT_MS };
  await assert.rejects(NatsStore.open({ ...options, servers: [servers.url(1).replace('nats:', 'tls:')] }), {
    code: 'ECLUSTER',
    message: /does not encrypt/,
  });
});

test('servers that have lost what they kept get it anew, and numbers grow on', { skip }, async (t) => {
  const servers = await serversFor(t, 1);
  const [one, other] = [await storeOn(t, servers.url(1)), await storeOn(t, servers.url(1))];
  await one.create('app.gone', APP);
  const { revision: last = 0 } = (await one.get('app.gone')) ?? {};
  await one.update('app.gone', null, last);
  const revision = await one.create('app.webapp', APP);
  await other.list('app.');
  await servers.kill(1);
  servers.wipe(1);
  await servers.restart(1);
  // Whoever has seen the old one changes nothing before they have looked.
  await assert.rejects(other.update('app.webapp', { ...APP, last: 2 }, revision), { code: 'ECONFLICT' });
  const now = await other.get('app.webapp');
  assert.deepEqual(now?.value, APP);
  assert.ok((now?.revision ?? 0) > revision);
  assert.equal(await one.get('app.gone'), null);
  await one.create('app.more', APP);
  assert.deepEqual((await other.list('app.')).map(({ key }) => key).sort(), ['app.more', 'app.webapp']);
});
