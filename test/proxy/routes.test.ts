import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppTraffic, Endpoint, Route } from '../../src/protocol/endpoints.ts';
import { findDestination, namesOf, routesOf } from '../../src/proxy/routes.ts';
import { endpoint } from '../fixtures/endpoint.ts';

const route = (text: string): Route => {
  const slash = text.indexOf('/');
  return slash === -1 ? { host: text, path: '/' } : { host: text.slice(0, slash), path: text.slice(slash) };
};
const app = (service: string, hosts: string[], ...endpoints: Endpoint[]): AppTraffic => ({
  endpoints,
  services: [{ service, routes: hosts.map(route) }],
});
const goesTo = (apps: Record<string, AppTraffic>, host: string, path = '/') =>
  findDestination(routesOf(apps), host, path)?.app ?? null;

test('a request goes to the service with its host', () => {
  const apps = { shop: app('web', ['shop.com']), blog: app('web', ['blog.com', 'blog.org']) };
  assert.equal(goesTo(apps, 'shop.com', '/any/path'), 'shop');
  assert.equal(goesTo(apps, 'blog.org'), 'blog');
  assert.equal(goesTo(apps, 'www.shop.com'), null);
});

test('the host itself goes before a wildcard, and a longer wildcard before a shorter one', () => {
  const apps = {
    all: app('web', ['*.example.com']),
    some: app('web', ['*.eu.example.com']),
    one: app('web', ['one.eu.example.com']),
  };
  assert.equal(goesTo(apps, 'one.eu.example.com'), 'one');
  assert.equal(goesTo(apps, 'two.eu.example.com'), 'some');
  assert.equal(goesTo(apps, 'a.b.example.com'), 'all', 'it stands for any number of labels');
  assert.equal(goesTo(apps, 'example.com'), null, 'and for one at least');
  assert.deepEqual(namesOf('a.b.c'), ['a.b.c', '*.b.c', '*.c']);
});

test('a longer path goes before a shorter one, and ends at a slash', () => {
  const apps = {
    site: app('web', ['example.com']),
    api: app('web', ['example.com/api']),
    old: app('web', ['example.com/api/v1']),
  };
  for (const [path, expected] of [
    ['/', 'site'],
    ['/api', 'api'],
    ['/api/users', 'api'],
    ['/apiary', 'site'],
    ['/api/v1/users', 'old'],
    ['/api/v10', 'api'],
  ] as const)
    assert.equal(goesTo(apps, 'example.com', path), expected, path);
});

test('what a host has no path for goes to a wildcard that covers it', () => {
  const apps = { all: app('web', ['*.example.com']), api: app('web', ['www.example.com/api']) };
  assert.equal(goesTo(apps, 'www.example.com', '/api'), 'api');
  assert.equal(goesTo(apps, 'www.example.com', '/'), 'all');
});

test('only instances that can be reached and are ready get requests, and of a canary its share', () => {
  const ids = (...endpoints: Endpoint[]) =>
    findDestination(routesOf({ webapp: app('web', ['example.com'], ...endpoints) }), 'example.com', '/')
      ?.endpoints.map(({ id }) => id)
      .join(' ');
  const old = endpoint({ id: '000001', slot: 2 });
  const canary = endpoint({ id: '000002', release: 2 });
  assert.equal(ids(old, canary), '000001 000002');
  assert.equal(ids(old, { ...canary, state: 'leaving' }), '000001');
  assert.equal(ids({ ...old, address: null }, { ...canary, state: 'not-ready' }), '000002');
  assert.equal(ids(), '', 'the service is known without one');
});

test('a release with another host gets the requests for that one only', () => {
  const apps = {
    webapp: app(
      'web',
      ['old.com'],
      endpoint({ id: '000001', routes: [route('old.com')] }),
      endpoint({ id: '000002', routes: [route('new.com')], release: 2 }),
    ),
  };
  const ids = (host: string) => findDestination(routesOf(apps), host, '/')?.endpoints.map(({ id }) => id);
  assert.deepEqual([ids('old.com'), ids('new.com')], [['000001'], ['000002']]);
});
