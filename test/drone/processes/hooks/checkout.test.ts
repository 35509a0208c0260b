import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkoutHook } from '../../../../src/drone/processes/hooks/checkout.ts';
import type { Start } from '../../../../src/drone/processes/hooks/hook.ts';
import { SPEC } from '../../process-spec.ts';

const START = {} as Start;

test('a process starts in the checkout of its commit', async () => {
  const hook = checkoutHook(async ({ repo, commit }) => `/deploy/${repo}.${commit}`);
  const { signal } = new AbortController();
  assert.deepEqual(await hook.beforeStart?.(SPEC, START, signal), { cwd: `/deploy/webapp.${SPEC.commit}` });
});

test('a start that was given up does not wait for its checkout, which goes on', async () => {
  let done = (_: string) => {};
  const made = new Promise<string>((resolve) => {
    done = resolve;
  });
  const hook = checkoutHook(() => made);
  const start = new AbortController();
  const waiting = Promise.resolve(hook.beforeStart?.(SPEC, START, start.signal));
  start.abort(new Error('stopped'));
  await assert.rejects(waiting, /stopped/);
  done('/deploy/late');
  assert.equal(await made, '/deploy/late');
});

test('why there is no checkout is why the process does not start', async () => {
  const hook = checkoutHook(() => Promise.reject(new Error('the hub is away')));
  const waiting = Promise.resolve(hook.beforeStart?.(SPEC, START, new AbortController().signal));
  await assert.rejects(waiting, /the hub is away/);
});
