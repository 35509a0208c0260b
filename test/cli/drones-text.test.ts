import assert from 'node:assert/strict';
import { test } from 'node:test';
import { droneLines, dronesJson } from '../../src/cli/drones-text.ts';
import type { ProcessStatus } from '../../src/protocol/process.ts';

const drones = [
  { name: 'web2', lost: 40, version: '1.0.0', labels: {} },
  { name: 'web1', lost: null, version: '1.1.0', labels: { zone: 'a', role: 'web' } },
  { name: 'db', lost: null, version: '1.0.0' },
];
const process = {} as ProcessStatus;
const running = {
  web1: { lost: null, awaited: false, processes: { '000001': process } },
  web2: { lost: 40, awaited: false, processes: { '000002': process, '000003': process } },
};

test('each drone has a line, by name', () => {
  assert.deepEqual(droneLines(drones, running), [
    'db    1.0.0  -                -',
    'web1  1.1.0  role=web zone=a  1 process',
    'web2  1.0.0  -                2 processes  lost 40s',
  ]);
  assert.deepEqual(droneLines([], {}), []);
});

test('a drone that lacks a commit says so', () => {
  const lag = { repo: 'webapp', commit: '1b8050f'.padEnd(40, '0'), why: 'the disk is full', retries: true };
  const lagging = drones.map((drone) => (drone.name === 'db' ? drone : { ...drone, lags: [lag] }));
  const lines = droneLines(lagging, running);
  assert.match(lines[1] ?? '', / 1 process {4}lacks webapp\/1b8050f: the disk is full; tries again$/);
  assert.match(lines[2] ?? '', / lost 40s; lacks webapp\/1b8050f: the disk is full; tries again$/);
});

test('in JSON, what is not known is null', () => {
  const unknown = { address: null, load: null, memory: null, disk: null, lags: [] };
  assert.deepEqual(dronesJson(drones, running), [
    { name: 'db', version: '1.0.0', labels: {}, lost: null, processes: null, ...unknown },
    {
      name: 'web1',
      version: '1.1.0',
      labels: { zone: 'a', role: 'web' },
      lost: null,
      processes: 1,
      ...unknown,
    },
    { name: 'web2', version: '1.0.0', labels: {}, lost: 40, processes: 2, ...unknown },
  ]);
});
