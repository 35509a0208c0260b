import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { UNCHECKED } from '../../../src/drone/instances/health.ts';
import { Watch, type WatchOptions } from '../../../src/drone/instances/watch.ts';
import { instanceSpec } from './instance-spec.ts';

/** A watch, and a promise for the next change that it tells. */
function watching(
  t: TestContext,
  spec: Parameters<typeof instanceSpec>[0],
  more: Partial<WatchOptions> = {},
) {
  const changes: string[] = [];
  let told = () => {};
  const watch = new Watch({
    ...{ id: '1e99f4', pid: process.pid, spec: instanceSpec(spec), uptime: 0, health: UNCHECKED },
    ...{ starts: { forCheck: () => ({ cwd: '/', env: {} }) }, failed: () => {} },
    changed: () => {
      changes.push(`${watch.state}${watch.why === null ? '' : `: ${watch.why}`}`);
      told();
    },
    ...more,
  });
  const awake = setInterval(() => {}, 1_000);
  t.after(() => clearInterval(awake));
  t.after(() => watch.close());
  const change = () =>
    new Promise<void>((resolve) => {
      told = resolve;
    });
  return { watch, changes, change };
}

test('an instance that is not served is up when it has run for long enough, also before this drone', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { watch, changes } = watching(t, { served: false, health: null, stableMs: 5_000 }, { uptime: 2_000 });
  watch.start();
  t.mock.timers.tick(2_999);
  assert.deepEqual(changes, []);
  t.mock.timers.tick(1);
  assert.deepEqual(changes, ['up']);
  assert.equal(watch.name, 'web.1');
});

test('one that was closed tells nothing any more', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { watch, changes } = watching(t, { served: false, health: null, stableMs: 5_000 });
  watch.start();
  watch.close();
  t.mock.timers.tick(10_000);
  assert.deepEqual(changes, []);
});

test('an instance that is served is ready once its check passes, and that is told once', async (t) => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { watch, changes, change } = watching(t, { port: (server.address() as AddressInfo).port });
  const ready = change();
  watch.start();
  await ready;
  assert.deepEqual(changes, ['ready']);
  assert.equal(watch.why, null);
});

test('while its check fails, why is known; after as long as its service allows, it is to be restarted', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const health = instanceSpec({}).health;
  const spec = { port, health: health && { ...health, intervalMs: 5, withinMs: 0, restartAfterMs: 1 } };
  const failed: string[] = [];
  let isFailed = () => {};
  const failure = new Promise<void>((resolve) => {
    isFailed = resolve;
  });
  const { watch, changes } = watching(t, spec, {
    failed: (why) => {
      failed.push(why);
      isFailed();
    },
  });
  watch.start();
  await failure;
  assert.match(changes[0] ?? '', /^starting: /);
  assert.equal(failed[0], watch.why);
});
