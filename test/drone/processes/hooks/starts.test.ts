import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Start } from '../../../../src/drone/processes/hooks/hook.ts';
import { Starts } from '../../../../src/drone/processes/hooks/starts.ts';
import { instanceSpec } from '../../instances/instance-spec.ts';
import { SPEC } from '../../process-spec.ts';

const START: Start = {
  command: ['x'],
  cwd: '/co',
  env: { A: '1', FLEET_RUN: 'bead.1e99f4' },
  output: 'ignore',
};

function started(spec: typeof SPEC & { instance?: ReturnType<typeof instanceSpec> }): Starts {
  const starts = new Starts('bead');
  starts.hook.beforeStart?.(spec, START, new AbortController().signal);
  return starts;
}
const instance = { ...SPEC, instance: instanceSpec({}) };

test('a check runs where its instance runs, and is not mistaken for it', () => {
  assert.deepEqual(started(instance).forCheck('1e99f4', 0), {
    cwd: '/co',
    env: { A: '1', FLEET_RUN: 'bead.check-1e99f4' },
  });
});

test('what a previous drone has started is asked of the system', {
  skip: process.platform !== 'linux',
}, () => {
  const starts = started(SPEC);
  const { cwd, env } = starts.forCheck('1e99f4', process.pid);
  assert.equal(cwd, process.cwd());
  assert.equal(env['PATH'], process.env['PATH']);
  assert.equal(env['FLEET_RUN'], 'bead.check-1e99f4');
});

test('of an instance that is gone, nothing is kept', () => {
  const starts = started(instance);
  starts.hook.afterStop?.(instance);
  assert.equal(starts.forCheck('1e99f4', 0).cwd, '/');
});
