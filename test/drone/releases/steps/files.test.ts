import assert from 'node:assert/strict';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { copy, makeSharedFolder, own, runAs } from '../../../../src/drone/releases/steps/files.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const NOBODY = { name: 'nobody', uid: 65_534, gid: 65_534, home: '/', shell: '/bin/sh' };
const skip = process.getuid?.() === 0 ? false : 'needs root';

test('a copy keeps modes, times and links', async (t) => {
  const dir = temporaryFolder(t);
  mkdirSync(join(dir, 'from'));
  writeFileSync(join(dir, 'from/-x'), 'x', { mode: 0o750 });
  utimesSync(join(dir, 'from/-x'), 1_000, 1_000);
  symlinkSync('/etc', join(dir, 'from/link'));
  await copy(join(dir, 'from'), join(dir, 'to'));
  const { mode, mtimeMs } = statSync(join(dir, 'to/-x'));
  assert.equal(mode & 0o777, 0o750);
  assert.equal(mtimeMs, 1_000_000);
  assert.equal(readlinkSync(join(dir, 'to/link')), '/etc');
  await assert.rejects(copy(join(dir, 'nothing'), join(dir, 'to2')));
});

test('a folder is handed to a user with all that is in it, but not what its links lead to', {
  skip,
}, async (t) => {
  const dir = temporaryFolder(t);
  for (const folder of ['mine', 'given']) mkdirSync(join(dir, folder));
  writeFileSync(join(dir, 'mine/x'), '');
  symlinkSync('../mine/x', join(dir, 'given/link'));
  await own(NOBODY, join(dir, 'given'));
  assert.equal(lstatSync(join(dir, 'given/link')).uid, NOBODY.uid);
  assert.equal(statSync(join(dir, 'mine/x')).uid, 0);
  await own(null, join(dir, 'mine'));
  await own(NOBODY);
  assert.equal(statSync(join(dir, 'mine')).uid, 0);
});

test('the folder of shared files is made once, and then stays as its owner left it', { skip }, async (t) => {
  const dir = temporaryFolder(t);
  chmodSync(dir, 0o755);
  const shared = join(dir, 'webapp');
  await makeSharedFolder(shared, NOBODY);
  assert.equal(statSync(shared).uid, NOBODY.uid);
  const other = join(dir, 'api');
  mkdirSync(other);
  await makeSharedFolder(other, NOBODY);
  assert.equal(statSync(other).uid, 0);
});

test('a user who cannot enter the folder of shared files is named, and so is the way out', {
  skip,
}, async (t) => {
  const dir = temporaryFolder(t);
  chmodSync(dir, 0o700);
  await assert.rejects(makeSharedFolder(join(dir, 'webapp'), NOBODY), {
    code: 'ESPAWN',
    message: /the user nobody cannot enter .*webapp: .*\(chmod o\+x\)/,
  });
  await makeSharedFolder(join(dir, 'webapp'), null);
});

test('what happens in a folder of the app happens as its user', { skip }, async (t) => {
  const dir = temporaryFolder(t);
  chmodSync(dir, 0o777);
  await runAs(NOBODY, ['touch', join(dir, 'made')]);
  assert.equal(statSync(join(dir, 'made')).uid, NOBODY.uid);
  await assert.rejects(runAs(null, ['false']));
});
