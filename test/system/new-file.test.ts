import assert from 'node:assert/strict';
import { closeSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { acquireLock } from '../../src/system/lock.ts';
import { openNew, openNewFile, writeNew } from '../../src/system/new-file.ts';
import { replaceCrashSafe, writeCrashSafe, writeDurably, writeWhole } from '../../src/system/write-whole.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const WAYS: Record<string, (path: string) => unknown> = {
  openNew: (path) => closeSync(openNew(path)),
  openNewFile: async (path) => (await openNewFile(path)).close(),
  writeNew: (path) => writeNew(path, 'new'),
};

for (const [name, make] of Object.entries(WAYS)) {
  test(`${name} makes a file of its own in place of a link, or of what a killed process has left`, async (t) => {
    const dir = temporaryFolder(t);
    const [victim, path] = [join(dir, 'victim'), join(dir, 'a.tmp')];
    writeFileSync(victim, 'precious');
    symlinkSync(victim, path);
    await make(path);
    assert.equal(readFileSync(victim, 'utf8'), 'precious');
    assert.ok(lstatSync(path).isFile());
    writeFileSync(path, 'half of somethi', { mode: 0o644 });
    await make(path);
    assert.equal(readFileSync(path, 'utf8'), name === 'writeNew' ? 'new' : '');
  });

  test(`${name} does not replace a directory`, async (t) => {
    const path = join(temporaryFolder(t), 'a.tmp');
    mkdirSync(path);
    await assert.rejects(async () => make(path), { code: /EISDIR/ });
    assert.ok(lstatSync(path).isDirectory());
  });
}

for (const write of [writeWhole, writeCrashSafe, writeDurably, replaceCrashSafe])
  test(`${write.name} does not write through a link that has the name of its temporary file`, async (t) => {
    const dir = temporaryFolder(t);
    const [victim, path] = [join(dir, 'victim'), join(dir, 'state.json')];
    writeFileSync(victim, 'precious');
    symlinkSync(victim, `${path}.${process.pid}.tmp`);
    await write(path, 'text');
    assert.equal(readFileSync(victim, 'utf8'), 'precious');
    assert.ok(lstatSync(path).isFile());
    assert.equal(readFileSync(path, 'utf8'), 'text');
  });

test('a lock is not written through a link that has the name of its temporary file', async (t) => {
  const dir = temporaryFolder(t);
  const [victim, path] = [join(dir, 'victim'), join(dir, 'hub.lock')];
  writeFileSync(victim, 'precious');
  symlinkSync(victim, `${path}.${process.pid}`);
  const lock = await acquireLock(path, 'a hub');
  lock.release();
  assert.equal(readFileSync(victim, 'utf8'), 'precious');
});
