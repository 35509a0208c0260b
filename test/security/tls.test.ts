import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fetchCommit } from '../../src/git/mirror.ts';
import { pushCommit } from '../../src/git/push.ts';
import { hubRemote } from '../../src/git/remote.ts';
import { connect, createDrone, createHub, type Hub } from '../../src/index.ts';
import { eventually, headOf, LocalFleet, SECRET } from '../fixtures/local-fleet.ts';
import { chosenAt, OLD_SUITES, TLS12_SUITES } from '../fixtures/tls-suites.ts';

const fleet = new LocalFleet();
/** With TLS of its own, with a certificate of ours, and without TLS. */
let own: Hub;
let given: Hub;
let plain: Hub;
let ca: string;
let app: string;
let head: string;
const lines: string[] = [];
before(async () => {
  const made = makeCertificate();
  ca = made.cert;
  const options = {
    host: '127.0.0.1',
    port: 0,
    secret: SECRET,
    log: (line: string) => void lines.push(line),
  };
  own = await createHub({ ...options, dir: join(fleet.dir, 'own'), tls: true });
  given = await createHub({ ...options, dir: join(fleet.dir, 'given'), ...made });
  plain = await createHub({ ...options, dir: join(fleet.dir, 'plain') });
  app = fleet.app('webapp', { 'a.txt': 'one\n' });
  head = headOf(app);
});
after(async () => {
  await Promise.all([own, given, plain].map((hub) => hub?.close()));
  await fleet.end();
});

/** A certificate for 127.0.0.1 that is its own authority. */
function makeCertificate(): { cert: string; key: string } {
  const [cert, key] = [join(fleet.dir, 'cert.pem'), join(fleet.dir, 'key.pem')];
  const name = ['-subj', '/CN=test hub', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    key,
    '-out',
    cert,
    ...name,
  ];
  execFileSync('openssl', made, { stdio: 'ignore' });
  return { cert, key };
}

const secure = (hub: Hub) => `https://127.0.0.1:${hub.port}`;
const wrongPin = `sha256:${'0'.repeat(64)}`;

test('a pinned fingerprint admits both client and git, and nothing else does', async () => {
  const target = { hub: secure(own), secret: SECRET, fingerprint: own.fingerprint ?? '' };
  const client = await connect(target);
  const { commit, drones } = await client.deploy({ dir: app });
  assert.deepEqual([commit, drones], [head, {}]);
  client.close();
  const drone = await createDrone({ ...target, name: 'web1', dir: join(fleet.dir, 'web1') });
  await drone.connected;
  await drone.close();
});

test('another key is noticed before the secret is sent, by a client and by git', async () => {
  const target = { hub: secure(own), secret: SECRET, fingerprint: wrongPin };
  await assert.rejects(connect(target), { code: 'EAUTH', message: /another fingerprint/ });
  await assert.rejects(pushCommit(app, hubRemote(target), 'webapp', head), /pin|public key|SSL|verif/i);
  await assert.rejects(
    fetchCommit(join(fleet.dir, 'mirror'), hubRemote(target), 'webapp', head),
    /pin|public key|SSL|verif/i,
  );
  const right = { ...target, fingerprint: own.fingerprint ?? '' };
  await fetchCommit(join(fleet.dir, 'mirror'), hubRemote(right), 'webapp', head);
});

test('a private CA admits both client and git; without it the certificate is not trusted', async () => {
  const target = { hub: secure(given), secret: SECRET, ca };
  const client = await connect(target);
  await client.deploy({ dir: app });
  client.close();
  await assert.rejects(connect({ ...target, ca: undefined }), { code: 'ECONNECT', message: /self-signed/ });
  await assert.rejects(connect({ ...target, hub: secure(own) }), { code: 'ECONNECT' });
  await assert.rejects(connect({ ...target, ca: '/not/there' }), { code: 'ECONFIG', message: /not\/there/ });
  const untrusted = hubRemote({ hub: secure(given), secret: SECRET });
  await assert.rejects(pushCommit(app, untrusted, 'webapp', head), /certificate/i);
});

test('a pin wins over a CA, because it names the exact key', async () => {
  const target = { hub: secure(given), secret: SECRET, ca, fingerprint: wrongPin };
  await assert.rejects(connect(target), { code: 'EAUTH' });
  await connect({ ...target, fingerprint: given.fingerprint ?? '' }).then((client) => client.close());
});

test('plain to TLS and TLS to plain fail at once, and the error says what to write', async () => {
  const wrong = { hub: `127.0.0.1:${own.port}`, secret: SECRET };
  await assert.rejects(connect(wrong), { code: 'ECONNECT', message: /write https:\/\// });
  await assert.rejects(connect({ ...wrong, hub: secure(plain) }), {
    code: 'ECONNECT',
    message: /without https/,
  });
  const pinned = { hub: secure(plain), secret: SECRET, fingerprint: wrongPin };
  await assert.rejects(connect(pinned), { code: 'ECONNECT', message: /without https/ });
});

test('a fingerprint or CA without https would protect nothing, and is refused', async () => {
  const hub = `127.0.0.1:${plain.port}`;
  await assert.rejects(connect({ hub, secret: SECRET, fingerprint: wrongPin }), {
    code: 'EUSAGE',
    message: /https:/,
  });
  await assert.rejects(connect({ hub, secret: SECRET, ca }), { code: 'EUSAGE', message: /https:/ });
  await assert.rejects(connect({ hub: secure(own), secret: SECRET, fingerprint: 'sha256:ab' }), {
    code: 'EUSAGE',
  });
});

test("a hub's own certificate is readable by its owner only, and survives a restart", async () => {
  const path = join(fleet.dir, 'own/tls.pem');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const dir = join(fleet.dir, 'again');
  const first = await createHub({ dir, port: 0, host: '127.0.0.1', secret: SECRET, tls: true });
  await first.close();
  const second = await createHub({ dir, port: 0, host: '127.0.0.1', secret: SECRET, tls: true });
  await second.close();
  assert.equal(second.fingerprint, first.fingerprint);
  assert.notEqual(second.fingerprint, own.fingerprint);
});

test('the key of a hub is P-256, and that of an older hub stays as it is', async () => {
  const path = (dir: string) => join(fleet.dir, dir, 'tls.pem');
  const curve = { namedCurve: 'prime256v1' };
  assert.deepEqual(new X509Certificate(readFileSync(path('own'))).publicKey.asymmetricKeyDetails, curve);
  mkdirSync(join(fleet.dir, 'older'), { mode: 0o700 });
  const rsa = readFileSync(ca, 'utf8') + readFileSync(join(fleet.dir, 'key.pem'), 'utf8');
  writeFileSync(path('older'), rsa, { mode: 0o600 });
  const older = await createHub({
    ...{ dir: join(fleet.dir, 'older'), port: 0, host: '127.0.0.1', secret: SECRET, tls: true },
  });
  try {
    assert.equal(older.fingerprint, given.fingerprint);
    assert.equal(readFileSync(path('older'), 'utf8'), rsa);
    const client = await connect({
      hub: secure(older),
      secret: SECRET,
      fingerprint: older.fingerprint ?? '',
    });
    assert.equal((await client.deploy({ dir: app })).commit, head);
    client.close();
  } finally {
    await older.close();
  }
});

test('both ports take modern suites only, also after a renewal', async () => {
  for (const [hub, modern] of [
    [own, TLS12_SUITES.ec],
    [given, TLS12_SUITES.rsa],
  ] as const) {
    const look = async (when: string) => {
      for (const port of [hub.port, hub.gport]) {
        assert.equal(await chosenAt(port, modern), modern, when);
        for (const old of OLD_SUITES)
          assert.match(await chosenAt(port, old), /^(ERR_SSL|ECONNRESET)/, `${old} ${when}`);
        assert.match(await chosenAt(port, 'ALL', { version: 'TLSv1.1' }), /^(ERR_SSL|ECONNRESET)/, when);
      }
    };
    await look('at first');
    const renewed = lines.length;
    hub.reload();
    await eventually(() => lines.slice(renewed).some((line) => /was read again/.test(line)), 'it is renewed');
    await look('after a renewal');
  }
});

test('an invalid certificate, or one without its key, is reported at startup', async () => {
  const options = { dir: join(fleet.dir, 'never'), port: 0, host: '127.0.0.1', secret: SECRET };
  const key = join(fleet.dir, 'key.pem');
  const junk = join(fleet.dir, 'junk.pem');
  writeFileSync(junk, 'junk');
  await assert.rejects(createHub({ ...options, cert: ca }), { code: 'EUSAGE', message: /together/ });
  await assert.rejects(createHub({ ...options, cert: junk, key }), { code: 'ECONFIG' });
  await assert.rejects(createHub({ ...options, cert: ca, key: junk }), { code: 'ECONFIG' });
  await assert.rejects(createHub({ ...options, cert: ca, key: '/not/there' }), {
    code: 'ECONFIG',
    message: /not\/there/,
  });
  const other = join(fleet.dir, 'own/tls.pem');
  await assert.rejects(createHub({ ...options, cert: ca, key: other }), { code: 'ECONFIG' });
  assert.ok(!readFileSync(ca, 'utf8').includes('PRIVATE'));
});
