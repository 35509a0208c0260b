import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { GitStore } from '../../src/git/store.ts';
import type { AppRecord } from '../../src/hub/apps/app-record.ts';
import { ForgottenCommits, whyReleased } from '../../src/hub/forgotten-commits.ts';
import { directoryOf } from '../fixtures/fake-connection.ts';
import { report } from '../fixtures/fake-drone.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const COMMIT = 'c'.repeat(40);
const OTHER = 'd'.repeat(40);

function app(of: Partial<AppRecord>): AppRecord {
  const releases = [
    { release: 1, commit: COMMIT, liveAt: 1 },
    { release: 2, commit: OTHER, liveAt: 2 },
    { release: 3, commit: COMMIT, liveAt: null },
  ];
  return { repo: 'webapp', stage: 'pr-1', live: null, underWay: null, releases, ...of } as AppRecord;
}

test('a release needs its commit while it is live, under way, or one to go back to', () => {
  const table: [string, AppRecord, boolean, RegExp | null][] = [
    [
      'live',
      app({ live: 1 }),
      true,
      /^v1 of webapp@pr-1 is live with it; .*fleet down --repo=webapp --as=pr-1$/,
    ],
    ['under way', app({ live: 2, underWay: 3 }), true, /^v3 of webapp@pr-1 is under way with it/],
    ['to go back to', app({ live: 2 }), false, /^v1 of webapp@pr-1 was live with it.*--force/],
    ['forced', app({ live: 2 }), true, null],
    ['never live', app({ live: 2, releases: app({}).releases.slice(1) }), false, null],
    ['of another repository', app({ repo: 'shop', live: 1 }), false, null],
  ];
  for (const [what, one, force, expected] of table) {
    const why = whyReleased({ repo: 'webapp', commit: COMMIT }, one, force);
    if (expected === null) assert.equal(why, null, what);
    else assert.match(why ?? '', expected, what);
  }
});

/** The parts of a hub with a drone that runs something from `COMMIT`, and another that is of an older fleet. */
async function parts(t: TestContext, processes = [report('00000a', { repo: 'webapp', commit: COMMIT })]) {
  const store = new GitStore(join(temporaryFolder(t), 'repos'));
  await store.create('webapp');
  const { directory, drones } = directoryOf({ web1: processes });
  const forgotten: string[] = [];
  const deployed = {
    newest: () => OTHER,
    forgetCommit: async (repo: string, commit: string) => forgotten.push(`${repo}/${commit}`) > 1,
  };
  const git = { forget: async () => ['refs/heads/main'] };
  const commits = new ForgottenCommits({ store, git, deployed, directory, apps: () => [] });
  return { commits, forgotten, drones };
}

test('a commit that something runs from is not forgotten, and the error says how to end that', async (t) => {
  const { commits, forgotten } = await parts(t);
  await assert.rejects(commits.forget({ repo: 'webapp', commit: COMMIT }), {
    code: 'EBUSY',
    message: '1 process runs from webapp/ccccccc; first: fleet stop --repo=webapp --commit=ccccccc',
  });
  assert.deepEqual(forgotten, []);
});

test('a commit that nobody has, and a repository that is not there, are errors', async (t) => {
  const { commits, drones } = await parts(t, []);
  drones.web1.connection.answer = () => ({ checkouts: [], freed: 0 });
  await assert.rejects(commits.forget({ repo: 'webapp', commit: COMMIT }), { code: 'ENOCOMMIT' });
  await assert.rejects(commits.forget({ repo: 'nope', commit: COMMIT }), { code: 'ENOREPO' });
});

test('each drone says what it has removed, and refs that have the commit all the same are named', async (t) => {
  const { commits, drones } = await parts(t, []);
  const checkouts = [{ app: 'webapp', commit: COMMIT, bytes: 7 }];
  drones.web1.connection.answer = () => ({ checkouts, freed: 9 });
  assert.deepEqual(await commits.forget({ repo: 'webapp', commit: COMMIT }), {
    refs: ['refs/heads/main'],
    drones: { web1: { checkouts, freed: 9 } },
    absent: {},
  });
});
