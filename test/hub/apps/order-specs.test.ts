import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAppFile } from '../../../src/app-file/app-file.ts';
import type { Service } from '../../../src/app-file/types.ts';
import { instanceOrder, jobOrder, preparationOrder } from '../../../src/hub/apps/order-specs.ts';
import { makeRelease } from './records.ts';

const toml = `[deploy]
build = "npm ci && make"
user = "app"
[deploy.release]
command = ["node", "migrate.js"]
[env]
A = "file"
B = "file"
[services.web]
command = "node web.js"
host = ["*.example.com", "example.com"]
health = { path = "/up" }
[services.web.env]
A = "service"
B = "service"
`;
const file = parseAppFile({ toml, procfile: null, stage: null });
const [web] = file.services as [Service];
const release = makeRelease(5, { keeps: { worker: 3 } });
const ordering = { app: 'webapp@pr-1', release, file, env: { A: 'secret' } };

test("what the app's environment says wins over its files, and a service's over the file's", () => {
  assert.deepEqual(preparationOrder(ordering).env, { A: 'secret', B: 'file' });
  assert.deepEqual(jobOrder(ordering, { id: 'i', key: 'k', drone: 'd', started: 0 }).env, {
    A: 'secret',
    B: 'file',
  });
  assert.deepEqual(instanceOrder(ordering, web, 1).env, { A: 'secret', B: 'service' });
});

test('a command line goes to a shell only if it needs one', () => {
  assert.deepEqual(preparationOrder(ordering).build, ['sh', '-c', 'npm ci && make']);
  assert.deepEqual(jobOrder(ordering, { id: 'i', key: 'k', drone: 'd', started: 0 }).command, [
    'node',
    'migrate.js',
  ]);
});

test('a build is made anew only while the release builds: a drone that comes back later has it', () => {
  const rebuilt = (state: 'building' | 'live') =>
    preparationOrder({ ...ordering, release: { ...release, rebuild: true, state } }).rebuild;
  assert.deepEqual([rebuilt('building'), rebuilt('live')], [true, false]);
  assert.equal(preparationOrder({ ...ordering, release: { ...release, state: 'building' } }).rebuild, false);
});

test('an instance has the number of its release, or the one that its service has kept', () => {
  assert.equal(instanceOrder(ordering, web, 2).instance.release, 5);
  assert.equal(instanceOrder(ordering, { ...web, name: 'worker' }, 2).instance.release, 3);
  const { repo, instance } = instanceOrder(ordering, web, 2);
  assert.deepEqual([repo, instance.app, instance.slot, instance.user], ['webapp', 'webapp@pr-1', 2, 'app']);
});

test('a check asks for the first host that is not a pattern, and for localhost if there is none', () => {
  const check = (hosts: Service['host']) =>
    instanceOrder(ordering, { ...web, host: hosts }, 1).instance.health;
  assert.deepEqual(
    [check(web.host)?.host, check(web.host)?.path, check(web.host)?.command],
    ['example.com', '/up', null],
  );
  assert.equal(check([])?.host, 'localhost');
  assert.equal(instanceOrder(ordering, { ...web, health: null }, 1).instance.health, null);
});
