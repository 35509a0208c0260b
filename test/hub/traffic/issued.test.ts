import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factsOf } from '../../../src/hub/traffic/issued.ts';
import { issuedFor } from '../../fixtures/certificate.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

test('a certificate is one for its host, with its key', (t) => {
  const dir = temporaryFolder(t);
  const [one, other] = ['a.org', 'b.org'].map((host) => issuedFor(dir, host, 'https://ca/dir')) as [
    ReturnType<typeof issuedFor>,
    ReturnType<typeof issuedFor>,
  ];
  assert.ok(factsOf(one).until > Date.now());
  const wrong = (message: RegExp) => ({ code: 'EPROTOCOL', message });
  assert.throws(() => factsOf({ ...one, host: 'b.org' }), wrong(/for b\.org: it is for another host/));
  assert.throws(() => factsOf({ ...one, privateKey: other.privateKey }), wrong(/it has another key/));
  for (const part of ['chain', 'privateKey'] as const)
    assert.throws(() => factsOf({ ...one, [part]: 'x' }), wrong(/not a certificate for a\.org: /));
});
