import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPromised, occupiedBy } from '../../../src/drone/releases/occupancy.ts';
import { releaseOf } from '../../../src/drone/releases/release.ts';

const NAMES = ['webapp.c', 'webapp.c-2'];
const occupied = (...occupants: { directories: (string | null)[]; isOfRelease?: boolean }[]) => [
  ...occupiedBy(
    occupants.map((one) => ({ isOfRelease: false, ...one })),
    '/d/deploy',
    NAMES,
  ),
];

test('a directory is occupied by everything that is in it, or was started in it', () => {
  assert.deepEqual(occupied({ directories: ['/d/deploy/webapp.c', null] }), ['webapp.c']);
  assert.deepEqual(occupied({ directories: ['/d/deploy/webapp.c-2/lib', null] }), ['webapp.c-2']);
  assert.deepEqual(occupied({ directories: ['/', '/d/deploy/webapp.c-2'], isOfRelease: true }), [
    'webapp.c-2',
  ]);
  assert.deepEqual(occupied({ directories: ['/d/deploy', '/d/deploy/webapp.cc'] }), []);
});

test('a process of the release whose directory cannot be seen occupies all of its directories', () => {
  assert.deepEqual(occupied({ directories: [null, '/srv'], isOfRelease: true }), NAMES);
  assert.deepEqual(occupied({ directories: [null, '/srv'] }), []);
});

test('a checkout is promised to the processes and jobs of its own app, not to those of a stage at the same commit', () => {
  const commit = 'a'.repeat(40);
  const instance = {
    app: 'webapp@pr-1',
    service: 'web',
    slot: 1,
    release: 1,
    port: null,
    state: 'up',
    why: null,
  };
  const running = {
    supervisor: {
      reports: () => [
        { repo: 'webapp', commit, pid: 1, instance },
        { repo: 'tools', commit, pid: null },
      ],
    },
    jobs: { active: () => [{ app: 'webapp@pr-2', commit }] },
  };
  const apps = ['webapp', 'webapp@pr-1', 'webapp@pr-2', 'webapp@pr-3', 'tools'];
  assert.deepEqual(
    apps.filter((app) => isPromised(releaseOf(app.split('@')[0] ?? '', commit, app), running)),
    ['webapp@pr-1', 'webapp@pr-2', 'tools'],
  );
});
