import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUnreached } from '../../../src/hub/traffic/unreached.ts';

for (const [what, address, viewers, is] of [
  ['nobody brings requests', '127.0.0.1', [], false],
  ['those who do are on its machine', '127.0.0.1', ['127.0.0.1', '::1'], false],
  ['one of them is elsewhere', '127.0.0.1', ['127.0.0.1', '10.0.0.9'], true],
  ['it has an address for others', '10.0.0.5', ['127.0.0.1', '10.0.0.9'], false],
  ['it says none', null, ['127.0.0.1'], true],
  ['it says none, and nobody asks', null, [], false],
] as const)
  test(`a drone is ${is ? 'un' : ''}reached if ${what}`, () =>
    assert.equal(isUnreached(address, viewers), is));
