import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { peel } from '../../src/git/peel.ts';
import { commit, git, initRepository } from '../fixtures/local-fleet.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('a tag, or a tag of a tag, is peeled to its commit; what leads to no commit is null', async (t) => {
  const app = join(temporaryFolder(t), 'app');
  initRepository(app);
  const head = commit(app, { 'a.txt': 'one\n' });
  git(app, 'tag', '-a', '-m', 'first', 'one', head);
  git(app, 'tag', '-a', '-m', 'second', 'two', 'one');
  git(app, 'tag', '-a', '-m', 'of a file', 'file', `${head}:a.txt`);
  const repository = join(app, '.git');
  const objectOf = (tag: string) => git(app, 'rev-parse', `refs/tags/${tag}`);
  assert.equal(await peel(repository, head), head);
  assert.equal(await peel(repository, objectOf('one')), head);
  assert.equal(await peel(repository, objectOf('two')), head);
  assert.equal(await peel(repository, objectOf('file')), null);
  assert.equal(await peel(repository, 'f'.repeat(40)), null);
});
