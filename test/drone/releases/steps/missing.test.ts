import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { missingFile } from '../../../../src/drone/releases/steps/missing.ts';
import { needOfApp } from '../../../fixtures/release-world.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const need = needOfApp({
  shared: [
    { path: 'uploads', directory: true },
    { path: '.env', directory: false },
    { path: 'keys/tls.pem', directory: false },
  ],
});

test('the first shared file that is missing is named, and the folder for it is made', async (t) => {
  const shared = join(temporaryFolder(t), 'webapp');
  assert.equal(await missingFile(shared, need), '.env');
  writeFileSync(join(shared, '.env'), '');
  assert.equal(await missingFile(shared, need), 'keys/tls.pem');
  writeFileSync(join(shared, 'keys/tls.pem'), '');
  assert.equal(await missingFile(shared, need), null);
  assert.equal(
    existsSync(join(shared, 'uploads')),
    false,
    'directories are made later, with what the commit has',
  );
});

test('an app that shares no files needs no folder for them yet', async (t) => {
  const shared = join(temporaryFolder(t), 'webapp');
  assert.equal(
    await missingFile(shared, needOfApp({ shared: [{ path: 'uploads', directory: true }] })),
    null,
  );
  assert.equal(existsSync(shared), false);
});

test('a way through a link is refused', async (t) => {
  const shared = join(temporaryFolder(t), 'webapp');
  mkdirSync(shared);
  writeFileSync(join(shared, '.env'), '');
  symlinkSync('/etc', join(shared, 'keys'));
  await assert.rejects(missingFile(shared, need), { code: 'EUSAGE' });
});
