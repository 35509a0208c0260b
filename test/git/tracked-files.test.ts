import assert from 'node:assert/strict';
import { readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkoutTree } from '../../src/git/checkout.ts';
import {
  changedFiles,
  restoreFiles,
  restoreGitDirectory,
  type TrackedFiles,
  trackFiles,
  trackUnknownFiles,
} from '../../src/git/tracked-files.ts';
import { commit, git, initRepository } from '../fixtures/local-fleet.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

/** The checkout of a commit with three files, which are tracked. */
async function tracked(t: TestContext): Promise<TrackedFiles> {
  const dir = temporaryFolder(t);
  const app = join(dir, 'app');
  initRepository(app);
  const made = commit(app, { 'a.txt': 'one\n', 'b.txt': 'two\n', 'ü "c".txt': 'three\n' });
  const workTree = join(dir, 'checkout');
  const files = { mirror: join(app, '.git'), commit: made, gitDir: join(dir, 'release.git'), workTree };
  await checkoutTree(files.mirror, made, workTree);
  await trackFiles(files);
  return files;
}

test('tracked files that differ or are gone are found, whatever their names; others are not looked at', async (t) => {
  const files = await tracked(t);
  const path = (name: string) => join(files.workTree, name);
  assert.deepEqual(await changedFiles(files), []);
  writeFileSync(path('new.txt'), 'new\n');
  assert.deepEqual(await changedFiles(files), []);
  writeFileSync(path('ü "c".txt'), 'changed\n');
  rmSync(path('a.txt'));
  assert.deepEqual((await changedFiles(files)).sort(), ['a.txt', 'ü "c".txt']);
});

test("what an app does in the checkout's own .git changes nothing of what is seen", async (t) => {
  const files = await tracked(t);
  writeFileSync(join(files.workTree, 'a.txt'), 'changed\n');
  git(files.workTree, 'update-index', '--assume-unchanged', 'a.txt');
  assert.deepEqual(await changedFiles(files), ['a.txt']);
  rmSync(join(files.workTree, '.git'), { recursive: true });
  assert.deepEqual(await changedFiles(files), ['a.txt']);
});

test('files are put back as they are in the commit, whatever is in their place, and others stay', async (t) => {
  const files = await tracked(t);
  const path = (name: string) => join(files.workTree, name);
  rmSync(path('a.txt'));
  truncateSync(path('ü "c".txt'));
  writeFileSync(path('b.txt'), 'kept\n');
  await restoreFiles(files, ['a.txt', 'ü "c".txt']);
  assert.equal(readFileSync(path('a.txt'), 'utf8'), 'one\n');
  assert.equal(readFileSync(path('ü "c".txt'), 'utf8'), 'three\n');
  assert.deepEqual(await changedFiles(files), ['b.txt']);
});

test('without an index, or with a broken one, nobody says that nothing changed', async (t) => {
  const files = await tracked(t);
  const index = join(files.gitDir, 'index');
  writeFileSync(index, 'garbage');
  await assert.rejects(changedFiles(files), { code: 'EGIT' });
  rmSync(index);
  await assert.rejects(changedFiles(files), { code: 'EGIT', message: /there is no .*index/ });
});

test('a checkout of which nothing is known is compared with its commit', async (t) => {
  const files = await tracked(t);
  writeFileSync(join(files.workTree, 'b.txt'), 'changed\n');
  rmSync(files.gitDir, { recursive: true });
  await trackUnknownFiles(files);
  assert.deepEqual(await changedFiles(files), ['b.txt']);
});

test("a checkout's own .git is made again, and git works in it", async (t) => {
  const files = await tracked(t);
  rmSync(join(files.workTree, '.git'), { recursive: true });
  await restoreGitDirectory(files);
  assert.equal(git(files.workTree, 'status', '--porcelain'), '');
  assert.equal(git(files.workTree, 'rev-parse', 'HEAD'), files.commit);
});

test("what an app has put into its checkout's .git is not followed when fleet writes there", async (t) => {
  const files = await tracked(t);
  const [own, victim] = [join(files.workTree, '.git'), join(files.workTree, '../victim')];
  writeFileSync(victim, 'precious');
  for (const name of ['HEAD', 'config', 'objects/info/alternates', 'index']) {
    rmSync(join(own, name));
    for (const path of [name, `${name}.new`]) symlinkSync(victim, join(own, path));
  }
  await restoreGitDirectory(files);
  assert.equal(readFileSync(victim, 'utf8'), 'precious');
  assert.equal(git(files.workTree, 'rev-parse', 'HEAD'), files.commit);
});
