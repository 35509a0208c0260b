import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Vault } from '../../../src/hub/apps/vault.ts';
import { FileStore } from '../../../src/hub/store/file-store.ts';
import { HostCertificates } from '../../../src/hub/traffic/host-certificates.ts';
import { issuedFor } from '../../fixtures/certificate.ts';
import { eventually } from '../../fixtures/local-fleet.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const DIRECTORY = 'https://ca/dir';
const [ONE, TWO] = ['1'.repeat(32), '2'.repeat(32)];

function kept(t: TestContext) {
  const dir = temporaryFolder(t);
  const storeIn = () => new FileStore(dir, assert.fail);
  const clock = { now: Date.now() };
  const lines: string[] = [];
  const open = (store = storeIn()) =>
    HostCertificates.open(store, {
      vault: new Vault(dir),
      log: (line) => lines.push(line),
      now: () => clock.now,
    });
  const issued = (host: string) => issuedFor(dir, host, DIRECTORY);
  return { dir, clock, lines, storeIn, open, issued };
}

test('one orders, and what it brings is there for all, also after a restart', async (t) => {
  const { open, issued } = kept(t);
  const first = await open();
  assert.equal((await first.order(ONE, ['a.org'], DIRECTORY)).host, 'a.org');
  assert.equal((await first.order(TWO, ['b.org'], DIRECTORY)).host, null);
  assert.equal((await first.order(ONE, ['a.org'], DIRECTORY)).host, 'a.org', 'the same call once more');
  const again = await open();
  assert.equal((await again.order(TWO, ['b.org'], DIRECTORY)).host, null, 'it goes on over a restart');
  const certificate = issued('a.org');
  await again.keep(ONE, certificate);
  const { host, chain, privateKey } = certificate;
  assert.deepEqual((await open()).of(['a.org', 'b.org']), [{ host, chain, privateKey }]);
  assert.deepEqual(
    (await open()).factsOf(['a.org', 'b.org']).map(({ host, directory }) => ({ host, directory })),
    [{ host, directory: DIRECTORY }],
  );
  assert.equal(
    (await (await open()).order(TWO, ['b.org'], DIRECTORY)).host,
    'b.org',
    'the next one may order',
  );
});

test('an account has one key for each authority', async (t) => {
  const { open } = kept(t);
  const key = await (await open()).account(DIRECTORY);
  assert.match(key, /PRIVATE KEY/);
  assert.equal(await (await open()).account(DIRECTORY), key);
  assert.notEqual(await (await open()).account('https://other/dir'), key);
});

test('challenges are answered for the host of the order, while it lasts', async (t) => {
  const { open } = kept(t);
  const certificates = await open();
  const challenge = { token: 't', answer: 'a' };
  await assert.rejects(certificates.challenge(ONE, challenge), { code: 'EBUSY' });
  await certificates.order(ONE, ['a.org'], DIRECTORY);
  await certificates.challenge(ONE, challenge);
  assert.deepEqual((await open()).challengesOf(['a.org']), [challenge], 'also after a restart');
  assert.deepEqual(certificates.challengesOf(['a.org']), [challenge]);
  assert.deepEqual(certificates.challengesOf(['b.org']), []);
  assert.equal(await certificates.failed(ONE, 'a.org', false), 30_000);
  assert.deepEqual(certificates.challengesOf(['a.org']), []);
});

test('hubs with the same store have one order, its challenges, and what came of it', async (t) => {
  const { storeIn, open, issued } = kept(t);
  const store = storeIn();
  const [one, other] = [await open(store), await open(store)];
  await one.order(ONE, ['a.org'], DIRECTORY);
  assert.equal((await other.order(TWO, ['a.org'], DIRECTORY)).host, null);
  const told = once(other, 'changed');
  const challenge = { token: 't', answer: 'a' };
  await one.challenge(ONE, challenge);
  await told;
  await eventually(() => other.challengesOf(['a.org'])[0], 'the other hub has the challenge');
  assert.deepEqual(other.challengesOf(['a.org']), [challenge]);
  await one.keep(ONE, issued('a.org'));
  await eventually(() => other.of(['a.org']).length > 0, 'the other hub has the certificate');
  await eventually(() => other.challengesOf(['a.org']).length === 0, 'the order has ended there');
  assert.deepEqual(other.of(['a.org']), one.of(['a.org']));
});

test('an order that nobody ends counts as one that the authority was asked for', async (t) => {
  const { open, clock } = kept(t);
  const certificates = await open();
  await certificates.order(ONE, ['a.org'], DIRECTORY);
  clock.now += 180_000;
  assert.equal((await certificates.order(TWO, ['a.org'], DIRECTORY)).wait, 720_000);
  clock.now += 720_000;
  assert.equal((await certificates.order(TWO, ['a.org'], DIRECTORY)).host, 'a.org');
  assert.equal(await certificates.failed(TWO, 'a.org', true), 1_800_000);
  assert.equal(await certificates.failed(TWO, 'a.org', true), 1_800_000, 'said twice, it counts once');
});

test('what comes back is looked at before it is kept', async (t) => {
  const { open, issued } = kept(t);
  const certificates = await open();
  await certificates.order(ONE, ['a.org'], DIRECTORY);
  const wrong = { ...issued('b.org'), host: 'a.org' };
  await assert.rejects(certificates.keep(ONE, wrong), {
    code: 'EPROTOCOL',
    message: 'not a certificate for a.org: it is for another host',
  });
  await assert.rejects(certificates.keep(ONE, { ...wrong, chain: 'x' }), { code: 'EPROTOCOL' });
  assert.deepEqual(certificates.of(['a.org']), []);
});

test('what was sealed with another key is ordered again', async (t) => {
  const { dir, open, issued, lines } = kept(t);
  const certificates = await open();
  await certificates.account(DIRECTORY);
  await certificates.keep(ONE, issued('a.org'));
  rmSync(join(dir, 'hub.key'));
  const again = await open();
  assert.deepEqual(again.of(['a.org']), []);
  assert.equal((await again.order(TWO, ['a.org'], DIRECTORY)).host, 'a.org');
  assert.equal(lines.length, 2);
});

test('a file that cannot be read is left as it is, and nothing is ordered', async (t) => {
  const { dir, open, lines } = kept(t);
  writeFileSync(join(dir, 'certificates.json'), '{"hosts": 5}');
  const certificates = await open();
  assert.deepEqual(certificates.factsOf(['a.org']), []);
  await assert.rejects(certificates.order(ONE, ['a.org'], DIRECTORY), { code: 'ECONFIG' });
  assert.match(
    lines.join(),
    /no certificates are ordered: .*certificates\.json is not a file that a hub wrote/,
  );
  assert.equal(readFileSync(join(dir, 'certificates.json'), 'utf8'), '{"hosts": 5}');
});
