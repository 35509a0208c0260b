import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DroneKeys } from '../../../src/hub/access/drone-keys.ts';
import { FileStore } from '../../../src/hub/store/file-store.ts';
import { keyName } from '../../../src/protocol/drone-proof.ts';
import { eventually } from '../../fixtures/local-fleet.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const [ONE, OTHER] = ['A'.repeat(43), 'B'.repeat(43)];
const open = (dir: string) => DroneKeys.open(new FileStore(dir, assert.fail));
const AT = { only: null, at: 'http://hub:7000', invitation: 'aa' };

test('keys are there after a restart of the hub, in a file of its own user', async (t) => {
  const dir = temporaryFolder(t);
  const keys = await open(dir);
  const { name } = await keys.add(ONE, { ...AT, only: 'web1' });
  await keys.bind(name, { identity: 'i1', drone: 'web1' });
  assert.equal(statSync(join(dir, 'drone-keys.json')).mode & 0o777, 0o600);
  const again = await open(dir);
  assert.deepEqual(again.find(ONE), keys.find(ONE));
  assert.equal(again.invitedBy('aa')?.drone, 'web1');
  assert.deepEqual(
    again.list().map(({ name: called, can, drone }) => [called, can, drone]),
    [[keyName(ONE), ['drone'], 'web1']],
  );
});

test('a key is of one drone, and a drone with a key joins with no other, and with nothing else', async (t) => {
  const keys = await open(temporaryFolder(t));
  const [one, other] = [await keys.add(ONE, AT), await keys.add(OTHER, { ...AT, invitation: 'bb' })];
  await keys.bind(one.name, { identity: 'i1', drone: 'web1' });
  keys.demandOwn(one.name, 'i1');
  keys.demandOwn(other.name, 'i2');
  keys.demandOwn('secret', 'i3');
  for (const name of [other.name, 'secret', 'ci'])
    assert.throws(() => keys.demandOwn(name, 'i1'), {
      code: 'EFORBIDDEN',
      message: new RegExp(`web1 has a key of its own.*fleet token rm ${one.name}`),
    });
  assert.throws(() => keys.demandOwn(one.name, 'i2'), { code: 'EFORBIDDEN', message: /the key of web1/ });
});

test('a key that was removed, by its name or that of its drone, is not valid, also if it comes back', async (t) => {
  const keys = await open(temporaryFolder(t));
  const removed: string[] = [];
  keys.on('removed', ({ key }) => removed.push(key));
  const [one, other] = [await keys.add(ONE, AT), await keys.add(OTHER, { ...AT, invitation: 'bb' })];
  await keys.bind(one.name, { identity: 'i1', drone: 'web1' });
  assert.equal(await keys.removeOf('web2'), false);
  assert.equal(await keys.removeOf('web1'), true);
  assert.equal(await keys.remove(other.name), true);
  assert.equal(await keys.remove(other.name), false);
  assert.deepEqual([removed, keys.isValid(one), keys.isValid(other)], [[ONE, OTHER], false, false]);
});

test('a file that no hub wrote is not taken for one, and what a newer hub wrote is kept', async (t) => {
  const dir = temporaryFolder(t);
  const path = join(dir, 'drone-keys.json');
  for (const text of ['{}', '{"keys":[{"name":"x"}]}', '[]']) {
    writeFileSync(path, text);
    await assert.rejects(open(dir), { code: 'ECONFIG' }, text);
  }
  const known = { name: keyName(ONE), key: ONE, at: 'x', invitation: 'y', only: null, created: 1, zone: 'b' };
  writeFileSync(path, JSON.stringify({ keys: [known] }));
  await (await open(dir)).bind(keyName(ONE), { identity: 'i1', drone: 'web1' });
  assert.match(readFileSync(path, 'utf8'), /"zone": "b"/);
});

test('a key that one hub takes lets in at another one with the same store, until it is removed', async (t) => {
  const store = new FileStore(temporaryFolder(t), assert.fail);
  const [one, other] = [await DroneKeys.open(store), await DroneKeys.open(store)];
  await one.add(ONE, AT);
  const found = await eventually(() => other.find(ONE), 'the other hub knows the key');
  const removed = once(other, 'removed');
  await one.remove(found.name);
  assert.deepEqual(await removed, [found]);
  assert.deepEqual([other.isValid(found), other.find(ONE)], [false, undefined]);
});
