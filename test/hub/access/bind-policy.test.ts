import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Exposure, hostFor, warningsOf } from '../../../src/hub/access/bind-policy.ts';

const plain: Exposure = { secret: 's', host: undefined, insecure: false, hasTls: false };

test('without a secret a hub listens on loopback only, unless told otherwise', () => {
  const open = { ...plain, secret: undefined };
  assert.equal(hostFor(plain), undefined, 'with a secret: everywhere');
  assert.equal(hostFor({ ...plain, host: '10.0.0.1' }), '10.0.0.1');
  assert.equal(hostFor(open), '127.0.0.1');
  for (const host of ['127.0.0.1', '127.0.0.2', '::1', 'localhost'])
    assert.equal(hostFor({ ...open, host }), host);
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.org', 'hub']) {
    assert.throws(() => hostFor({ ...open, host }), { code: 'EUSAGE' }, host);
    assert.equal(hostFor({ ...open, host, insecure: true }), host);
  }
  assert.equal(hostFor({ ...open, insecure: true }), undefined);
});

test('an operator is warned about what a hub exposes, and about nothing else', () => {
  const table: [Partial<Exposure>, RegExp | null][] = [
    [{}, /no TLS/],
    [{ hasTls: true }, null],
    [{ host: '127.0.0.1' }, null],
    [{ insecure: true }, null],
    [{ secret: undefined, host: '127.0.0.1' }, /no secret: listening on loopback only/],
    [{ secret: undefined, insecure: true }, /anyone who can reach this port/],
    [{ secret: undefined, insecure: true, hasTls: true }, /anyone who can reach this port/],
  ];
  for (const [given, says] of table) {
    const warnings = warningsOf({ ...plain, ...given });
    assert.equal(warnings.length, says ? 1 : 0, JSON.stringify(given));
    if (says) assert.match(warnings[0] ?? '', says);
  }
});
