import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { putAside, putAsideUnlessFile, putAsideUnlessFolder } from '../../src/system/put-aside.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('a damaged file is kept under a unique name, however often it happens', (t) => {
  const dir = temporaryFolder(t);
  const path = join(dir, 'drone.json');
  const names = ['one', 'two', 'three'].map((text) => {
    writeFileSync(path, text);
    return putAside(path);
  });
  assert.deepEqual(names, [`${path}.broken`, `${path}.broken-1`, `${path}.broken-2`]);
  assert.deepEqual(
    names.map((name) => readFileSync(name, 'utf8')),
    ['one', 'two', 'three'],
  );
  assert.equal(readdirSync(dir).length, 3);
});

test('a file that cannot be put aside is reported', (t) => {
  const path = join(temporaryFolder(t), 'drone.json');
  assert.throws(() => putAside(path), { code: 'EIO', message: /^cannot rename .*drone\.json: ENOENT/ });
});

test('what is not of the kind that belongs there is put aside, and a link to the right kind is not', (t) => {
  const dir = temporaryFolder(t);
  const [folder, file] = [join(dir, 'repos'), join(dir, 'hub.json')];
  assert.deepEqual(
    [putAsideUnlessFolder(folder), putAsideUnlessFile(file)],
    [null, null],
    'nothing is there',
  );
  mkdirSync(join(dir, 'disk'));
  symlinkSync('disk', folder);
  writeFileSync(file, '');
  assert.deepEqual([putAsideUnlessFolder(folder), putAsideUnlessFile(file)], [null, null]);
  assert.equal(putAsideUnlessFolder(file), `${file}.broken`);
  assert.equal(putAsideUnlessFile(folder), `${folder}.broken`);
  execFileSync('mkfifo', [file]);
  assert.equal(putAsideUnlessFile(file), `${file}.broken-1`);
});
