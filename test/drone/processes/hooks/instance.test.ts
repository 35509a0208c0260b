import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { processEnvironment } from '../../../../src/drone/processes/environment.ts';
import type { Start } from '../../../../src/drone/processes/hooks/hook.ts';
import { instanceHook } from '../../../../src/drone/processes/hooks/instance.ts';
import type { InstanceSpec } from '../../../../src/protocol/instance.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { instanceSpec } from '../../instances/instance-spec.ts';

const SPEC = {
  ...{ id: 'abcdef', key: '0'.repeat(32), repo: 'webapp', commit: 'c'.repeat(40) },
  ...{ command: ['node', 'server.js'], env: {} },
};

/** What the hook adds to a start in a checkout with `apps/api` and a link that leads out of it. */
function makeHook(t: TestContext) {
  const checkout = temporaryFolder(t);
  mkdirSync(join(checkout, 'apps', 'api'), { recursive: true });
  symlinkSync('/etc', join(checkout, 'out'));
  const hook = instanceHook((app) => `/srv/shared/${app}`);
  const start: Start = { command: SPEC.command, cwd: checkout, env: {}, output: 'ignore' };
  const begin = async (instance: Partial<InstanceSpec>, env: Record<string, string> = {}) =>
    hook.beforeStart?.({ ...SPEC, env, instance: instanceSpec(instance) }, start, AbortSignal.abort());
  return { checkout, begin };
}

test('an instance knows which one it is, and where its port and its shared files are', async (t) => {
  const { checkout, begin } = makeHook(t);
  assert.deepEqual(await begin({ slot: 3, release: 42, port: 1 }), {
    cwd: checkout,
    command: SPEC.command,
    env: {
      ...{ PWD: checkout, PORT: '1', APP: 'webapp', SERVICE: 'web', INSTANCE: '3', RELEASE: '42' },
      SHARED: '/srv/shared/webapp',
    },
  });
});

test("the app's own variables win over those that fleet sets", async (t) => {
  const { begin } = makeHook(t);
  const names = ['APP', 'SHARED', 'HOME', 'PORT', 'INSTANCE', 'REPO', 'COMMIT', 'DRONE_ID', 'PROCESS_ID'];
  const env = Object.fromEntries(names.map((name) => [name, 'mine']));
  const added = await begin({ port: 1, user: process.getuid?.() === 0 ? 'nobody' : null }, env);
  const ours = processEnvironment({ ...SPEC, env }, { drone: 'web1', mark: 'mark', cwd: '/' });
  const merged = { ...ours, ...added?.env };
  assert.deepEqual(
    names.map((name) => merged[name]),
    names.map(() => 'mine'),
  );
});

test('it runs in its directory, which is inside the checkout', async (t) => {
  const { checkout, begin } = makeHook(t);
  const added = await begin({ dir: 'apps/api' });
  assert.deepEqual([added?.cwd, added?.env?.['PWD']], Array(2).fill(join(checkout, 'apps/api')));
  await assert.rejects(begin({ dir: 'apps/web' }), {
    message: 'there is no directory apps/web in the commit',
  });
  for (const dir of ['out', '..'])
    await assert.rejects(begin({ dir }), { message: `${dir} leads out of the checkout` });
});

test('it does not start if somebody listens on its port, on whatever address', async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const { begin } = makeHook(t);
  await assert.rejects(begin({ port }), { code: 'EINUSE', message: new RegExp(`^:${port} is taken`) });
});
