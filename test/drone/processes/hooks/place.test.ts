import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import type { Start } from '../../../../src/drone/processes/hooks/hook.ts';
import { placeHook } from '../../../../src/drone/processes/hooks/place.ts';
import { instanceSpec } from '../../instances/instance-spec.ts';

const SPEC = {
  ...{ id: 'abcdef', key: '0'.repeat(32), repo: 'webapp', commit: 'c'.repeat(40) },
  ...{ command: ['node', 'server.js'], env: {} },
};
const START: Start = { command: SPEC.command, cwd: '/deploy/webapp', env: {}, output: 'ignore' };
const begin = async (more: object) =>
  placeHook.beforeStart?.({ ...SPEC, ...more }, START, AbortSignal.abort());

test('a process starts in its directory, which is that of the checkout if it has none', async () => {
  const table: [object, string][] = [
    [{}, '/deploy/webapp'],
    [{ cwd: 'apps/api' }, '/deploy/webapp/apps/api'],
    [{ cwd: '..' }, '/deploy'],
    [{ cwd: '/srv' }, '/srv'],
  ];
  for (const [more, cwd] of table) assert.deepEqual(await begin(more), { cwd, env: { PWD: cwd } });
  assert.deepEqual(await begin({ cwd: '/srv', env: { PWD: 'mine' } }), { cwd: '/srv', env: {} });
});

test('its port is in PORT, also if it was given another one; a port that is taken is an error', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await assert.rejects(begin({ port }), {
    code: 'EINUSE',
    message: new RegExp(
      `^:${port} is taken on this machine(?: by .+ \\(pid ${process.pid}\\)|; fleet cannot see by whom)$`,
    ),
  });
  server.close();
  await once(server, 'close');
  const started = await begin({ port, env: { PORT: '1' } });
  assert.equal(started?.env?.['PORT'], String(port));
});

test('an instance has a directory and a port of its own', async () => {
  assert.deepEqual(await begin({ cwd: '/srv', instance: instanceSpec({}) }), {});
});
