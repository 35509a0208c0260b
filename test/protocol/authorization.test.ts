import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { basicAuth, secretOf } from '../../src/protocol/authorization.ts';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

test('any secret arrives unchanged, whatever characters it has', () => {
  assert.equal(basicAuth('beepboop'), basic('git:beepboop'));
  for (const secret of ['', '007', 'a:b/c@d', 'geheim ß 🚀'])
    assert.equal(secretOf(basicAuth(secret)), secret);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (secret) => {
      assert.equal(secretOf(basicAuth(secret)), secret);
    }),
  );
});

test('the user name does not matter, and neither does the case of the scheme', () => {
  for (const header of [
    basic('git:s'),
    basic(':s'),
    basic('someone:s'),
    basic('s'),
    basic('git:s').replace('B', 'b'),
  ])
    assert.equal(secretOf(header), 's', header);
  assert.equal(secretOf('Bearer fleet_abc'), 'fleet_abc');
  assert.equal(secretOf('BEARER  fleet_abc'), 'fleet_abc');
});

test('a header without a secret yields none', () => {
  const headers = [
    undefined,
    '',
    'Basic',
    'Basic ',
    'Digest abc',
    'Bearer a b',
    ' Basic Z2l0OnM=',
    'Basic a\nb',
  ];
  for (const header of headers) assert.equal(secretOf(header), undefined, header);
});
