import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentHook } from '../../../../src/drone/processes/hooks/environment.ts';
import type { Start } from '../../../../src/drone/processes/hooks/hook.ts';

test('a process knows where it runs, under the name that the drone has at its start', async () => {
  let name = 'web1';
  const hook = environmentHook({ name: () => name, mark: 'bead' });
  name = 'web1-1';
  const spec = {
    id: '1e99f4',
    key: '0'.repeat(32),
    repo: 'webapp',
    commit: 'c',
    command: ['x'],
    env: { A: '1' },
  };
  const start = { cwd: '/co' } as Start;
  const { env } = (await hook.beforeStart?.(spec, start, new AbortController().signal)) ?? {};
  const { A, DRONE_ID, PWD, FLEET_RUN } = env ?? {};
  assert.deepEqual(
    { A, DRONE_ID, PWD, FLEET_RUN },
    { A: '1', DRONE_ID: 'web1-1', PWD: '/co', FLEET_RUN: 'bead.1e99f4' },
  );
});
