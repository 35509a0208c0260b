import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  afterCheck,
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
    restartAfterMs: null,
  };
  let failing: Health = afterCheck(UNCHECKED, null, 0);
  for (const second of [10, 12, 14]) failing = afterCheck(failing, '500', second * 1000);
  assert.equal(isToRestart(failing, spec(60_000), 69_000), false);
  assert.equal(isToRestart(failing, spec(60_000), 70_000), true);
  assert.equal(isToRestart(failing, spec(null), 999_000), false);
  assert.equal(isToRestart(afterCheck(UNCHECKED, '500', 0), spec(1), 999_000), false, 'it never was ready');
});

test('it is looked at often until it is ready, then at its interval', () => {
  const spec = instanceSpec({});
  assert.equal(nextCheckMs(UNCHECKED, spec), 100);
  assert.equal(nextCheckMs(afterCheck(UNCHECKED, null, 0), spec), 2000);
});
