import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HubRing } from '../../src/client/hub-ring.ts';

const HUBS = ['h1', 'h2', 'h3'].map((hub) => ({ hub }));
const orderOf = (ring: HubRing) => ring.order().map(({ hub }) => hub);

test('a client begins with any of its hubs', () => {
  assert.deepEqual(
    [0, 0.5, 0.99].map((random) => orderOf(new HubRing(HUBS, () => random))),
    [
      ['h1', 'h2', 'h3'],
      ['h2', 'h3', 'h1'],
      ['h3', 'h1', 'h2'],
    ],
  );
});

test('after one was lost it begins with the next, and that one is the last', () => {
  const ring = new HubRing(HUBS, () => 0);
  ring.lost(HUBS[1] ?? { hub: '' });
  assert.deepEqual(orderOf(ring), ['h3', 'h1', 'h2']);
  ring.lost(HUBS[2] ?? { hub: '' });
  assert.deepEqual(orderOf(ring), ['h1', 'h2', 'h3']);
});
