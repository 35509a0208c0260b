import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { certificateOf, fingerprintOf } from '../../../src/hub/access/certificate.ts';
import { selfSigned } from '../../../src/system/self-signed.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleet-certificate-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test('a hub without TLS has no certificate', async () => {
  assert.equal(await certificateOf(dir, {}), null);
  assert.equal(await certificateOf(dir, { tls: false }), null);
  assert.equal(fingerprintOf(null), null);
});

test('its own certificate is made once, readable by its owner only, and kept', async () => {
  const made = await certificateOf(dir, { tls: true });
  const path = join(dir, 'tls.pem');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const fingerprint = fingerprintOf(made);
  assert.match(fingerprint ?? '', /^sha256:[0-9a-f]{64}$/);
  const text = readFileSync(path, 'utf8');
  assert.equal(fingerprintOf(await certificateOf(dir, { tls: true })), fingerprint);
  assert.equal(readFileSync(path, 'utf8'), text);
});

test('what is not a file is not taken for the own certificate, and not replaced', async () => {
  const path = join(dir, 'tls.pem');
  mkdirSync(path);
  const message = `${path} is broken: it is not a file; move it away`;
  await assert.rejects(certificateOf(dir, { tls: true }), { code: 'ECONFIG', message });
});

test('the given files may be pipes, whose writers come later', async () => {
  const [cert, key] = [join(dir, 'cert'), join(dir, 'key')];
  execFileSync('mkfifo', [cert, key]);
  const read = certificateOf(dir, { cert, key });
  const made = await selfSigned();
  await writeFile(cert, made.cert);
  await writeFile(key, made.key);
  assert.deepEqual(Object.values((await read) ?? {}).map(String), [made.cert, made.key]);
});

test('the given files are used, and both are required', async () => {
  const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
  const made = await selfSigned();
  writeFileSync(cert, made.cert);
  await assert.rejects(certificateOf(dir, { cert }), { code: 'EUSAGE' });
  await assert.rejects(certificateOf(dir, { key, tls: true }), { code: 'EUSAGE' });
  await assert.rejects(certificateOf(dir, { cert, key }), {
    code: 'ECONFIG',
    message: /cannot read .*key\.pem/,
  });
  writeFileSync(key, (await selfSigned()).key);
  await assert.rejects(certificateOf(dir, { cert, key }), {
    code: 'ECONFIG',
    message: /the key belongs to another one/,
  });
  writeFileSync(key, made.key);
  const given = await certificateOf(dir, { cert, key, tls: true });
  assert.deepEqual([String(given?.cert), String(given?.key)], [made.cert, made.key]);
});

test('its own certificate is not replaced if it cannot be read', async () => {
  writeFileSync(join(dir, 'tls.pem'), 'broken');
  const broken = await certificateOf(dir, { tls: true });
  assert.throws(() => fingerprintOf(broken), { code: 'ECONFIG' });
  assert.equal(readFileSync(join(dir, 'tls.pem'), 'utf8'), 'broken');
});
