import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { test } from 'node:test';
import { browserRefusal } from '../../../src/hub/access/browser-policy.ts';

const OPEN = { secret: undefined, insecure: false };
const CLOSED = { secret: 's', insecure: false };
const INSECURE = { secret: undefined, insecure: true };

test('requests of web pages are refused by every hub', () => {
  const pages: IncomingHttpHeaders[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: '' },
    { origin: 'http://127.0.0.1:7000' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
  ];
  for (const page of pages) {
    for (const hub of [OPEN, CLOSED, INSECURE])
      assert.equal(
        browserRefusal({ host: '127.0.0.1:7000', ...page }, hub)?.status,
        403,
        JSON.stringify(page),
      );
  }
});

test('a hub without a secret answers to names of loopback only', () => {
  for (const host of ['localhost', 'LOCALHOST:7000', '127.0.0.1:7000', '127.8.9.1', '[::1]:7000', '[::1]'])
    assert.equal(browserRefusal({ host }, OPEN), null, host);
  const others = [
    'evil.example',
    'evil.example:7000',
    'localhost.evil.example:7000',
    '127.0.0.1.evil.example',
    '127.0.0.1:7000.evil.example',
    'localhost@evil.example',
    '10.0.0.1:7000',
    '0.0.0.0:7000',
    '[::]:7000',
    '::1',
    '[::1].evil.example',
    ':7000',
    '',
  ];
  for (const host of others) assert.equal(browserRefusal({ host }, OPEN)?.status, 403, host);
  assert.equal(browserRefusal({}, OPEN)?.status, 403, 'no Host at all');
});

test('a hub that has a secret, or is open to all, answers to any name', () => {
  for (const hub of [CLOSED, INSECURE]) {
    for (const headers of [{ host: 'hub.example.com' }, { host: '10.0.0.1:7000' }, {}])
      assert.equal(browserRefusal(headers, hub), null);
  }
});

test("requests of fleet, git, curl and node's fetch pass", () => {
  const programs: IncomingHttpHeaders[] = [
    { upgrade: 'websocket', connection: 'Upgrade' },
    { 'user-agent': 'git/2.47.0', 'git-protocol': 'version=2' },
    { 'user-agent': 'curl/8.0' },
    { 'user-agent': 'node', 'sec-fetch-mode': 'cors' },
  ];
  for (const headers of programs)
    assert.equal(browserRefusal({ host: 'localhost:7000', ...headers }, OPEN), null);
});
