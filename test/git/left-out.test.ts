import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { filesOfLfs, leftOut, submodulesIn } from '../../src/git/left-out.ts';
import { commit, git, headOf, initRepository } from '../fixtures/local-fleet.ts';

const dir = mkdtempSync(join(tmpdir(), 'fleet-left-out-'));
after(() => rmSync(dir, { recursive: true }));

const POINTER = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n';

test('the attributes that mark files for Git LFS are read as gitattributes(5) describes', () => {
  const table: [string, string[]][] = [
    ['', []],
    ['c0:.gitattributes\0*.png filter=lfs diff=lfs\n', [':(glob)**/*.png']],
    ['c0:.gitattributes\0/top.bin filter=lfs\n', [':(glob)top.bin']],
    ['c0:a b/.gitattributes\0x/*.bin filter=lfs\n', [':(glob)a b/x/*.bin']],
    ['c0:.gitattributes\0[attr]big filter=lfs\n', [':(glob)**']],
    [
      'c0:.gitattributes\0*.a filter=lfs\nc0:d/.gitattributes\0*.b filter=lfs\n',
      [':(glob)**/*.a', ':(glob)d/**/*.b'],
    ],
  ];
  for (const [found, files] of table) assert.deepEqual(filesOfLfs(found), files, found);
});

test('submodules are the entries of a tree that are commits', () => {
  const tree = ['100644 blob c0\tx', '160000 commit c1\tlib', '160000 commit c2\tsub/a b', ''].join('\0');
  assert.deepEqual(submodulesIn(tree), ['lib', 'sub/a b']);
});

test('pointers and submodules in a commit are found, wherever their attributes are, and nothing else', async () => {
  const app = join(dir, 'app');
  initRepository(app);
  for (const folder of ['media', 'text']) mkdirSync(join(app, folder));
  commit(app, { 'plain.txt': POINTER });
  assert.deepEqual(await leftOut(app, headOf(app)), { submodules: [], pointers: [] });
  git(app, 'update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},lib`);
  mkdirSync(join(app, 'lib'));
  const last = commit(app, {
    '.gitattributes': '*.png filter=lfs diff=lfs merge=lfs -text\n*.txt text\n',
    'media/.gitattributes': '*.mov filter=lfs\n',
    'logo.png': POINTER,
    'media/film.mov': POINTER,
    'media/icon.png': 'not a pointer\n',
    'text/film.mov': POINTER,
  });
  assert.deepEqual(await leftOut(app, last), {
    submodules: ['lib'],
    pointers: ['logo.png', 'media/film.mov'],
  });
});
