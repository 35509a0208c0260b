import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orderWithout, preferredOrder } from '../../src/drone/hub-order.ts';

const HUBS = ['h1', 'h2', 'h3'].map((hub) => ({ hub }));
const drones = Array.from({ length: 3_000 }, (_, n) => `drone ${n}`);
const firstOf = (drone: string, hubs: { hub: string }[]) => preferredOrder(drone, hubs)[0]?.hub ?? '';

test('each hub is preferred by about as many drones', () => {
  const firsts = drones.map((drone) => firstOf(drone, HUBS));
  for (const { hub } of HUBS) {
    const share = firsts.filter((first) => first === hub).length / drones.length;
    assert.ok(share > 0.3 && share < 0.37, `${hub} has ${share}`);
  }
});

test('the drones of a hub that is gone spread over the others, and nobody else moves', () => {
  const rest = HUBS.slice(1);
  const moved = drones.filter((drone) => firstOf(drone, HUBS) === 'h1');
  for (const drone of drones)
    if (!moved.includes(drone)) assert.equal(firstOf(drone, rest), firstOf(drone, HUBS));
  const share = moved.filter((drone) => firstOf(drone, rest) === 'h2').length / moved.length;
  assert.ok(share > 0.44 && share < 0.56, `h2 gets ${share}`);
});

test('the order is the same however the list is written', () => {
  const written = [{ hub: 'http://h3:7000' }, { hub: 'h1:7000' }, { hub: 'h2/' }];
  const plain = ({ hub }: { hub: string }) => hub.replace(/^http:\/\/|:7000$|\/$/g, '');
  for (const drone of drones.slice(0, 20))
    assert.deepEqual(preferredOrder(drone, written).map(plain), preferredOrder(drone, HUBS).map(plain));
});

test('the hub that was lost is dialled last', () => {
  const hubs = (lost: string | null) => orderWithout(lost, HUBS).map(({ hub }) => hub);
  assert.deepEqual(hubs(null), ['h1', 'h2', 'h3']);
  assert.deepEqual(hubs('http://h1:7000'), ['h2', 'h3', 'h1']);
  assert.deepEqual(hubs('http://h4:7000'), ['h1', 'h2', 'h3']);
});
