import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Credentials, keptIn } from '../../src/drone/credentials.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const HUB = { hub: 'hub:7000' };
const CHALLENGE = { nonce: 'n', at: 'http://hub:7000', tls: null };

test('a drone with a secret shows that, and makes no key', (t) => {
  const dir = temporaryFolder(t);
  const credentials = new Credentials(dir, { ...HUB, secret: 's' });
  assert.deepEqual([credentials.prove, credentials.target.secret], [undefined, 's']);
  assert.equal(credentials.renew(), true);
  assert.equal(new Credentials(dir, HUB).prove, undefined);
});

test('an invitation is shown until the drone has joined, and git shows the pass of the hub', (t) => {
  const dir = temporaryFolder(t);
  const credentials = new Credentials(dir, { ...HUB, secret: 's', join: 'fleet_x' });
  const proof = credentials.prove?.(CHALLENGE);
  assert.deepEqual([proof?.invitation, credentials.target.secret], ['fleet_x', undefined]);
  credentials.joined({ pass: 'p' });
  assert.deepEqual([credentials.prove?.(CHALLENGE).invitation, credentials.target.secret], [undefined, 'p']);
  assert.equal(new Credentials(dir, HUB).prove?.(CHALLENGE).key, proof?.key, 'after a restart');
  assert.equal(new Credentials(dir, { ...HUB, secret: 's' }).prove, undefined, 'unless there is a secret');
});

test('an invitation that was left for the first start is removed when the drone has joined', (t) => {
  const dir = temporaryFolder(t);
  writeFileSync(keptIn(dir), 'fleet_x\n');
  const credentials = new Credentials(dir, HUB);
  assert.equal(credentials.prove?.(CHALLENGE).invitation, 'fleet_x');
  assert.ok(existsSync(keptIn(dir)));
  credentials.joined({ pass: 'p' });
  assert.equal(existsSync(keptIn(dir)), false);
});

test('an invitation that cannot be read is not taken for none', (t) => {
  const dir = temporaryFolder(t);
  mkdirSync(keptIn(dir));
  const message = `${keptIn(dir)} is broken: it is not a file; move it away`;
  assert.throws(() => new Credentials(dir, HUB), { code: 'ECONFIG', message });
});

test('a drone becomes another one with a new key, for which it needs an invitation', (t) => {
  const dir = temporaryFolder(t);
  const credentials = new Credentials(dir, { ...HUB, join: 'fleet_x' });
  const before = credentials.prove?.(CHALLENGE).key;
  assert.equal(credentials.renew(), true);
  assert.notEqual(credentials.prove?.(CHALLENGE).key, before);
  assert.equal(new Credentials(dir, HUB).renew(), false);
});
