import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeDirectory, readJson, writeJson } from '../../src/system/json-file.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('what is written can be read back, by its owner only, and is readable for people', (t) => {
  const path = join(temporaryFolder(t), 'hub.json');
  const value = { drones: {}, deployed: [{ repo: 'webapp' }] };
  writeJson(path, value);
  assert.deepEqual(readJson(path), value);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.match(readFileSync(path, 'utf8'), /^\{\n {2}"drones": \{\},\n[\s\S]*\}\n$/);
});

test('a missing file is undefined, and the error for a broken one names it', (t) => {
  const dir = temporaryFolder(t);
  const path = join(dir, 'hub.json');
  assert.equal(readJson(path), undefined);
  for (const broken of ['', '{"drones": {', '\0\0\0']) {
    writeFileSync(path, broken);
    assert.throws(() => readJson(path), {
      code: 'ECONFIG',
      message: /hub\.json is broken: .*; fix it or move it away$/,
    });
  }
  mkdirSync(join(dir, 'folder.json'));
  // Reading one would wait for a writer for ever.
  execFileSync('mkfifo', [join(dir, 'fifo.json')]);
  for (const name of ['folder.json', 'fifo.json'])
    assert.throws(() => readJson(join(dir, name)), {
      code: 'ECONFIG',
      message: `${join(dir, name)} is broken: it is not a file; move it away`,
    });
});

test('a directory is made with its parents, and may exist already', (t) => {
  const dir = temporaryFolder(t);
  makeDirectory(join(dir, 'a/b'));
  makeDirectory(join(dir, 'a/b'));
  assert.ok(existsSync(join(dir, 'a/b')));
  writeFileSync(join(dir, 'file'), '');
  assert.throws(() => makeDirectory(join(dir, 'file/b')), {
    code: 'EIO',
    message: /^cannot create the directory .*file\/b: /,
  });
});
