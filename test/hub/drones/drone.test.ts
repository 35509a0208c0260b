import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusNow } from '../../../src/hub/drones/drone.ts';
import type { ProcessReport } from '../../../src/protocol/process.ts';
import { report } from '../../fixtures/fake-drone.ts';

const status = (more: Partial<ProcessReport>, ageMs: number) =>
  statusNow({ report: report('1e99f4', more), at: 1_000 }, 1_000 + ageMs);

for (const [what, more, ageMs, uptime, respawnIn] of [
  ['has run longer', { uptime: 60_500 }, 3_600, 64, 0],
  ['that waits runs sooner', { status: 'respawning', respawnIn: 8_000, uptime: 5_000 }, 3_100, 0, 5],
  ['that should have been started by now', { status: 'respawning', respawnIn: 8_000 }, 9_000, 0, 0],
] as const) {
  test(`a process ${what} by the time since it was reported`, () => {
    const now = status(more, ageMs);
    assert.deepEqual([now.uptime, now.respawnIn], [uptime, respawnIn]);
  });
}

test('what is not known of a process is null, and not left out', () => {
  const { app, service, slot, release, port, state, cpu, memory } = status({}, 0);
  assert.deepEqual([app, service, slot, release, port, state, cpu, memory], Array(8).fill(null));
});

test('an instance says which one it is, and how it is', () => {
  const instance = {
    app: 'webapp',
    service: 'web',
    slot: 2,
    release: 42,
    port: 20_001,
    state: 'ready',
    why: null,
  };
  const now = status({ instance, cpu: 3, memory: 91 } as Partial<ProcessReport>, 0);
  assert.deepEqual(
    [now.app, now.service, now.slot, now.release, now.port, now.state, now.cpu, now.memory],
    ['webapp', 'web', 2, 42, 20_001, 'ready', 3, 91],
  );
});
