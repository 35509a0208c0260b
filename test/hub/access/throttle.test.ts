import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkOf, Throttle } from '../../../src/hub/access/throttle.ts';

test('each wrong secret from an address costs more, up to a limit', () => {
  const throttle = new Throttle();
  const costs = Array.from({ length: 10 }, () => throttle.failed('10.0.0.1', 0));
  assert.deepEqual(costs.slice(0, 4), [100, 200, 400, 800]);
  assert.equal(costs.at(-1), 8000);
  assert.equal(throttle.failed('10.0.0.2', 0), 100, 'another address starts afresh');
});

test('after ten quiet minutes an address starts afresh', () => {
  const throttle = new Throttle();
  for (let n = 0; n < 5; n++) throttle.failed('10.0.0.1', 0);
  assert.equal(throttle.failed('10.0.0.1', 600_001), 100);
});

test('memory is limited, however many addresses guess', () => {
  const throttle = new Throttle();
  for (let n = 0; n < 20_000; n++) throttle.failed(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, 0);
  assert.equal(throttle.size, 10_000);
});

test('an IPv6 customer counts as one network', () => {
  assert.equal(networkOf('2001:db8:1:2::1'), networkOf('2001:db8:1:2:ffff::9'));
  assert.notEqual(networkOf('2001:db8:1:2::1'), networkOf('2001:db8:1:3::1'));
  assert.equal(networkOf('::ffff:10.0.0.1'), '10.0.0.1');
  assert.equal(networkOf('::1'), '0:0:0:0');
});
