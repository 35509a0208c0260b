import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canBeCertified, certifiableHosts, renewalOf } from '../../src/protocol/certificates.ts';

for (const [host, can] of [
  ['example.com', true],
  ['a.b-c.example.museum', true],
  ['xn--bcher-kva.example', true],
  ['*.example.com', false],
  ['localhost', false],
  ['127.0.0.1', false],
  ['[::1]', false],
  ['my_app.example.com', false],
  ['-a.example.com', false],
  [`${'a.'.repeat(130)}com`, false],
] as const)
  test(`${host.slice(0, 30)} ${can ? 'can' : 'cannot'} have a certificate`, () => {
    assert.equal(canBeCertified(host), can);
  });

test('each host is named once, whatever its paths', () => {
  const routes = [{ host: 'example.com' }, { host: 'example.com' }, { host: '*.example.com' }];
  assert.deepEqual(certifiableHosts([{ routes }, { routes: [{ host: 'b.org' }] }]), ['example.com', 'b.org']);
});

test('two thirds of its life, or ten minutes if it is from another authority', () => {
  const facts = {
    host: 'example.com',
    fingerprint: '',
    directory: 'https://a/',
    from: 1_000,
    until: 90_001_000,
  };
  assert.equal(renewalOf(facts, 'https://a/'), 60_001_000);
  assert.equal(renewalOf(facts, 'https://b/'), 601_000);
  assert.equal(renewalOf({ ...facts, until: 7_000 }, 'https://b/'), 5_000);
});
