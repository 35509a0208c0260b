import assert from 'node:assert/strict';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { replaceByCopy, replaceFile } from '../../src/git/replaced-files.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const WHEN = new Date(Date.UTC(2026, 0, 1));

for (const [name, replace] of Object.entries({
  replaceFile: (path: string) => replaceFile(path, 'new'),
  replaceByCopy: (path: string, dir: string) => replaceByCopy(join(dir, 'original'), path),
}))
  test(`${name} replaces a file, or a link, and follows no link beside it`, async (t) => {
    const dir = temporaryFolder(t);
    const [victim, path] = [join(dir, 'victim'), join(dir, 'HEAD')];
    writeFileSync(victim, 'precious');
    writeFileSync(join(dir, 'original'), 'new');
    utimesSync(join(dir, 'original'), WHEN, WHEN);
    for (const planted of [path, `${path}.new`]) symlinkSync(victim, planted);
    await replace(path, dir);
    assert.equal(readFileSync(victim, 'utf8'), 'precious');
    assert.ok(lstatSync(path).isFile());
    mkdirSync(`${path}.new`);
    await replace(path, dir);
    assert.equal(readFileSync(path, 'utf8'), 'new');
    assert.equal(statSync(path).mtimeMs === WHEN.getTime(), name === 'replaceByCopy');
    assert.deepEqual(readdirSync(dir).sort(), ['HEAD', 'original', 'victim']);
  });
