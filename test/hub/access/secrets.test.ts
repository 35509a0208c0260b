import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rotated, Secrets, startedWith } from '../../../src/hub/access/secrets.ts';
import { sha256 } from '../../../src/hub/access/tokens.ts';
import { FileStore } from '../../../src/hub/store/file-store.ts';
import { Clock } from '../../fixtures/clock.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const hex = (secret: string) => sha256(secret).toString('hex');
const open = (dir: string, secret: string | undefined) =>
  Secrets.open(new FileStore(dir, assert.fail), secret);
const HOUR_MS = 3_600_000;
const first = { current: hex('first'), old: [] };
const second = rotated(first, hex('second'), 5);

test('a hub goes on with what it knows of a new secret, unless a third one is given by hand', async () => {
  assert.deepEqual(startedWith(null, hex('first')), first);
  assert.deepEqual(startedWith(second, hex('second')), second);
  assert.deepEqual(startedWith(second, hex('first')), second);
  assert.deepEqual(startedWith(second, hex('third')), { current: hex('third'), old: [] });
});

test('a secret that comes back is not an old one any more', async () => {
  const third = rotated(second, hex('first'), 9);
  assert.deepEqual(third, { current: hex('first'), old: [{ hash: hex('second'), until: 9 }] });
});

test('the old secret is taken for a while, then refused, and whoever waits for that is told', async (t) => {
  const clock = new Clock(t);
  const dir = temporaryFolder(t);
  const secrets = await open(dir, 'first');
  let told = 0;
  secrets.on('removed', () => told++);
  const before = secrets.find(sha256('first'));
  const until = await secrets.rotate({ secret: hex('first') }, hex('second'), HOUR_MS);
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
  const again = await open(dir, 'first');
  assert.deepEqual([again.isOutdated, again.find(sha256('first'))?.isValid()], [true, false]);
  assert.equal((await open(dir, 'second')).isOutdated, false);
});

test('only whoever has the secret in force replaces it, and may repeat that', async (t) => {
  const secrets = await open(temporaryFolder(t), 'first');
  await assert.rejects(secrets.rotate({}, hex('x'), 0), { code: 'EFORBIDDEN' });
  await assert.rejects(secrets.rotate({ secret: hex('first') }, hex('first'), 0), { code: 'EUSAGE' });
  const until = await secrets.rotate({ secret: hex('first') }, hex('second'), HOUR_MS);
  assert.equal(await secrets.rotate({ secret: hex('first') }, hex('second'), 0), until, 'repeated');
  await assert.rejects(secrets.rotate({ secret: hex('first') }, hex('third'), 0), { code: 'EFORBIDDEN' });
  secrets.close();
  const none = await open(temporaryFolder(t), undefined);
  assert.equal(none.isNeeded, false);
  await assert.rejects(none.rotate({}, hex('x'), 0), { code: 'EUSAGE' });
});

test('a file that no hub wrote keeps it from starting', async (t) => {
  const dir = temporaryFolder(t);
  writeFileSync(join(dir, 'secret.json'), '{"current":"first"}');
  await assert.rejects(open(dir, 'first'), { code: 'ECONFIG' });
});

test('a secret that is replaced at one hub is replaced at another one with the same store', async (t) => {
  const store = new FileStore(temporaryFolder(t), assert.fail);
  const [one, other] = [await Secrets.open(store, 'first'), await Secrets.open(store, 'first')];
  const removed = once(other, 'removed');
  await one.rotate({ secret: hex('first') }, hex('second'), 0);
  await removed;
  assert.deepEqual([other.find(sha256('first'))?.isValid(), other.isOutdated], [false, true]);
  assert.equal(other.find(sha256('second'))?.isValid(), true);
  for (const secrets of [one, other]) secrets.close();
});
