import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedOf } from '../../src/proxy/asked.ts';

const of = (url: string, host?: string) => {
  const asked = askedOf(url, host);
  return asked && [asked.host, asked.path, asked.target];
};

test('a host is compared in lower case, without its port and a dot at its end', () => {
  assert.deepEqual(of('/', 'Example.COM:8080'), ['example.com', '/', '/']);
  assert.deepEqual(of('/', 'example.com.'), ['example.com', '/', '/']);
  assert.deepEqual(of('/', '[::1]:80'), ['[::1]', '/', '/']);
});

test('the instance gets path and query as they were sent; they are compared without what is read in two ways', () => {
  for (const [target, path] of [
    ['/a/b?c=/../d', '/a/b'],
    ['/a/../admin', '/admin'],
    ['/a/./b', '/a/b'],
    ['//a//b', '/a/b'],
    ['/%61pi/x', '/api/x'],
    ['/a%2f..%2fadmin', '/admin'],
    ['/..\\admin', '/admin'],
    ['/100%', '/100%'],
    ['/a/', '/a/'],
  ] as const)
    assert.deepEqual(of(target, 'a'), ['a', path, target], target);
});

test('a whole URL wins over the header', () => {
  assert.deepEqual(of('http://a.com/x?y', 'b.com'), ['a.com', '/x', '/x?y']);
  assert.deepEqual(of('HTTP://A.com:80', undefined), ['a.com', '/', '/']);
  assert.equal(askedOf('http://a.com:81/', 'b.com')?.authority, 'a.com:81');
});

test('what is not a host or a path is nothing to ask for', () => {
  for (const [url, host] of [
    ['*', 'a'],
    ['x', 'a'],
    ['/', '.example.com'],
    ['/', undefined],
    ['/', ''],
    ['/', 'a b'],
    ['/', 'a@b'],
    ['/', 'a/b'],
    ['http://u@a.com/', 'a'],
  ] as const)
    assert.equal(of(url, host), null, `${url} ${host}`);
});
