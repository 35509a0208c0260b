import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { expiryOf } from '../../../src/hub/access/certificate.ts';
import { ServedCertificate } from '../../../src/hub/access/served-certificate.ts';
import { createHub } from '../../../src/index.ts';
import { selfSigned } from '../../../src/system/self-signed.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

/** The fingerprint of the certificate that a port serves. */
async function servedAt(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

test('a renewed certificate is served after a reload, on both ports; one that is broken leaves the old one', async (t) => {
  const dir = temporaryFolder(t);
  const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
  const put = async () => {
    const made = await selfSigned();
    writeFileSync(cert, made.cert);
    writeFileSync(key, made.key);
  };
  await put();
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const hub = await createHub({
    dir: join(dir, 'hub'),
    host: '127.0.0.1',
    port: 0,
    secret: 's',
    cert,
    key,
    log,
  });
  try {
    const reloaded = async (pattern: RegExp) => {
      hub.reload();
      while (!lines.some((line) => pattern.test(line))) await new Promise((resolve) => setImmediate(resolve));
      lines.length = 0;
    };
    const first = await servedAt(hub.port);
    await put();
    await reloaded(/was read again; it is valid until/);
    const second = await servedAt(hub.port);
    assert.notEqual(second, first);
    assert.equal(await servedAt(hub.gport), second);
    writeFileSync(cert, 'nonsense');
    await reloaded(/could not be read again, and the old one stays/);
    assert.equal(await servedAt(hub.port), second);
  } finally {
    await hub.close();
  }
});

test('a certificate that ends within 14 days, or has ended, is a warning', async () => {
  const made = await selfSigned();
  const ends = Date.parse(new Date().toISOString());
  assert.deepEqual(expiryOf(null), []);
  assert.deepEqual(expiryOf(made, ends), []);
  const late = ends + 200 * 365 * 86_400_000;
  assert.match(expiryOf(made, late).join(), /^the certificate has ended: .*kill -HUP/);
});

test('what is warned of is the certificate that is served, whatever is on disk', async (t) => {
  const lines: string[] = [];
  const load = () => Promise.reject(new Error('it is gone'));
  const served = new ServedCertificate(await selfSigned(), load, (line) => lines.push(line));
  t.after(() => served.close());
  const late = Date.now() + 200 * 365 * 86_400_000;
  served.warnOfExpiry();
  assert.deepEqual(lines, []);
  served.warnOfExpiry(late);
  assert.match(lines.join(), /^the certificate has ended/);
  await served.renew([]);
  served.warnOfExpiry(late);
  assert.match(lines.join('\n'), /ended: .*\n.*the old one stays: it is gone\nthe certificate has ended/);
});
