import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rotated, Secrets, startedWith } from '../../../src/hub/access/secrets.ts';
import { sha256 } from '../../../src/hub/access/tokens.ts';
import { Clock } from '../../fixtures/clock.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const hex = (secret: string) => sha256(secret).toString('hex');
const HOUR_MS = 3_600_000;
const first = { current: hex('first'), old: [] };
const second = rotated(first, hex('second'), 5);

test('a hub goes on with what it knows of a new secret, unless a third one is given by hand', () => {
  assert.deepEqual(startedWith(null, hex('first')), first);
  assert.deepEqual(startedWith(second, hex('second')), second);
  assert.deepEqual(startedWith(second, hex('first')), second);
  assert.deepEqual(startedWith(second, hex('third')), { current: hex('third'), old: [] });
});

test('a secret that comes back is not an old one any more', () => {
  const third = rotated(second, hex('first'), 9);
  assert.deepEqual(third, { current: hex('first'), old: [{ hash: hex('second'), until: 9 }] });
});

test('the old secret is taken for a while, then refused, and whoever waits for that is told', (t) => {
  const clock = new Clock(t);
  const dir = temporaryFolder(t);
  const secrets = new Secrets(dir, 'first');
  let told = 0;
  secrets.on('removed', () => told++);
  const before = secrets.find(sha256('first'));
  const until = secrets.rotate({ secret: hex('first') }, hex('second'), HOUR_MS);
  assert.equal(secrets.find(sha256('second'))?.name, 'secret');
  const old = secrets.find(sha256('first'));
  assert.deepEqual(
    [old?.name, old?.expires, old?.isValid(), before?.isValid()],
    ['old-secret', until, true, true],
  );
  clock.pass(HOUR_MS);
  assert.deepEqual([old?.isValid(), before?.isValid(), told], [false, false, 1]);
  assert.equal(secrets.find(sha256('nonsense')), undefined);
  assert.equal(statSync(join(dir, 'secret.json')).mode & 0o777, 0o600);
  const again = new Secrets(dir, 'first');
  assert.deepEqual([again.isOutdated, again.find(sha256('first'))?.isValid()], [true, false]);
  assert.equal(new Secrets(dir, 'second').isOutdated, false);
});

test('only whoever has the secret in force replaces it, and may repeat that', (t) => {
  const secrets = new Secrets(temporaryFolder(t), 'first');
  assert.throws(() => secrets.rotate({}, hex('x'), 0), { code: 'EFORBIDDEN' });
  assert.throws(() => secrets.rotate({ secret: hex('first') }, hex('first'), 0), { code: 'EUSAGE' });
  const until = secrets.rotate({ secret: hex('first') }, hex('second'), HOUR_MS);
  assert.equal(secrets.rotate({ secret: hex('first') }, hex('second'), 0), until, 'repeated');
  assert.throws(() => secrets.rotate({ secret: hex('first') }, hex('third'), 0), { code: 'EFORBIDDEN' });
  secrets.close();
  const none = new Secrets('/nonexistent', undefined);
  assert.equal(none.isNeeded, false);
  assert.throws(() => none.rotate({}, hex('x'), 0), { code: 'EUSAGE' });
});

test('a file that no hub wrote keeps it from starting', (t) => {
  const dir = temporaryFolder(t);
  writeFileSync(join(dir, 'secret.json'), '{"current":"first"}');
  assert.throws(() => new Secrets(dir, 'first'), { code: 'ECONFIG' });
});
