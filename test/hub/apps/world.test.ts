import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ofService } from '../../../src/hub/apps/world.ts';
import { makeInstance, makeWorld } from './records.ts';

test('the instances of a service are found in any world, however often they are asked for', () => {
  const [web, worker] = [makeInstance(1, 1), makeInstance(1, 1, { service: 'worker' })];
  const world = makeWorld([], [web, worker, makeInstance(2, 1)]);
  for (let n = 0; n < 2; n++) {
    assert.deepEqual(
      ofService(world, 'web').map(({ slot }) => slot),
      [1, 2],
    );
    assert.deepEqual(ofService(world, 'worker'), [worker]);
    assert.deepEqual(ofService(world, 'constructor'), []);
  }
  assert.deepEqual(ofService(makeWorld([], [worker]), 'web'), [], 'another world has its own');
});
