import assert from 'node:assert/strict';
import { test } from 'node:test';
import { occupiedBy } from '../../../src/drone/releases/occupancy.ts';

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
