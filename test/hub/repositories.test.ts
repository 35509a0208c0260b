import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { removeRepository } from '../../src/git/repositories.ts';
import { GitStore } from '../../src/git/store.ts';
import type { Principal } from '../../src/hub/access/principal.ts';
import type { AppRecord } from '../../src/hub/apps/app-record.ts';
import { Repositories } from '../../src/hub/repositories.ts';
import { directoryOf } from '../fixtures/fake-connection.ts';
import { report } from '../fixtures/fake-drone.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const COMMIT = 'c'.repeat(40);
const OWNER = { repo: null } as Principal;

/** Repositories `api`, of which a process runs, `shop`, which has a stage, and `old`, which nothing uses. */
async function repositories(t: TestContext) {
  const store = new GitStore(join(temporaryFolder(t), 'repos'));
  for (const repo of ['api', 'shop', 'old']) await store.create(repo);
  const { directory } = directoryOf({ web1: [report('00000a', { repo: 'api' })] });
  const forgotten: string[] = [];
  const deployed = {
    newest: (repo: string) => (repo === 'api' ? COMMIT : null),
    forgetRepository: async (repo: string) => void forgotten.push(repo),
  };
  const apps = () => [{ repo: 'shop', stage: 'pr-1' }] as AppRecord[];
  const git = { remove: (repo: string) => removeRepository(store, repo) };
  const elsewhere = async () => [
    { repo: 'api', bytes: 1 },
    { repo: 'new', bytes: 7 },
  ];
  const parts = { store, git, deployed, directory, apps, elsewhere };
  return { store, forgotten, repositories: new Repositories(parts) };
}

test('the list says what uses each, with those of other hubs, and a token sees its own repository only', async (t) => {
  const { repositories: all } = await repositories(t);
  const { repositories: listed } = await all.list(OWNER);
  assert.ok(listed.every(({ bytes }) => bytes > 0));
  assert.deepEqual(
    listed.map(({ bytes, ...one }) => one),
    [
      { repo: 'api', commit: COMMIT, processes: 1, apps: [] },
      { repo: 'new', commit: null, processes: 0, apps: [] },
      { repo: 'old', commit: null, processes: 0, apps: [] },
      { repo: 'shop', commit: null, processes: 0, apps: ['shop@pr-1'] },
    ],
  );
  const own = await all.list({ repo: 'old' } as Principal);
  assert.deepEqual(
    own.repositories.map(({ repo }) => repo),
    ['old'],
  );
});

test('what is used stays, and the error says how to end that', async (t) => {
  const { repositories: all, store, forgotten } = await repositories(t);
  const table: [string, string, string][] = [
    ['api', 'EBUSY', '1 process runs from api; first: fleet stop --repo=api'],
    ['shop', 'EBUSY', 'shop has the app shop@pr-1; first: fleet down --rm --repo=shop --as=pr-1'],
    ['nope', 'ENOREPO', 'the hub has no repository nope; there are: api, new, old, shop'],
  ];
  for (const [repo, code, message] of table) await assert.rejects(all.remove(repo), { code, message });
  await all.remove('old');
  assert.deepEqual([store.exists('old'), store.exists('api'), forgotten], [false, true, ['old']]);
});
