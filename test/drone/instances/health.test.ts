import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  afterCheck,
  found,
  type Health,
  isToRestart,
  nextCheckMs,
  UNCHECKED,
} from '../../../src/drone/instances/health.ts';
import type { InstanceSpec } from '../../../src/protocol/instance.ts';
import { instanceSpec } from './instance-spec.ts';

/** The states after these checks, a second apart: null for one that passes. */
function statesAfter(checks: (string | null)[]): string[] {
  let health: Health = UNCHECKED;
  return checks.map((why, second) => {
    health = afterCheck(health, why, second * 1000);
    return health.why === null ? health.state : `${health.state}: ${health.why}`;
  });
}

test('an instance is ready at its first good check, and not ready after three bad ones in a row', () => {
  assert.deepEqual(statesAfter(['refused', 'refused', 'refused', 'refused']), [
    'starting: refused',
    'starting: refused',
    'starting: refused',
    'starting: refused',
  ]);
  assert.deepEqual(statesAfter(['refused', null, '500', '500', null, '500', '500', '500', '503', null]), [
    'starting: refused',
    'ready',
    'ready',
    'ready',
    'ready',
    'ready',
    'ready',
    'not-ready: 500 three times',
    'not-ready: 503',
    'ready',
  ]);
  assert.deepEqual(statesAfter([null, '500', '500', '500', '500', '500', '503']).slice(3), [
    'not-ready: 500 three times',
    'not-ready: 500 three times',
    'not-ready: 500 three times',
    'not-ready: 503',
  ]);
});

test('an instance that ran before its drone is ready until its first check', () => {
  const spec = instanceSpec({});
  assert.equal(found(spec, 29_999).state, 'starting');
  const assumed = found(spec, 30_000);
  assert.equal(assumed.state, 'ready');
  const { state, why } = afterCheck(assumed, '500', 0);
  assert.deepEqual([state, why], ['not-ready', '500']);
  const sure = afterCheck(assumed, null, 0);
  assert.equal(afterCheck(sure, '500', 0).state, 'ready');
  const worker = instanceSpec({ served: false, health: null, stableMs: 5000 });
  assert.deepEqual([found(worker, 4999).state, found(worker, 5000).state], ['starting', 'up']);
});

test('it is restarted when it has failed for as long as restart-after says', () => {
  const spec = (restartAfterMs: number | null): InstanceSpec =>
    instanceSpec({ health: { ...health, restartAfterMs } });
  const health = {
    path: '/up',
    host: 'localhost',
    command: null,
    intervalMs: 2000,
    timeoutMs: 5000,
    withinMs: 30_000,
    restartAfterMs: null,
  };
  let failing: Health = afterCheck(UNCHECKED, null, 0);
  for (const second of [10, 12, 14]) failing = afterCheck(failing, '500', second * 1000);
  assert.equal(isToRestart(failing, spec(60_000), 69_000), false);
  assert.equal(isToRestart(failing, spec(60_000), 70_000), true);
  assert.equal(isToRestart(failing, spec(null), 999_000), false);
  const starting = afterCheck(UNCHECKED, '500', 0);
  assert.equal(isToRestart(starting, spec(1), 29_999), false, 'it may take so long until it is ready');
  assert.equal(isToRestart(starting, spec(1), 30_000), true);
});

test('it is looked at often until it is ready, then at its interval', () => {
  const spec = instanceSpec({});
  assert.equal(nextCheckMs(UNCHECKED, spec), 100);
  assert.equal(nextCheckMs(afterCheck(UNCHECKED, null, 0), spec), 2000);
});
