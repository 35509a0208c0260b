import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobEnvironment } from '../../../src/drone/jobs/environment.ts';

const JOB = {
  id: '1e99f4',
  app: 'webapp@pr-1',
  repo: 'webapp',
  commit: 'c'.repeat(40),
  release: null,
  env: {},
};
const AROUND = { drone: 'web1', mark: 'bead', cwd: '/co', account: null, shared: '/shared' };
const OWN = {
  PATH: '/bin',
  HOME: '/home/drone',
  PORT: '7000',
  APP: 'x',
  SERVICE: 'x',
  INSTANCE: '1',
  RELEASE: '9',
  FLEET_SECRET: 's',
};

test('a job has the environment of its app, and nothing that says which instance or release the drone is of', () => {
  assert.deepEqual(jobEnvironment(JOB, AROUND, OWN), {
    ...{
      PATH: '/bin',
      HOME: '/home/drone',
      PWD: '/co',
      APP: 'webapp@pr-1',
      SHARED: '/shared',
      REPO: 'webapp',
    },
    ...{ COMMIT: JOB.commit, DRONE_ID: 'web1', PROCESS_ID: '1e99f4', FLEET_RUN: 'bead.1e99f4' },
  });
});

test('a job of a release has its number; what the app sets itself wins', () => {
  const { RELEASE, SHARED, HOME, COMMIT } = jobEnvironment(
    { ...JOB, release: 42, env: { SHARED: '/mine', COMMIT: 'mine' } },
    { ...AROUND, account: { name: 'app', uid: 1, gid: 1, home: '/home/app', shell: '/bin/sh' } },
    OWN,
  );
  assert.deepEqual([RELEASE, SHARED, HOME, COMMIT], ['42', '/mine', '/home/app', 'mine']);
});
