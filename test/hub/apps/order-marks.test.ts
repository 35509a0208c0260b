import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fenceMark, givenFences, isOrdered, startKey } from '../../../src/hub/apps/order-marks.ts';
import { Vault } from '../../../src/hub/apps/vault.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const INSTANCE = {
  app: 'webapp',
  service: 'web',
  slot: 2,
  release: 3,
  port: null,
  state: 'ready',
  why: null,
};

test('an instance is known by the key that only hubs with this vault make, whatever attempt it is', (t) => {
  const [vault, other] = [new Vault(temporaryFolder(t)), new Vault(temporaryFolder(t))];
  for (const attempt of [1, 2, 32]) {
    const key = startKey(vault, { ...INSTANCE, attempt });
    assert.ok(isOrdered(vault, { key, instance: INSTANCE }));
    assert.ok(!isOrdered(other, { key, instance: INSTANCE }));
    for (const differing of [{ app: 'shop' }, { service: 'worker' }, { slot: 3 }, { release: 4 }])
      assert.ok(
        !isOrdered(vault, { key, instance: { ...INSTANCE, ...differing } }),
        JSON.stringify(differing),
      );
  }
  assert.ok(isOrdered(vault, { key: '0'.repeat(32) }), 'no instance at all');
});

test('of the fences that a drone says, those count that hubs with this vault have given orders with', (t) => {
  const vault = new Vault(temporaryFolder(t));
  const fence = { created: 10, count: 5 };
  const given = { ...fence, mark: fenceMark(vault, 'webapp', fence) };
  assert.deepEqual(givenFences(vault, { webapp: given }), { webapp: given });
  const lies = { webapp: { ...given, count: 6 }, shop: given, blog: fence };
  assert.deepEqual(givenFences(vault, lies), {});
});
