import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { objectStoreOf } from '../../src/git/object-store.ts';
import { commit, git, initRepository } from '../fixtures/local-fleet.ts';

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'fleet-objects-')));
after(() => rmSync(dir, { recursive: true }));

const app = join(dir, 'app');
initRepository(app);
commit(app, { a: '1' });
commit(app, { a: '2' });
git(app, 'config', 'uploadpack.allowFilter', 'true');
const store = { objects: join(app, '.git/objects'), shallow: null, isPartial: false };

test('a checkout, its worktrees and a link to its .git share their objects', () => {
  git(app, 'worktree', 'add', '-q', join(dir, 'tree'));
  assert.deepEqual(objectStoreOf(app), store);
  assert.deepEqual(objectStoreOf(join(dir, 'tree')), store);
});

test('the objects of a submodule are in the repository around it', () => {
  const outer = join(dir, 'outer');
  git(dir, 'init', '-q', outer);
  git(outer, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', app, 'inner');
  assert.equal(objectStoreOf(join(outer, 'inner')).objects, join(outer, '.git/modules/inner/objects'));
});

test('missing objects of a clone are noticed', () => {
  git(dir, 'clone', '-q', '--depth=1', `file://${app}`, join(dir, 'shallow'));
  git(dir, 'clone', '-q', '--filter=blob:none', `file://${app}`, join(dir, 'partial'));
  assert.equal(objectStoreOf(join(dir, 'shallow')).shallow, join(dir, 'shallow/.git/shallow'));
  assert.equal(objectStoreOf(join(dir, 'partial')).isPartial, true);
});

test('a directory that is not a checkout is an error', () => {
  assert.throws(() => objectStoreOf(dir), { code: 'ENOENT' });
});
