import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request } from 'node:https';
import { type TestContext, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { covers } from '../../src/proxy/certificate-names.ts';
import { Certificates } from '../../src/proxy/certificates.ts';
import { secureUrl } from '../../src/proxy/doors.ts';
import { writeCertificate } from '../fixtures/certificate.ts';
import { instance, Proxied } from '../fixtures/proxied.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { chosenAt, OLD_SUITES, TLS12_SUITES } from '../fixtures/tls-suites.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 };

async function started(t: TestContext) {
  const dir = temporaryFolder(t);
  const one = await instance(t, '000001', ({ headers }, response) =>
    response.end(`${headers['x-forwarded-proto']} ${headers['x-forwarded-host']}`),
  );
  const certificates = [
    writeCertificate(dir, 'first', ['first.org']),
    writeCertificate(dir, 'second', ['example.com', '*.example.com']),
  ];
  const proxied = await Proxied.start(t, [one.endpoint], { tls: { listen: LOOPBACK, certificates } });
  return { dir, proxied };
}

/** Gives the name of the certificate that is shown to a client which asks for a host. */
async function shown(proxied: Proxied, servername?: string): Promise<string> {
  const port = proxied.proxy.tlsPort ?? 0;
  const options = { port, host: '127.0.0.1', rejectUnauthorized: false };
  const socket: TLSSocket = connect(servername === undefined ? options : { ...options, servername });
  await once(socket, 'secureConnect');
  const name = socket.getPeerCertificate().subject.CN;
  socket.destroy();
  return String(name);
}

test('a client is shown the certificate for the host that it names, else the first', async (t) => {
  const { proxied } = await started(t);
  for (const [host, name] of [
    ['first.org', 'first'],
    ['Example.com', 'second'],
    ['www.example.com', 'second'],
    ['a.b.example.com', 'first'],
    ['other.net', 'first'],
    [undefined, 'first'],
  ] as const)
    assert.equal(await shown(proxied, host), name, host);
});

test('an instance learns that a request came with TLS', async (t) => {
  const { proxied } = await started(t);
  const sent = request({
    ...{ host: '127.0.0.1', port: proxied.proxy.tlsPort, rejectUnauthorized: false },
    headers: { host: 'example.com' },
  }).end();
  const [response] = await once(sent, 'response');
  assert.equal(String((await once(response, 'data'))[0]), 'https example.com');
});

test('a request without TLS is redirected if there is a certificate for its host', async (t) => {
  const { proxied } = await started(t);
  const { status, headers } = await proxied.ask({ path: '/a?b', method: 'POST' });
  assert.deepEqual([status, headers.location], [308, `https://example.com:${proxied.proxy.tlsPort}/a?b`]);
  assert.equal((await proxied.ask({ headers: { host: 'other.net' } })).status, 404);
  assert.equal((await proxied.ask({ path: '/.well-known/acme-challenge/x' })).status, 200);
  const trusting = await Proxied.start(t, [], { trusted: ['127.0.0.1'] });
  assert.equal((await trusting.ask({ headers: { 'x-forwarded-proto': 'https' } })).status, 503);
});

test('the usual port is not named', () => {
  const asked = { host: 'a.com', authority: 'a.com:80', path: '/x', target: '/x?y' };
  assert.equal(secureUrl(asked, 443), 'https://a.com/x?y');
});

test('a certificate that was renewed is shown from then on, and one that cannot be used changes nothing', async (t) => {
  const { dir, proxied } = await started(t);
  writeFileSync(`${dir}/first.pem`, 'broken');
  proxied.proxy.reload();
  assert.match(proxied.lines.at(-1) ?? '', /first\.pem .*cannot be used: .*those from before stay in use$/);
  assert.equal(await shown(proxied, 'first.org'), 'first');
  const { cert, key } = writeCertificate(dir, 'new', ['first.org']);
  writeFileSync(`${dir}/first.pem`, readFileSync(cert));
  writeFileSync(`${dir}/first.key`, readFileSync(key));
  proxied.proxy.reload();
  assert.equal(await shown(proxied, 'first.org'), 'new');
  assert.equal(await shown(proxied), 'new');
});

test('what comes without TLS is redirected if a certificate is for its host, websockets too', async (t) => {
  const { proxied } = await started(t);
  for (const upgrade of [undefined, 'websocket', 'other']) {
    const headers = { host: 'example.com', ...(upgrade && { connection: 'Upgrade', upgrade }) };
    const sent = plainRequest({ port: proxied.port, host: '127.0.0.1', path: '/a?b', headers }).end();
    const [{ statusCode, headers: answered }] = (await once(sent, 'response')) as [IncomingMessage];
    sent.destroy();
    assert.equal(statusCode, 308, upgrade);
    assert.equal(answered.location, `https://example.com:${proxied.proxy.tlsPort}/a?b`, upgrade);
  }
});

test('a file that was replaced is read again, one that was not is not', (t) => {
  const dir = temporaryFolder(t);
  const lines: string[] = [];
  const files = writeCertificate(dir, 'one', ['one.org']);
  const certificates = new Certificates([files], (line) => lines.push(line));
  certificates.reloadIfChanged();
  assert.deepEqual([lines, certificates.has('two.org')], [[], false]);
  writeCertificate(dir, 'one', ['two.org'], 4);
  certificates.reloadIfChanged();
  assert.ok(certificates.has('two.org'));
  assert.deepEqual(lines, [`warning: ${files.cert} expires in 3 days`, 'read the certificates again']);
});

test('only modern suites are taken, whichever certificate is shown, also after a renewal', async (t) => {
  const { proxied } = await started(t);
  const port = proxied.proxy.tlsPort ?? 0;
  for (const when of ['at first', 'after a renewal']) {
    for (const servername of ['first.org', 'example.com']) {
      assert.equal(await chosenAt(port, TLS12_SUITES.ec, { servername }), TLS12_SUITES.ec, when);
      for (const old of OLD_SUITES)
        assert.match(await chosenAt(port, old, { servername }), /^(ERR_SSL|ECONNRESET)/, `${old} ${when}`);
    }
    proxied.proxy.reload();
  }
});

test('files that cannot be used are a mistake', (t) => {
  const dir = temporaryFolder(t);
  const { cert, key } = writeCertificate(dir, 'one', ['a']);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(`${dir}/other.key`, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  for (const files of [
    { cert, key: `${dir}/other.key` },
    { cert: `${dir}/none`, key },
  ])
    assert.throws(() => new Certificates([files], () => {}), { code: 'ECONFIG' });
});

test('a name with * is for one label', () => {
  const names = ['example.com', '*.example.org'];
  for (const host of ['example.com', 'a.example.org']) assert.ok(covers(names, host), host);
  for (const host of ['a.example.com', 'example.org', 'a.b.example.org', 'org', ''])
    assert.ok(!covers(names, host), host);
});
