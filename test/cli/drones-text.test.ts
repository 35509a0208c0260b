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

test('in JSON, what is not known is null', () => {
  const unknown = { address: null, load: null, memory: null, disk: null };
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
