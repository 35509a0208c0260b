import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instanceKey } from '../../../src/hub/apps/instance-key.ts';

const START = { app: 'webapp', release: 3, service: 'web', slot: 2 };
const key = (known: string[]) =>
  instanceKey(
    START,
    (one) => `${one.app} v${one.release} ${one.service}.${one.slot} ${one.attempt}`,
    new Set(known),
  );

test('an order that is given again has the same key until the drone has its process', () => {
  assert.equal(key([]), 'webapp v3 web.2 1');
  assert.equal(key(['of another process']), key([]));
});

test('while the process of an attempt is there, the next start is another attempt', () => {
  const [first, second] = ['webapp v3 web.2 1', 'webapp v3 web.2 2'];
  assert.equal(key([first]), second);
  assert.equal(key([second]), first);
  assert.equal(key([first, second]), 'webapp v3 web.2 3');
});
