import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GitServer } from '../../src/git/server.ts';
import { Shares } from '../../src/hub/access/shares.ts';
import { type Call, routeFor, upgradeRouteFor } from '../../src/hub/route.ts';
import { gitRoutes, peerRoutes } from '../../src/hub/routes.ts';
import { tokenWith } from '../fixtures/principal.ts';

/** Which method of the git server a request ends at, and for which repository. */
let served = '';
const record = (name: string) => async (of: string | { repo: string }) => {
  served = `${name} ${typeof of === 'string' ? of : of.repo}`;
};
const git = {
  advertiseFetch: record('advertiseFetch'),
  advertisePush: record('advertisePush'),
  fetch: record('fetch'),
  push: record('push'),
} as unknown as GitServer;
const nobody = null as never;
const routes = gitRoutes(
  git,
  { handlersFor: () => ({}) as never },
  { during: async (_who, _characters, act) => act() },
  new Shares(),
);
const upgrades = peerRoutes(nobody, nobody, nobody);

const reader = tokenWith(['read']);
const deployer = tokenWith(['deploy']);
const drone = tokenWith(['drone']);
const runner = tokenWith(['exec', 'admin']);

async function outcome(method: string, url: string, who = deployer): Promise<string> {
  const found = routeFor(routes, method, url, who);
  if ('status' in found) return `${found.status} ${found.headers?.['Allow'] ?? ''}`.trim();
  await found.route.serve({ who, params: found.params } as Call);
  return served;
}

test('each git request finds its route', async () => {
  const table: [string, string, string][] = [
    ['GET', '/app.git/info/refs?service=git-upload-pack', 'advertiseFetch app'],
    ['GET', '/app/info/refs?service=git-receive-pack', 'advertisePush app'],
    ['POST', '/app.git/git-upload-pack', 'fetch app'],
    ['POST', '/a.b-c_d.git/git-receive-pack', 'push a.b-c_d'],
    ['GET', '/app.git/git-receive-pack', '405 POST'],
    ['PUT', '/app.git/git-upload-pack', '405 POST'],
    ['HEAD', '/app.git/info/refs?service=git-upload-pack', '405 GET'],
    ['POST', '/app.git/info/refs?service=git-upload-pack', '405 GET'],
  ];
  for (const [method, url, expected] of table)
    assert.equal(await outcome(method, url), expected, `${method} ${url}`);
});

test('a path that matches no route is not found, whoever asks', async () => {
  const urls = [
    '',
    '*',
    '/',
    '/app.git',
    '/app.git/HEAD',
    '/app.git/info/refs',
    '/app.git/info/refs?service=git-upload-pack&x=1',
    '/app.git/info/refs?service=git-upload-archive',
    '/app.git/git-upload-pack?x=1',
    '/app.git/git-upload-pack/',
    '/a/b.git/git-upload-pack',
    '/../git-upload-pack',
    '/.git/git-upload-pack',
    '/__proto__/git-upload-pack',
    '/a%2fb.git/git-upload-pack',
    '/x.lock/git-upload-pack',
    'http://hub/app.git/git-upload-pack',
    '/v1/client',
  ];
  for (const url of urls)
    for (const who of [deployer, runner]) assert.equal(await outcome('POST', url, who), '404', url);
});

test('pushing requires the right to deploy; fetching the right to read, to deploy or of a drone', async () => {
  const push = '/app.git/info/refs?service=git-receive-pack';
  const fetch = '/app.git/info/refs?service=git-upload-pack';
  for (const who of [reader, deployer, drone])
    assert.equal(await outcome('GET', fetch, who), 'advertiseFetch app');
  assert.equal(await outcome('GET', push, deployer), 'advertisePush app');
  for (const who of [reader, drone, runner]) {
    const found = routeFor(routes, 'GET', push, who);
    assert.match('message' in found ? found.message : '', /lacks the right 'deploy'/);
  }
  const refused = routeFor(routes, 'GET', fetch, runner);
  assert.match('message' in refused ? refused.message : '', /lacks the right 'read'/);
  assert.equal(
    await outcome('PUT', push, reader),
    '403',
    'whether the method fits is for those who have the right',
  );
});

test('a token for one repository finds no other', async () => {
  const mine = tokenWith(['deploy'], 'mine');
  assert.equal(await outcome('POST', '/mine.git/git-receive-pack', mine), 'push mine');
  assert.equal(await outcome('POST', '/mine/git-upload-pack', mine), 'fetch mine');
  for (const repo of ['theirs', 'mine2', 'min', 'MINE']) {
    for (const service of ['receive-pack', 'upload-pack'])
      assert.equal(await outcome('POST', `/${repo}.git/git-${service}`, mine), '403', repo);
  }
});

test('a websocket belongs to a client or a drone of version 1', async () => {
  const table: [string, Parameters<typeof upgradeRouteFor>[2], number | string][] = [
    ['/v1/client', runner, '/v1/client'],
    ['/v1/client', tokenWith([]), '/v1/client'],
    ['/v1/drone', drone, '/v1/drone'],
    ['/v1/drone', deployer, 403],
    ['/v2/client', drone, 404],
    ['/v1/drone/', deployer, 404],
    ['/v1/client?x', drone, 404],
    ['/app.git/git-upload-pack', deployer, 404],
    ['/', drone, 404],
  ];
  for (const [url, who, expected] of table) {
    const found = upgradeRouteFor(upgrades, url, who);
    const got = 'status' in found ? found.status : found.route.path.exec(url)?.[0];
    assert.equal(got, expected, `${url} for ${[...who.rights]}`);
  }
});

test('two methods of one path are two routes, and the error for a third lists both', async () => {
  const both = (['GET', 'POST'] as const).map((method) => ({ method, path: /^\/x$/, rights: [] }));
  const found = routeFor(both, 'POST', '/x', reader);
  assert.equal('route' in found && found.route.method, 'POST');
  assert.deepEqual(routeFor(both, 'DELETE', '/x', reader), {
    status: 405,
    message: 'method not allowed',
    headers: { Allow: 'GET, POST' },
  });
});
