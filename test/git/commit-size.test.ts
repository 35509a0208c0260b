import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { commitSize, TreeSize } from '../../src/git/commit-size.ts';
import { commit, headOf, initRepository } from '../fixtures/local-fleet.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { treeBomb } from '../fixtures/tree-bomb.ts';

const HASH = 'a'.repeat(40);

test('files and directories take whole blocks, a submodule its directory', () => {
  const lines = [
    `100644 blob ${HASH}    8193\ta file`,
    `100755 blob ${HASH}       1\tb`,
    `100644 blob ${HASH}       0\tempty`,
    `040000 tree ${HASH}       -\tdir`,
    `160000 commit ${HASH}       -\tsub`,
    `100644 blob ${HASH}       5\tdir/100644 blob ${HASH} 9000\tx`,
  ];
  const listed = `${lines.join('\0')}\0`;
  for (const length of [1, 7, 1_000]) {
    const tree = new TreeSize();
    for (let at = 0; at < listed.length; at += length) tree.add(listed.slice(at, at + length));
    assert.deepEqual([tree.files, tree.bytes], [6, (3 + 1 + 0 + 1 + 1 + 1) * 4096]);
  }
});

test('the size of a commit is that of its files', async (t) => {
  const app = join(temporaryFolder(t), 'app');
  initRepository(app);
  const head = commit(app, { big: 'x'.repeat(100_000), small: 'y' });
  assert.deepEqual(await commitSize(join(app, '.git'), head), { files: 2, bytes: (25 + 1) * 4096 });
  await assert.rejects(commitSize(join(app, '.git'), 'b'.repeat(40)), {
    code: 'EGIT',
    message: /^git ls-tree: /,
  });
});

test('a tree of a few hundred bytes with a hundred billion files is counted no further than it matters', async (t) => {
  const bomb = treeBomb(join(temporaryFolder(t), 'bomb'), 11);
  const size = await commitSize(join(bomb, '.git'), headOf(bomb), { files: 1_000, bytes: 10 ** 12 });
  assert.ok(size.files > 1_000 && size.files < 100_000, `${size.files}`);
  const byBytes = await commitSize(join(bomb, '.git'), headOf(bomb), {
    files: 10 ** 12,
    bytes: 4096 * 1_000,
  });
  assert.ok(byBytes.files < 100_000, `${byBytes.files}`);
});
