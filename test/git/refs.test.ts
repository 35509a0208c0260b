import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { plainHead, plainlyHolds } from '../../src/git/refs.ts';

const [A, B] = ['a'.repeat(40), 'b'.repeat(40)];

/** A directory with these files in it. */
function directory(t: TestContext, files: Record<string, string>): string {
  const dir = mkdtempSync(join(tmpdir(), 'fleet-refs-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}

for (const [what, files, head] of [
  ['a branch', { '.git/HEAD': 'ref: refs/heads/main\n', '.git/refs/heads/main': `${A}\n` }, A],
  ['a branch with a slash', { '.git/HEAD': 'ref: refs/heads/a/b\n', '.git/refs/heads/a/b': `${A}\n` }, A],
  ['a commit of no branch', { '.git/HEAD': `${A}\n` }, A],
  [
    'a branch among the packed ones',
    { '.git/HEAD': 'ref: refs/heads/main\n', '.git/packed-refs': `${A} refs/heads/main\n` },
    null,
  ],
  ['a branch without a commit', { '.git/HEAD': 'ref: refs/heads/main\n' }, null],
  [
    'a branch that stands for another',
    { '.git/HEAD': 'ref: refs/heads/main\n', '.git/refs/heads/main': 'ref: refs/heads/x\n' },
    null,
  ],
  [
    'a branch whose file a power cut has emptied',
    { '.git/HEAD': 'ref: refs/heads/main\n', '.git/refs/heads/main': '' },
    null,
  ],
  ['refs in tables', { '.git/HEAD': 'ref: refs/heads/.invalid\n', '.git/reftable/tables.list': '' }, null],
  ['hashes of SHA-256', { '.git/HEAD': `${'a'.repeat(64)}\n` }, null],
  ['a worktree', { '.git': 'gitdir: /elsewhere/.git/worktrees/x\n' }, null],
  ['no repository', {}, null],
] as const) {
  test(`HEAD is read directly if it is simple, else git is asked: ${what}`, (t) => {
    assert.equal(plainHead(directory(t, files)), head);
  });
}

const REF = `refs/fleet/${A}`;
for (const [what, files, holds] of [
  ['it holds the commit', { [REF]: `${A}\n` }, true],
  ['it holds it beside packed ones', { [REF]: `${A}\n`, 'packed-refs': '' }, true],
  ['it is not there', {}, false],
  ['it holds another commit', { [REF]: `${B}\n` }, false],
  ['a power cut has emptied it', { [REF]: '' }, false],
  ['it may be packed', { 'packed-refs': `${A} ${REF}\n` }, null],
] as const) {
  test(`a ref of a bare repository: ${what}`, (t) => {
    assert.equal(plainlyHolds(directory(t, files), REF, A), holds);
  });
}
