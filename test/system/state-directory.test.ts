import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { demandSound } from '../../src/system/state-directory.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const STATE = { what: 'the drone', file: 'drone.json', folders: ['run', 'log'] } as const;
const skip = process.getuid?.() !== 0 && 'only root can give files to others';
/** A user who has no name. */
const UID = 54_321;

/** A directory in which a drone of that user was started. */
function ofUser(t: TestContext): string {
  const dir = temporaryFolder(t);
  chmodSync(dir, 0o711);
  mkdirSync(join(dir, 'run'));
  writeFileSync(join(dir, 'drone.json'), '{}', { mode: 0o600 });
  writeFileSync(join(dir, 'run', '1e99f4.json'), '{}', { mode: 0o600 });
  for (const path of ['', 'run', 'drone.json', 'run/1e99f4.json']) chownSync(join(dir, path), UID, UID);
  return dir;
}

/** Starts something as that user, as far as files are concerned. */
function asUser(act: () => void): void {
  process.seteuid?.(UID);
  try {
    act();
  } finally {
    process.seteuid?.(0);
  }
}

test("root does not start what has always been another user's, and says how to", { skip }, (t) => {
  const dir = ofUser(t);
  assert.throws(() => demandSound(dir, STATE), {
    code: 'ECONFIG',
    message: `the drone here belongs to ${UID}, who could not read what root writes; start it as that user, as with: sudo -u ${UID} fleet`,
  });
});

test('what root has started before, it starts again', { skip }, (t) => {
  const dir = ofUser(t);
  writeFileSync(join(dir, 'run', '77aa05.json'), '{}');
  demandSound(dir, STATE);
});

test('a directory that nobody has used yet is for everybody', { skip }, (t) => {
  const dir = temporaryFolder(t);
  chownSync(dir, UID, UID);
  demandSound(dir, STATE);
});

test('what cannot be read, because root has written it, is refused with the chown to run', { skip }, (t) => {
  const dir = ofUser(t);
  chownSync(join(dir, 'drone.json'), 0, 0);
  asUser(() =>
    assert.throws(() => demandSound(dir, STATE), {
      code: 'ECONFIG',
      message: `${join(dir, 'drone.json')} belongs to root, and ${UID} cannot read it: chown -R ${UID} ${dir}`,
    }),
  );
});
