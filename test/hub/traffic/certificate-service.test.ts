import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Vault } from '../../../src/hub/apps/vault.ts';
import { FileStore } from '../../../src/hub/store/file-store.ts';
import { certificateHandlers } from '../../../src/hub/traffic/certificate-service.ts';
import { HostCertificates } from '../../../src/hub/traffic/host-certificates.ts';
import type { EndpointTable } from '../../../src/hub/traffic/table.ts';
import { issuedFor } from '../../fixtures/certificate.ts';
import { tokenWith } from '../../fixtures/principal.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const DIRECTORY = 'https://ca/dir';
const KEY = '1'.repeat(32);
const BODY = Buffer.alloc(0);

const serves = (...hosts: string[]) => ({
  endpoints: [],
  services: [{ service: 'web', routes: hosts.map((host) => ({ host, path: '/' })) }],
});

/** The calls of a proxy whose token is for `webapp` alone, at a hub that has another app, too. */
async function called(t: TestContext) {
  const dir = temporaryFolder(t);
  const certificates = await HostCertificates.open(new FileStore(dir, assert.fail), {
    ...{ vault: new Vault(dir), log: assert.fail, now: Date.now },
  });
  const told: string[] = [];
  const apps = { webapp: serves('a.org', '*.a.org'), other: serves('b.org') };
  certificates.on('changed', () => told.push('changed'));
  const traffic = {
    certificates,
    upToDate: async () => {},
    table: { apps: () => apps } as unknown as EndpointTable,
    settled: async () => void told.push('settled'),
  };
  const issued = (host: string) => issuedFor(dir, host, DIRECTORY);
  const handlers = certificateHandlers(traffic, { who: tokenWith(['proxy'], 'webapp') });
  return { certificates, handlers, issued, told };
}

test('an order is for hosts that the token may see', async (t) => {
  const { handlers } = await called(t);
  const order = (...hosts: string[]) =>
    handlers['certificate.order']({ key: KEY, directory: DIRECTORY, hosts }, BODY);
  assert.deepEqual(await order('b.org'), { host: null, wait: 3_600_000, account: null });
  const got = (await order('b.org', 'a.org')) as { host: string; account: string };
  assert.equal(got.host, 'a.org');
  assert.match(got.account, /BEGIN PRIVATE KEY/);
});

test('nobody gets, answers for or replaces what is for the host of another app', async (t) => {
  const { certificates, handlers, issued, told } = await called(t);
  await certificates.keep(KEY, issued('b.org'));
  told.splice(0);
  assert.deepEqual(await handlers.certificates({}, BODY), { certificates: [] });
  const refused = { code: 'EFORBIDDEN' };
  const challenge = { token: 't', answer: 'a' };
  await assert.rejects(
    async () => handlers['certificate.challenge']({ key: KEY, host: 'b.org', challenge }, BODY),
    refused,
  );
  await assert.rejects(
    async () => handlers['certificate.keep']({ key: KEY, ...issued('b.org') }, BODY),
    refused,
  );
  assert.deepEqual(told, []);
});

test('a challenge is answered by every proxy before its call returns', async (t) => {
  const { handlers, issued, told } = await called(t);
  await handlers['certificate.order']({ key: KEY, directory: DIRECTORY, hosts: ['a.org'] }, BODY);
  told.splice(0);
  await handlers['certificate.challenge'](
    { key: KEY, host: 'a.org', challenge: { token: 't', answer: 'a' } },
    BODY,
  );
  assert.deepEqual(told, ['changed', 'settled']);
  const { chain, privateKey } = issued('a.org');
  await handlers['certificate.keep'](
    { key: KEY, host: 'a.org', directory: DIRECTORY, chain, privateKey },
    BODY,
  );
  assert.deepEqual(await handlers.certificates({}, BODY), {
    certificates: [{ host: 'a.org', chain, privateKey }],
  });
});

test('how long nobody tries again is said', async (t) => {
  const { handlers } = await called(t);
  await handlers['certificate.order']({ key: KEY, directory: DIRECTORY, hosts: ['a.org'] }, BODY);
  const failed = await handlers['certificate.failed'](
    { key: KEY, host: 'a.org', asked: true, why: 'no' },
    BODY,
  );
  assert.deepEqual(failed, { wait: 900_000 });
});
