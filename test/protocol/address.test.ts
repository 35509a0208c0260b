import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressUrl, fingerprintToPin, parseAddress, parsePort } from '../../src/protocol/address.ts';

test('an address is a host and a port, with or without a scheme', () => {
  const table: [string, string][] = [
    ['hub.example:7100', 'http://hub.example:7100'],
    ['hub.example', 'http://hub.example:7000'],
    ['10.0.0.1:80', 'http://10.0.0.1:80'],
    [':7100', 'http://127.0.0.1:7100'],
    ['7100', 'http://127.0.0.1:7100'],
    ['[::1]:7100', 'http://[::1]:7100'],
    ['https://hub.example', 'https://hub.example:7000'],
    ['https://hub.example:443/', 'https://hub.example:443'],
    ['http://hub:1', 'http://hub:1'],
  ];
  for (const [text, url] of table) assert.equal(addressUrl(parseAddress(text)), url, text);
});

test('an invalid address is an error that says so', () => {
  for (const text of [
    '',
    'hub:port',
    'hub:70000',
    'hub:0',
    'a b:1',
    'http://',
    'git:secret@hub:7000',
    'hub:7000/x',
    '::1',
  ]) {
    assert.throws(() => parseAddress(text), { code: 'EUSAGE' }, text);
  }
});

test('an IPv6 address without brackets is named with them', () => {
  for (const text of ['::1', 'fe80::1%eth0', '2001:db8::7', 'http://::1'])
    assert.throws(
      () => parseAddress(text),
      { code: 'EUSAGE', message: /\(IPv6: \[[^\]]*:[^\]]*\]:7000\)/ },
      text,
    );
});

test('a port is a number from 0 to 65535', () => {
  assert.equal(parsePort('0'), 0);
  assert.equal(parsePort('65535'), 65_535);
  for (const text of ['-1', '65536', '7e3', '0x10', '', ' 7', 'http'])
    assert.throws(() => parsePort(text), { code: 'EUSAGE' });
});

test('a fingerprint is sha256: and 64 hex digits', () => {
  assert.equal(fingerprintToPin(`sha256:${'00'.repeat(32)}`), `${'A'.repeat(43)}=`);
  assert.throws(() => fingerprintToPin('sha256:abc'), { code: 'EUSAGE' });
});
