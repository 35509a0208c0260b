import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, test } from 'node:test';
import type { OtherHub } from '../../../src/hub/cluster/other-hubs.ts';
import { HUB_CALLS } from '../../../src/protocol/hub-calls.ts';
import { serve } from '../../../src/rpc/calls.ts';
import type { Peer } from '../../../src/rpc/peer.ts';
import { LinkedHub } from '../../fixtures/linked-hubs.ts';
import { MemoryEngine } from '../../fixtures/memory-bus.ts';

const hubs: LinkedHub[] = [];
afterEach(async () => {
  for (const hub of hubs.splice(0)) await hub.end();
});

function hubOn(engine: MemoryEngine, name: string, drones = 0): LinkedHub {
  const about = (_: OtherHub, peer: Peer) =>
    serve(
      peer,
      { about: HUB_CALLS.about },
      { about: () => ({ drones, repositories: 0, uptime: 0, leads: false }) },
    );
  const hub = new LinkedHub(name, engine.connect(), about).start();
  hubs.push(hub);
  return hub;
}

test('hubs of one engine find each other, and call each other', async () => {
  const engine = new MemoryEngine();
  const [h1, h2, h3] = [hubOn(engine, 'h1', 1), hubOn(engine, 'h2', 2), hubOn(engine, 'h3', 3)];
  const asks = async (from: LinkedHub, to: string) =>
    (await (await from.to(to)).calls.call('about', {}, { timeout: 5_000 })).result.drones;
  assert.deepEqual(await Promise.all([asks(h1, 'h2'), asks(h2, 'h1'), asks(h3, 'h1')]), [2, 1, 1]);
  assert.deepEqual(await Promise.all([asks(h1, 'h3'), asks(h2, 'h3'), asks(h3, 'h2')]), [3, 3, 2]);
  assert.deepEqual(
    h2.links.all().map(({ name }) => name),
    ['h1', 'h3'],
  );
});

test('a hub that is stopped is gone at once, and one that comes back is another', async () => {
  const engine = new MemoryEngine();
  const h1 = hubOn(engine, 'h1');
  const h2 = hubOn(engine, 'h2');
  const before = await h1.to('h2');
  await h2.end();
  await before.gone;
  const again = hubOn(engine, 'h2');
  const after = await h1.to('h2');
  assert.equal(after.start, again.identity.start);
  assert.notEqual(after, before);
});

test('a link of which a message was lost ends, and there is a new one', async () => {
  const engine = new MemoryEngine();
  const h1 = hubOn(engine, 'h1');
  hubOn(engine, 'h2', 7);
  const before = await h1.to('h2');
  let lost = 0;
  engine.loses = (subject) => subject.startsWith('fleet.link.') && lost++ === 0;
  before.calls.notify('about', {});
  before.calls.notify('about', {});
  await new Promise((resolve) => setImmediate(resolve));
  before.calls.notify('about', {});
  assert.match((await before.gone).message, /lost|ended|closed/);
  const [after] = (await once(h1.links, 'come')) as [OtherHub];
  assert.equal((await after.calls.call('about', {}, { timeout: 5_000 })).result.drones, 7);
});

test('while the engine is not reached there are no other hubs, and then there are again', async () => {
  const engine = new MemoryEngine();
  const h1 = hubOn(engine, 'h1');
  hubOn(engine, 'h2');
  const before = await h1.to('h2');
  const [bus] = engine.buses;
  bus?.fall();
  await before.gone;
  assert.deepEqual(h1.links.all(), []);
  bus?.rise();
  assert.equal((await h1.to('h2')).name, 'h2');
});
