import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { selfSigned } from '../../src/system/self-signed.ts';

const DAY_MS = 86_400_000;

test('a certificate is self-signed, and valid for many years', async () => {
  const { cert, key } = await selfSigned();
  const certificate = new X509Certificate(cert);
  assert.ok(certificate.checkPrivateKey(createPrivateKey(key)));
  assert.ok(certificate.verify(certificate.publicKey));
  assert.deepEqual(certificate.publicKey.asymmetricKeyDetails, { namedCurve: 'prime256v1' });
  assert.equal(certificate.subject, 'CN=fleet hub');
  assert.equal(certificate.issuer, certificate.subject);
  assert.ok(Date.parse(certificate.validFrom) <= Date.now() - DAY_MS + 60_000, 'a clock may be behind');
  assert.ok(Date.parse(certificate.validTo) > Date.now() + 19 * 365 * DAY_MS);
  assert.match(certificate.serialNumber, /^[0-9A-F]{20,}$/, 'long enough to be one of a kind');
});
