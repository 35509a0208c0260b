import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hubLines, problemLines } from '../../src/cli/hubs-text.ts';

test('each hub is a line; a dash stands for what is not known', () => {
  const h1 = {
    name: 'h1',
    version: '1.0.0',
    address: 'https://h1:7000',
    drones: 1,
    repositories: 2,
    uptime: 7_200,
  };
  const well = { lost: null, problem: null };
  const h2 = { name: 'h2', version: '1.0.1', address: null, drones: null, repositories: null, uptime: null };
  assert.deepEqual(
    hubLines([
      { ...h1, ...well, leads: true },
      { ...h2, ...well, leads: null },
    ]),
    [
      'h1  https://h1:7000  1.0.0  1 drone  2 repositories  up 2h  leads',
      'h2                   1.0.1  -        -               -',
    ],
  );
  assert.deepEqual(hubLines([{ ...h1, ...well, address: null, leads: true }]), [
    'h1  1.0.0  1 drone  2 repositories  up 2h  leads',
  ]);
});

test('a hub that another one is cut off from is lost; what is wrong with the engine is said once', () => {
  const known = { version: '1.0.0', address: null, drones: 1, repositories: 1, uptime: 60, leads: false };
  const unknown = { drones: null, repositories: null, uptime: null, leads: null, problem: null };
  const problem = 'the cluster at nats://n1 does not answer';
  const hubs = [
    { ...known, name: 'h1', lost: null, problem },
    { ...known, name: 'h2', lost: null, problem },
    { ...known, ...unknown, name: 'h3', lost: 12 },
    { ...known, name: 'h4', lost: null, problem: null },
  ];
  assert.match(hubLines(hubs)[2] ?? '', /^h3 +1\.0\.0 +- +- +- +lost 12s$/);
  assert.deepEqual(problemLines(hubs), [`fleet: h1, h2: ${problem}`]);
  assert.deepEqual(problemLines(hubs.slice(3)), []);
});
