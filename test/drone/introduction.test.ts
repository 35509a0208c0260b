import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { introductionFor, reportFor } from '../../src/drone/introduction.ts';
import { FEATURES, featuresOf } from '../../src/protocol/features.ts';
import type { Peer } from '../../src/rpc/peer.ts';
import { report } from '../fixtures/fake-drone.ts';

const hub = (features: readonly string[]) =>
  ({
    features: featuresOf('1.0.0', [...features]),
    options: { stream: new PassThrough() },
  }) as unknown as Peer;
const [today, first] = [hub(FEATURES), hub([])];
const running = report('1e99f4', { status: 'unknown', labels: { a: 'b' }, cpu: 3, memory: 7 });
const drone = {
  ...{ identity: '0'.repeat(32), name: 'web1', labels: { role: 'web' }, address: null },
  ...{ processes: [running], jobs: [], lags: [], fences: {} },
};

test('a hub of fleet 1.0 is told of a process only what it knows', () => {
  assert.equal(reportFor(today, running), running);
  const { labels, cpu, memory, ...known } = running;
  assert.deepEqual(reportFor(first, running), { ...known, status: 'running' });
  assert.equal(reportFor(first, { ...running, status: 'respawning' }).status, 'respawning');
});

test('a drone names its version, its features and this start of it; a hub that knows no jobs is told of none', () => {
  const start = '1'.repeat(32);
  const said = introductionFor(today, drone, start);
  assert.deepEqual([said.start, said.features?.length, said.jobs], [start, FEATURES.length, []]);
  assert.ok(!('jobs' in introductionFor(first, drone, start)));
});

test('the address that a drone was given is the one that it names', () => {
  assert.equal(introductionFor(today, { ...drone, address: '10.0.0.5' }, '').address, '10.0.0.5');
  assert.equal(introductionFor(today, drone, '').address, null);
});
