import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fingerprintsOf, hubsOf, urlsOf } from '../../src/protocol/hub-list.ts';

const KEYS = ['a', 'b', 'c'].map((digit) => `sha256:${digit.repeat(64)}`);

test('one hub is a target as it is', () => {
  const target = { hub: 'h1:7000', secret: 'a,b', ca: 'ca.pem' };
  assert.deepEqual(hubsOf(target), [{ ...target, fingerprint: undefined }]);
});

test('each hub of a list is a target of its own, with what it takes to get in there', () => {
  const fingerprint = KEYS.slice(0, 2).join(',');
  assert.deepEqual(hubsOf({ hub: 'https://h1, https://h2:1', secret: 's', fingerprint }), [
    { hub: 'https://h1', secret: 's', fingerprint: KEYS[0] },
    { hub: 'https://h2:1', secret: 's', fingerprint: KEYS[1] },
  ]);
});

test('one fingerprint is that of all hubs', () => {
  const hubs = hubsOf({ hub: 'https://h1,https://h2', fingerprint: KEYS[0] });
  assert.deepEqual(
    hubs.map(({ fingerprint }) => fingerprint),
    [KEYS[0], KEYS[0]],
  );
});

test('the same hub is known by its URL, however it is written', () => {
  assert.deepEqual(urlsOf('https://h1,HTTPS://h2:7000/,[::1]:1,7003'), [
    'https://h1:7000',
    'https://h2:7000',
    'http://[::1]:1',
    'http://127.0.0.1:7003',
  ]);
});

for (const [hub, fingerprint, message] of [
  ['h1,,h2', undefined, "'h1,,h2' does not name hubs: an address is missing between two commas"],
  ['h1,', undefined, "'h1,' does not name hubs: an address is missing between two commas"],
  ['h1,h2:x', undefined, "'x' is not a port; give a number from 0 to 65535"],
  ['h1:7000,h2,h1', undefined, "'h1:7000,h2,h1' does not name hubs: h1 is there twice"],
  [
    'https://h1,h2:1',
    undefined,
    "'https://h1,h2:1' does not name hubs: h2:1 has no TLS, and others do; write https://h2:1",
  ],
  [
    'https://h1,https://h2,https://h3',
    KEYS.slice(0, 2).join(),
    '--fingerprint has 2 fingerprints for 3 hubs; give one for each, in the same order',
  ],
  [
    'https://h1,https://h2',
    `${KEYS[0]},x`,
    "'x' is not a fingerprint; paste the sha256:… that fleet hub --tls prints",
  ],
] as const)
  test(`${hub} with ${fingerprint?.length ?? 0} characters of fingerprints is refused`, () => {
    assert.throws(() => hubsOf({ hub, fingerprint }), { code: 'EUSAGE', message });
  });

test('a hub of this machine needs no TLS beside others that have it', () => {
  assert.equal(hubsOf({ hub: 'https://h1,localhost:7000' }).length, 2);
});

test('some of the hubs of a list have their own fingerprints', () => {
  const target = { hub: 'https://h1,https://h2,https://h3', fingerprint: KEYS.join() };
  assert.equal(fingerprintsOf('https://h3:7000,https://h1', target), [KEYS[2], KEYS[0]].join());
  assert.equal(fingerprintsOf('https://h4', target), target.fingerprint);
  assert.equal(fingerprintsOf('https://h4', { ...target, fingerprint: KEYS[0] }), KEYS[0]);
});
