import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeRepository, repositoryNames } from '../../src/git/repositories.ts';
import { GitStore } from '../../src/git/store.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('repositories are listed by name, and one that is removed leaves nothing', async (t) => {
  const store = new GitStore(join(temporaryFolder(t), 'repos'));
  assert.deepEqual(await repositoryNames(store), []);
  for (const repo of ['webapp', 'api']) await store.create(repo);
  mkdirSync(join(store.dir, 'half.git.1.1.new'));
  assert.deepEqual(await repositoryNames(store), ['api', 'webapp']);
  await removeRepository(store, 'webapp');
  assert.deepEqual(readdirSync(store.dir).sort(), ['api.git', 'half.git.1.1.new']);
  assert.equal(existsSync(store.path('webapp')), false);
  await assert.rejects(removeRepository(store, 'webapp'), { code: 'EIO' });
});
