import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  missingFileText,
  pathInside,
  sharedFolder,
  wayTo,
} from '../../../src/drone/releases/shared-paths.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

test('each app has a folder of its own, a stage too', () => {
  assert.equal(sharedFolder('/d', 'webapp@pr-1'), '/d/shared/webapp@pr-1');
});

for (const [path, inside] of [
  ['a/b', 'a/b'],
  ['./a//b/.', 'a/b'],
  ['.github', '.github'],
  ['a/.git', 'a/.git'],
  ['/etc', null],
  ['', null],
  ['./.', null],
  ['a/../b', null],
  ['.git', null],
  ['./.git/config', null],
] as const) {
  test(`${JSON.stringify(path)} is ${inside === null ? 'not inside a checkout' : `${inside} inside it`}`, () => {
    if (inside === null)
      assert.throws(() => pathInside(path), { code: 'EUSAGE', message: /not a path inside/ });
    else assert.equal(pathInside(path), inside);
  });
}

test('the way to a file may be missing or end in a link, but never leads through a link', (t) => {
  const root = temporaryFolder(t);
  mkdirSync(join(root, 'real'));
  symlinkSync('/etc', join(root, 'out'));
  assert.equal(wayTo(root, 'new/file'), join(root, 'new/file'));
  assert.equal(wayTo(root, './real/file'), join(root, 'real/file'));
  assert.equal(wayTo(root, 'out'), join(root, 'out'), 'it is replaced, not followed');
  assert.throws(() => wayTo(root, 'out/passwd'), {
    code: 'EUSAGE',
    message: /leads through out, which is not/,
  });
});

test('what to do about a missing file is a command whose script puts it there, whatever the name has in it', (t) => {
  const name = 'conf/$HOME `id` "it\'s" \\.json';
  const text = missingFileText('web1', `./${name}`);
  assert.ok(text.startsWith(`web1 lacks ${name}; put it there: fleet run --drone=web1 -- sh -c '`), text);
  const command = /-- (sh -c '.*') </.exec(text)?.[1] ?? '';
  const dir = temporaryFolder(t);
  mkdirSync(join(dir, 'conf'));
  execFileSync('sh', ['-c', command], { env: { ...process.env, SHARED: dir }, input: '{}' });
  assert.equal(readFileSync(join(dir, name), 'utf8'), '{}');
});
