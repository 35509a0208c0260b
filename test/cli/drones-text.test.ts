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

test('what is known of its machine stands in columns', () => {
  const room = (used: number, total: number) => ({ used: used * 2 ** 20, total: total * 2 ** 20 });
  const busy = { address: '10.0.0.5', load: 0.4, memory: room(812, 3900), disk: room(12_000, 40_960) };
  assert.deepEqual(
    droneLines(
      drones.map((one) => (one.name === 'web1' ? { ...one, ...busy } : one)),
      running,
    ),
    [
      `db    1.0.0  -${' '.repeat(70)}-`,
      'web1  1.1.0  role=web zone=a  10.0.0.5  load 0.40  mem 812M/3.8G  disk 11.7G/40.0G  1 process',
      `web2  1.0.0  -${' '.repeat(70)}2 processes  lost 40s`,
    ],
  );
  const [json] = dronesJson([{ ...drones[1], ...busy } as (typeof drones)[number]], running);
  assert.deepEqual([json?.address, json?.load, json?.memory, json?.disk], Object.values(busy));
});

test('a drone that lacks a commit says so', () => {
  const lag = { repo: 'webapp', commit: '1b8050f'.padEnd(40, '0'), why: 'the disk is full', retries: true };
  const lagging = drones.map((drone) => (drone.name === 'db' ? drone : { ...drone, lags: [lag] }));
  const lines = droneLines(lagging, running);
  assert.match(lines[1] ?? '', / 1 process {4}lacks webapp\/1b8050f: the disk is full; tries again$/);
  assert.match(lines[2] ?? '', / lost 40s; lacks webapp\/1b8050f: the disk is full; tries again$/);
});

test('a drone that proxies cannot reach has a line of its own', () => {
  const lines = droneLines(
    drones.map((drone) => ({ ...drone, unreached: drone.name === 'web1' })),
    running,
  );
  assert.equal(lines.length, drones.length + 1);
  assert.equal(lines.at(-1), 'web1 has no address for others; give it --address');
});

test('in JSON, what is not known is null', () => {
  const unknown = { address: null, load: null, memory: null, disk: null, lags: [], unreached: false };
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
