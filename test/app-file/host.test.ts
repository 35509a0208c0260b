import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostsOf, parseHost } from '../../src/app-file/host.ts';

test('an app gets its hosts, a stage only those that contain {app}', () => {
  const plain = { host: 'example.com', path: '/' };
  const own = { host: '{app}.example.com', path: '/api' };
  const main = { repo: 'WebApp', stage: null };
  assert.deepEqual(hostsOf([plain, own], main), {
    own: [plain, { host: 'webapp.example.com', path: '/api' }],
    left: [],
  });
  assert.deepEqual(hostsOf([plain, own], { repo: 'webapp', stage: 'pr-12' }), {
    own: [{ host: 'pr-12.example.com', path: '/api' }],
    left: [plain],
  });
});

test('a host is a name, with an optional path', () => {
  for (const text of [
    'localhost',
    '10.0.0.1',
    'a-b.example.com',
    '*.example.com',
    'x{app}.y/a/b',
    'a.com/',
    'a.com/.well-known/x',
  ])
    assert.ok(parseHost(text), text);
  for (const text of [
    '',
    '/x',
    'a..b',
    '.a',
    'a.',
    '-a',
    'a b',
    'a:80',
    '*',
    'a.*',
    'a/?b',
    'a//b',
    'a/./b',
    '{ap}.b',
    'a{app',
    `${'a.'.repeat(130)}b`,
  ])
    assert.equal(parseHost(text), null, text);
});
