import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bareConfig, makeBareRepository } from '../../src/git/bare-repository.ts';
import { mendFiles, whyUnreadable } from '../../src/git/mend-files.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const A = 'a'.repeat(40);
const SETTINGS = { config: bareConfig(''), head: 'refs/heads/deployed' };
const WHOLE: Record<string, string> = {
  config: `${bareConfig('')}# by hand\n[own "x.y"] ; too\n\tsetting = a \\\n  b\n\tflag\n[one] in = line\n`,
  HEAD: 'ref: refs/heads/main\n',
  'packed-refs': `# pack-refs with: peeled fully-peeled sorted\n${A} refs/heads/main\n${A} refs/tags/v1\n^${A}\n`,
  'refs/heads/main': `${A}\n`,
};

/** What is broken, the text, and what it is afterwards; null: it is removed. */
const TABLE: [string, string, string | null][] = [
  ['config', '', SETTINGS.config],
  ['config', '\0\0\0\0', SETTINGS.config],
  ['config', 'garbage\n', SETTINGS.config],
  ['config', '[core]\n\tbare = true\n[[[\n', SETTINGS.config],
  ['HEAD', '', 'ref: refs/heads/deployed\n'],
  ['HEAD', 'garbage', 'ref: refs/heads/deployed\n'],
  ['packed-refs', `${A} refs/heads/main\n${A.slice(1)} refs/heads/cut\n`, `${A} refs/heads/main\n`],
  ['packed-refs', '\0\0\0\0', '\n'],
  ['refs/heads/main', '', null],
  ['refs/heads/main', `${A}garbage\n`, null],
];

async function repository(t: Parameters<typeof temporaryFolder>[0]): Promise<string> {
  const path = join(temporaryFolder(t), 'app.git');
  await makeBareRepository(path, 'refs/heads/main', '');
  for (const [file, text] of Object.entries(WHOLE)) writeFileSync(join(path, file), text);
  return path;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

test('what git can read stays as it is', async (t) => {
  const path = await repository(t);
  assert.equal(mendFiles(path, SETTINGS), 0);
  for (const [file, text] of Object.entries(WHOLE)) assert.equal(read(join(path, file)), text);
});

for (const [file, text, mended] of TABLE) {
  test(`a broken file is mended, or removed, and counted: ${file} is ${JSON.stringify(text)}`, async (t) => {
    const path = await repository(t);
    writeFileSync(join(path, file), text);
    assert.equal(mendFiles(path, SETTINGS), 1);
    for (const [other, before] of Object.entries(WHOLE))
      assert.equal(read(join(path, other)), other === file ? mended : before);
  });
}

test('a repository of which only the objects are left becomes one again', async (t) => {
  const path = await repository(t);
  for (const part of ['HEAD', 'config', 'refs']) rmSync(join(path, part), { recursive: true });
  mkdirSync(join(path, 'objects/ab'));
  assert.equal(mendFiles(path, SETTINGS), 2);
  assert.equal(read(join(path, 'HEAD')), 'ref: refs/heads/deployed\n');
});

/** Returns the number of files that were repaired, and which of the refs are left. */
function mendedRefs(path: string, names: readonly string[]): [number, string[]] {
  const mended = mendFiles(path, SETTINGS);
  return [mended, names.filter((name) => lstatSync(join(path, 'refs/heads', name), MAYBE) !== undefined)];
}
const MAYBE = { throwIfNoEntry: false } as const;

test('among refs, links to nowhere and in circles and what is not a file are removed, and links to a ref stay', async (t) => {
  const path = await repository(t);
  const heads = join(path, 'refs/heads');
  const links = { nowhere: 'none', circle: 'circle', beyond: 'main/none', other: 'main' };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(heads, name));
  execFileSync('mkfifo', [join(heads, 'fifo')]);
  assert.deepEqual(mendedRefs(path, [...Object.keys(links), 'fifo', 'main']), [4, ['other', 'main']]);
});

test('links among refs that lead to a directory above are left alone, and not followed', async (t) => {
  const path = await repository(t);
  const names = ['a', 'b', 'c'];
  for (const name of names) symlinkSync('..', join(path, 'refs/heads', name));
  assert.deepEqual(mendedRefs(path, names), [0, names]);
});

test('what would hold up a git among the refs is found, and a link is not', async (t) => {
  const path = await repository(t);
  symlinkSync('main', join(path, 'refs/heads/other'));
  symlinkSync('none', join(path, 'refs/heads/nowhere'));
  assert.equal(await whyUnreadable(path), null);
  execFileSync('mkfifo', [join(path, 'refs/heads/fifo')]);
  assert.equal(await whyUnreadable(path), 'refs/heads/fifo is not a file');
});
