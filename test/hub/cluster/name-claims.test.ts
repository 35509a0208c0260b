import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NameClaims } from '../../../src/hub/cluster/name-claims.ts';
import { DroneDirectory } from '../../../src/hub/drones/directory.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import { FakeConnection } from '../../fixtures/fake-connection.ts';
import { key } from '../../fixtures/fake-drone.ts';
import { MemoryStore } from '../../fixtures/memory-store.ts';

const asks = (name: string, identity = key()) => ({ identity, name, processes: [] });

test('two hubs never give the same name away, and each drone has its own again', async () => {
  const store = new MemoryStore();
  const [one, two] = [await NameClaims.open(store), await NameClaims.open(store)];
  const [here, there] = [asks('web'), asks('web')];
  const names = await Promise.all([
    one.claim(here, new DroneDirectory()),
    two.claim(there, new DroneDirectory()),
  ]);
  assert.deepEqual([...names].sort(), ['web', 'web-1']);
  const afterwards = await NameClaims.open(store);
  assert.equal(await afterwards.claim(here, new DroneDirectory()), names[0]);
  assert.equal(await afterwards.claim(there, new DroneDirectory()), names[1]);
});

test('while the store does not answer, a known drone has its name, and a new one is refused with a reason', async () => {
  const store = new MemoryStore();
  const claims = await NameClaims.open(store);
  const [known, directory] = [asks('web'), new DroneDirectory()];
  assert.equal(await claims.claim(known, directory), 'web');
  store.failure = new FleetError('ECLUSTER', 'the cluster at nats://a does not answer');
  assert.equal(await claims.claim(known, directory), 'web');
  await assert.rejects(claims.claim(asks('db'), directory), {
    code: 'ECLUSTER',
    message: 'no drone can get a new name now: the cluster at nats://a does not answer',
  });
});

test('a name that a drone has had which nobody knows any more is free after a while, or if it is forgotten', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  const store = new MemoryStore();
  const claims = await NameClaims.open(store);
  const directory = new DroneDirectory();
  const old = asks('web');
  await claims.claim(old, directory);
  t.mock.timers.setTime(1_000_000 + 599_000);
  assert.equal(await claims.claim(asks('web'), directory), 'web-1');
  t.mock.timers.setTime(1_000_000 + 600_001);
  directory.join(new FakeConnection(), { ...old, given: 'web' });
  assert.equal(await claims.claim(asks('web'), directory), 'web-2');
  const another = new DroneDirectory();
  const newer = asks('web');
  assert.equal(await claims.claim(newer, another), 'web');
  assert.equal(await claims.claim(old, another), 'web-3');
  await claims.free('web');
  assert.equal(await claims.claim(asks('web'), another), 'web');
});

test('the name that a token is for is not given to two drones', async () => {
  const claims = await NameClaims.open(new MemoryStore());
  const mine = { ...asks('a'), by: 'token', only: 'web' };
  assert.equal(await claims.claim(mine, new DroneDirectory()), 'web');
  await assert.rejects(claims.claim({ ...asks('b'), by: 'token', only: 'web' }, new DroneDirectory()), {
    code: 'EDUPLICATE',
  });
});
