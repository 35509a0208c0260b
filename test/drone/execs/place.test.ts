import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PlaceOptions, placeOf } from '../../../src/drone/execs/place.ts';

const C = 'c'.repeat(40);
const REQUEST = {
  ...{ id: '1e99f4', key: '0'.repeat(32), repo: 'webapp', commit: C, command: ['ls'], env: { A: '1' } },
  ...{ cwd: null, stdin: false, terminal: null, app: null, window: 65_536, labels: {} },
};
const OPTIONS: PlaceOptions = {
  mark: 'bead',
  name: () => 'web1',
  checkout: async (repo, commit, app) => `/made/${app ?? repo}.${commit}`,
  preparedCheckout: async ({ app, commit }) => `/prepared/${app}.${commit}`,
  shared: (app) => `/shared/${app}`,
};
const app = { app: 'webapp@pr-1', release: 42, prepared: true, user: null };

for (const [what, params, cwd] of [
  ['a commit runs in its checkout', {}, `/made/webapp.${C}`],
  ['a directory is one of the checkout', { cwd: 'web/api' }, `/made/webapp.${C}/web/api`],
  ['a full path is one of the machine', { cwd: '/srv' }, '/srv'],
  ['an app runs where its processes run', { app }, `/prepared/webapp@pr-1.${C}`],
  [
    'an app that has nothing prepared runs in a checkout of its own',
    { app: { ...app, prepared: false }, cwd: 'web' },
    `/made/webapp@pr-1.${C}/web`,
  ],
] as const) {
  test(`an exec of ${what}`, async () => {
    const place = await placeOf({ ...REQUEST, ...params }, OPTIONS);
    assert.equal(place.cwd, cwd);
    assert.equal(place.env['PWD'], cwd);
    assert.deepEqual(place.command, ['ls']);
  });
}

test('only an exec of an app knows its app, release and shared files', async () => {
  const { env } = await placeOf({ ...REQUEST, app }, OPTIONS);
  const { APP, RELEASE, SHARED, A, REPO, DRONE_ID, FLEET_RUN } = env;
  assert.deepEqual(
    { APP, RELEASE, SHARED, A, REPO, DRONE_ID, FLEET_RUN },
    {
      ...{ APP: 'webapp@pr-1', RELEASE: '42', SHARED: '/shared/webapp@pr-1', A: '1', REPO: 'webapp' },
      ...{ DRONE_ID: 'web1', FLEET_RUN: 'bead.1e99f4' },
    },
  );
  assert.equal((await placeOf(REQUEST, OPTIONS)).env['SHARED'], process.env['SHARED']);
});

test('a user that this machine does not have is an error before anything is checked out', async () => {
  const checkout = () => assert.fail('it was checked out');
  const params = { ...REQUEST, app: { ...app, user: 'fleet-nobody-here' } };
  const options = { ...OPTIONS, checkout, preparedCheckout: checkout };
  await assert.rejects(placeOf(params, options), { code: 'ESPAWN' });
});
