import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reachedAt } from '../../../src/hub/drones/reached-at.ts';

test('a drone on another machine is not reached at an address that is one of whoever connects to it', () => {
  for (const address of [
    '127.0.0.1',
    '127.1.2.3',
    '::1',
    '0.0.0.0',
    '::ffff:127.0.0.1',
    'localhost',
    '169.254.169.254',
  ])
    assert.equal(reachedAt(address, '10.0.0.7'), null, address);
  assert.equal(reachedAt('0.0.0.0', '127.0.0.1'), '127.0.0.1');
  assert.equal(reachedAt('fe80::1%eth0', 'fe80::2%eth0'), 'fe80::1%eth0');
  assert.equal(reachedAt('web1.example.com', '10.0.0.7'), 'web1.example.com');
  assert.equal(reachedAt('10.1.0.7', '10.0.0.7'), '10.1.0.7');
  assert.equal(reachedAt(null, '10.0.0.7'), '10.0.0.7');
});
