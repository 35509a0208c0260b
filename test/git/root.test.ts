import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDirty } from '../../src/git/checkout-info.ts';
import { findGitRoot, isBare } from '../../src/git/root.ts';
import { commit, git, initRepository } from '../fixtures/local-fleet.ts';

test('the root is the nearest directory with a .git, or a bare repository, from anywhere inside', async (t) => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'fleet-root-')));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const [app, bare, tree] = ['app', 'web.git', 'tree'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ];
  initRepository(app);
  mkdirSync(join(app, 'deep'), { recursive: true });
  commit(app, { 'deep/a.txt': 'a' });
  git(dir, 'clone', '-q', '--bare', app, bare);
  git(app, 'worktree', 'add', '-q', tree);
  mkdirSync(join(dir, 'objects'));
  writeFileSync(join(dir, 'HEAD'), 'not a repository');
  for (const [place, root] of [
    [join(app, 'deep'), app],
    [join(app, '.git/hooks'), app],
    [bare, bare],
    [join(bare, 'hooks'), bare],
    [join(tree, 'deep'), tree],
    [dir, undefined],
  ] as const)
    assert.equal(findGitRoot(place), root, place);
  assert.deepEqual([app, join(app, '.git'), bare, tree].map(isBare), [false, false, true, false]);
  assert.equal(await isDirty(bare), false);
});
