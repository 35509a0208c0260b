import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodedKey, encodedKey, hasPrefix, keyOf, parseKey } from '../../../src/hub/store/keys.ts';

test('a key is a kind, or a kind and any name', () => {
  assert.deepEqual(parseKey('secret'), { kind: 'secret', name: null });
  assert.deepEqual(parseKey('app.web.app@pr-12'), { kind: 'app', name: 'web.app@pr-12' });
  assert.equal(keyOf({ kind: 'app', name: 'a.b' }), 'app.a.b');
  const wrong = ['', '.', '.x', 'app.', 'App.x', 'a b.x', '-a.x', `app.${'x'.repeat(501)}`, 'app.\ud800'];
  for (const key of wrong) assert.throws(() => parseKey(key), { code: 'EINTERNAL' }, key);
});

test('a prefix is a kind with its dot, or a whole key', () => {
  assert.ok(hasPrefix('app.webapp', 'app.'));
  assert.ok(hasPrefix('app.webapp', 'app.webapp'));
  assert.ok(!hasPrefix('app.webapp2', 'app.webapp'));
  assert.ok(!hasPrefix('apple.x', 'app.'));
});

test('an encoded key has few characters, and is of one key alone', () => {
  for (const [key, encoded] of [
    ['secret', 'secret'],
    ['app.webapp@pr-12', 'app.webapp=40pr-12'],
    ['certificate.*.exämple.com', 'certificate.=2A=2Eex=C3=A4mple=2Ecom'],
    ['token.a=b>c *', 'token.a=3Db=3Ec=20=2A'],
  ] as const) {
    assert.equal(encodedKey(key), encoded);
    assert.equal(decodedKey(encoded), key);
  }
  const character = fc
    .oneof(fc.nat(0xd7ff), fc.integer({ min: 0xe000, max: 0x10ffff }))
    .map((code) => String.fromCodePoint(code));
  const names = fc.array(character, { minLength: 1, maxLength: 40 }).map((all) => all.join(''));
  fc.assert(
    fc.property(fc.constantFrom('app', 'drone-key'), names, (kind, name) => {
      const encoded = encodedKey(`${kind}.${name}`);
      assert.match(encoded, /^[a-z-]+\.[A-Za-z0-9_=-]+$/);
      assert.equal(decodedKey(encoded), `${kind}.${name}`);
    }),
  );
});

test('what encodes no key is not decoded', () => {
  const wrong = [
    '',
    'App.x',
    'app.',
    'app.x.y',
    'app.=41',
    'app.=2e',
    'app.=',
    'app.=ff',
    'app.ä',
    'app.=C3',
    'app.€',
  ];
  for (const text of wrong) assert.equal(decodedKey(text), null, text);
});
