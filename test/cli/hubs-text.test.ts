import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hubLines } from '../../src/cli/hubs-text.ts';

test('each hub is a line; a dash stands for what is not known', () => {
  const h1 = {
    name: 'h1',
    version: '1.0.0',
    address: 'https://h1:7000',
    drones: 1,
    repositories: 2,
    uptime: 7_200,
  };
  const h2 = { name: 'h2', version: '1.0.1', address: null, drones: null, repositories: null, uptime: null };
  assert.deepEqual(
    hubLines([
      { ...h1, leads: true },
      { ...h2, leads: null },
    ]),
    [
      'h1  https://h1:7000  1.0.0  1 drone  2 repositories  up 2h  leads',
      'h2                   1.0.1  -        -               -',
    ],
  );
  assert.deepEqual(hubLines([{ ...h1, address: null, leads: true }]), [
    'h1  1.0.0  1 drone  2 repositories  up 2h  leads',
  ]);
});
