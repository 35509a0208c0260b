import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { commitSize, sizeOfTree } from '../../src/git/commit-size.ts';
import { commit, initRepository } from '../fixtures/local-fleet.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const HASH = 'a'.repeat(40);

test('files and directories take whole blocks, a submodule its directory', () => {
  assert.equal(sizeOfTree(''), 0);
  const lines = [
    `100644 blob ${HASH}    8193\ta file`,
    `100755 blob ${HASH}       1\tb`,
    `100644 blob ${HASH}       0\tempty`,
    `040000 tree ${HASH}       -\tdir`,
    `160000 commit ${HASH}       -\tsub`,
    `100644 blob ${HASH}       5\tdir/100644 blob ${HASH} 9000\tx`,
  ];
  assert.equal(sizeOfTree(`${lines.join('\0')}\0`), (3 + 1 + 0 + 1 + 1 + 1) * 4096);
});

test('the size of a commit is that of its files', async (t) => {
  const app = join(temporaryFolder(t), 'app');
  initRepository(app);
  const head = commit(app, { big: 'x'.repeat(100_000), small: 'y' });
  assert.equal(await commitSize(join(app, '.git'), head), (25 + 1) * 4096);
  await assert.rejects(commitSize(join(app, '.git'), 'b'.repeat(40)), {
    code: 'EGIT',
    message: /^git ls-tree: /,
  });
});
