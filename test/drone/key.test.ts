import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DroneKey } from '../../src/drone/key.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const CHALLENGE = { nonce: 'n', at: 'http://hub:7000', tls: null };

test('a key stays in its directory, which only its user reads, and is the same after a restart', (t) => {
  const dir = temporaryFolder(t);
  assert.equal(DroneKey.in(dir), null);
  const made = DroneKey.make(dir);
  assert.equal(statSync(join(dir, 'drone.key')).mode & 0o777, 0o600);
  assert.deepEqual(DroneKey.in(dir)?.prove(CHALLENGE), made.prove(CHALLENGE));
  const secret = readFileSync(join(dir, 'drone.key'), 'utf8').split('\n')[1] ?? '';
  assert.ok(!JSON.stringify(made.prove(CHALLENGE, 'fleet_x')).includes(secret.slice(-40)));
  DroneKey.remove(dir);
  assert.equal(DroneKey.in(dir), null);
});

test('a key that cannot be read is an error that says what to do', (t) => {
  const dir = temporaryFolder(t);
  writeFileSync(join(dir, 'drone.key'), '');
  assert.throws(() => DroneKey.in(dir), {
    code: 'ECONFIG',
    message: /remove it, and join with an invitation/,
  });
});

test('a key on a disk that is not mounted, or what is not a file, is not taken for no key', (t) => {
  const dir = temporaryFolder(t);
  const path = join(dir, 'drone.key');
  symlinkSync('/nowhere/drone.key', path);
  assert.throws(() => DroneKey.in(dir), { code: 'ECONFIG', message: /cannot read .*drone\.key/ });
  rmSync(path);
  mkdirSync(path);
  const message = `${path} is broken: it is not a file; move it away`;
  assert.throws(() => DroneKey.in(dir), { code: 'ECONFIG', message });
});
