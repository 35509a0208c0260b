import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosenDrone } from '../../src/hub/chosen-drone.ts';
import { key } from '../fixtures/fake-drone.ts';

const droneOf = () => ({ identity: key() });

test('a request has the same drone at every try, in whatever order they are, and whoever else comes or goes', () => {
  const drones = Array.from({ length: 50 }, droneOf);
  for (let n = 0; n < 200; n++) {
    const one = key();
    const chosen = chosenDrone(drones, one);
    assert.ok(chosen);
    assert.equal(chosenDrone(drones.toReversed(), one), chosen);
    const without = drones.filter((drone, at) => drone === chosen || at % 2 === 0);
    assert.equal(chosenDrone(without, one), chosen);
    const more = droneOf();
    assert.ok([chosen, more].includes(chosenDrone([...drones, more], one) ?? chosen));
  }
});

test('requests are spread over all drones', () => {
  const drones = Array.from({ length: 4 }, droneOf);
  const counts = new Map<unknown, number>();
  for (let n = 0; n < 4_000; n++) {
    const chosen = chosenDrone(drones, key());
    counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
  }
  for (const drone of drones) {
    const count = counts.get(drone) ?? 0;
    assert.ok(count > 850 && count < 1_150, `${count} of 4,000`);
  }
});

test('of none there is none', () => {
  assert.equal(chosenDrone([], key()), undefined);
});
