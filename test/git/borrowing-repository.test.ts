import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withBorrowingRepository } from '../../src/git/borrowing-repository.ts';
import { commit, git, initRepository } from '../fixtures/local-fleet.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('it has the objects of the other repository, none of its settings and refs, and is gone afterwards', async (t) => {
  const dir = temporaryFolder(t);
  const app = join(dir, 'app');
  initRepository(app);
  const head = commit(app, { 'a.txt': 'one\n' });
  writeFileSync(join(app, '.git/info/attributes'), '* -text\n');
  git(app, 'config', 'core.hooksPath', '/hooks');
  const seen = await withBorrowingRepository(join(dir, 'push-'), join(app, '.git/objects'), async (path) => {
    assert.equal(git(path, '--git-dir', path, 'cat-file', '-p', `${head}:a.txt`), 'one');
    assert.equal(git(path, '--git-dir', path, 'for-each-ref'), '');
    assert.ok(!existsSync(join(path, 'info/attributes')));
    assert.throws(() => git(path, '--git-dir', path, 'config', '--local', 'core.hooksPath'));
    return path;
  });
  assert.ok(seen.startsWith(join(dir, 'push-')));
  assert.deepEqual(readdirSync(dir), ['app']);
});

for (const name of ['new\nline', '"quoted"', 'back\\slash', 'back\\slash\n'])
  test(`it finds the objects of a repository in ${JSON.stringify(name)}`, async (t) => {
    const dir = temporaryFolder(t);
    const app = join(dir, name);
    initRepository(app);
    const head = commit(app, { 'a.txt': 'one\n' });
    await withBorrowingRepository(join(dir, 'push-'), join(app, '.git/objects'), async (path) => {
      assert.equal(git(path, '--git-dir', path, 'cat-file', '-t', head), 'commit');
    });
  });

test('it is gone also if its use fails, and the error is that of the use', async (t) => {
  const dir = temporaryFolder(t);
  const why = new Error('no network');
  const use = () => Promise.reject(why);
  await assert.rejects(withBorrowingRepository(join(dir, 'push-'), join(dir, 'objects'), use), why);
  assert.deepEqual(readdirSync(dir), []);
});
