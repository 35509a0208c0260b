import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DroneDirectory } from '../../src/hub/drones/directory.ts';
import { forgettable } from '../../src/hub/drones/forgettable.ts';
import type { Client } from '../../src/index.ts';
import { FakeConnection } from '../fixtures/fake-connection.ts';
import { FakeDrone, key, report } from '../fixtures/fake-drone.ts';
import { eventually, LocalFleet, SECRET } from '../fixtures/local-fleet.ts';

const fleet = new LocalFleet();
let owner: Client;
before(async () => {
  await fleet.startHub();
  owner = await fleet.connect();
});
after(() => fleet.end());

const tokenFor = (name: string, drone?: string) =>
  owner.tokenCreate({ name, can: ['drone'], ...(drone === undefined ? {} : { drone }) });

/** The hub starts again, after two hours as far as its drones are concerned. */
async function hoursLater(): Promise<void> {
  await fleet.hub.close();
  const path = join(fleet.dir, 'hub/hub.json');
  const state = JSON.parse(readFileSync(path, 'utf8')) as {
    drones: Record<string, { seen: number; connected: boolean }>;
  };
  for (const drone of Object.values(state.drones))
    Object.assign(drone, { seen: drone.seen - 7_200_000, connected: false });
  writeFileSync(path, JSON.stringify(state));
  await fleet.startHub();
  owner = await fleet.connect();
}

async function leave(drone: FakeDrone): Promise<void> {
  drone.peer.close();
  await eventually(
    async () => (await owner.drones()).some((one) => one.name === drone.name && one.lost !== null),
    'gone',
  );
}

test('no drone of another token gets the name of one that is away, until that is given up', async () => {
  const [mine, theirs] = [await tokenFor('mine'), await tokenFor('theirs')];
  await leave(await FakeDrone.join(fleet.address, mine, 'web1'));
  await hoursLater();
  const thief = await FakeDrone.join(fleet.address, theirs, 'web1');
  assert.equal(thief.name, 'web1-1');
  thief.peer.close();
  const again = await FakeDrone.join(fleet.address, mine, 'web1');
  assert.equal(again.name, 'web1', 'the same token');
  await leave(again);
  const ofOwner = await FakeDrone.join(fleet.address, SECRET, 'web1');
  assert.match(ofOwner.name, /^web1-\d$/, 'it may come back within the hour');
  ofOwner.peer.close();
  await hoursLater();
  await owner.droneForget('web1');
  const heir = await FakeDrone.join(fleet.address, theirs, 'web1');
  assert.equal(heir.name, 'web1');
  heir.peer.close();
});

test('a token for one drone is for that name and drone only, and nobody else gets the name', async () => {
  const [one, other] = [await tokenFor('one', 'db1'), await tokenFor('other')];
  const early = await FakeDrone.join(fleet.address, other, 'db1');
  assert.equal(early.name, 'db1-1', 'before it has ever joined');
  const drone = await FakeDrone.join(fleet.address, one, 'whatever');
  assert.equal(drone.name, 'db1');
  await assert.rejects(FakeDrone.join(fleet.address, one, 'db1'), {
    code: 'EDUPLICATE',
    message: /fleet drones rm db1/,
  });
  await assert.rejects(owner.tokenCreate({ name: 'odd', can: ['read'], drone: 'x' }), { code: 'EUSAGE' });
  assert.equal((await owner.tokenList()).find(({ name }) => name === 'one')?.drone, 'db1');
  drone.peer.close();
  early.peer.close();
});

test('newcomers of one token replace no drone, and leave room for others', () => {
  const directory = new DroneDirectory();
  const come = (name: string, by: string | null) =>
    directory.join(new FakeConnection(), { identity: key(), name, processes: [], by });
  for (let n = 0; n < 2_000; n++) come(`x${n}`, 'flood');
  assert.throws(() => come('one-more', 'flood'), { code: 'ELIMIT', message: /'flood' already has 2000/ });
  assert.equal(come('web1', 'honest').name, 'web1');
  assert.ok(directory.get('x0'));
});

test('the drones of one token cannot fill the memory of the hub, or the answer of ps', () => {
  const directory = new DroneDirectory();
  const words = (characters: number) => ['x'.repeat(characters)];
  const come = (by: string, characters: number, identity = key()) =>
    directory.join(new FakeConnection(), {
      ...{ identity, name: 'web', by },
      processes: [report('000001', { command: words(characters) })],
    });
  const identity = key();
  come('flood', 3_900_000, identity);
  for (let n = 0; n < 3; n++) come('flood', 3_900_000);
  assert.throws(() => come('flood', 3_900_000), { code: 'EPROTOCOL', message: /'flood' report more than/ });
  come('honest', 3_900_000);
  const again = come('flood', 3_900_000, identity);
  assert.equal(again.processes.size, 1, 'one that comes back takes its own place');
  assert.throws(() => again.know(report('000002', { command: words(3_900_000) })), { code: 'EPROTOCOL' });
  assert.equal(again.processes.size, 1, 'what is refused is not kept');
  again.forget('000001');
  again.know(report('000002', { command: words(3_900_000) }));
});

test('of remembered drones, those of the token with most are forgotten first', () => {
  const drones = new Map<string, { seen: number; connected: boolean; by: string }>();
  for (let n = 0; n < 10_000; n++) drones.set(`f${n}`, { seen: 1_000 + n, connected: false, by: 'flood' });
  for (const name of ['a', 'b']) drones.set(name, { seen: 1, connected: false, by: 'honest' });
  assert.deepEqual(forgettable(drones, 20_000), ['f0', 'f1']);
});
