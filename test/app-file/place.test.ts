import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPath, Place, shorten } from '../../src/app-file/place.ts';

test('a path is written as TOML writes it, and never fills the screen', () => {
  assert.equal(formatPath(['as', 'pr-*', 'services', 'web']), 'as."pr-*".services.web');
  assert.equal(formatPath(['a"b']), '"a\\"b"');
  assert.equal(shorten('x'.repeat(61)), `${'x'.repeat(60)}…`);
  assert.equal(shorten('x'.repeat(60)), 'x'.repeat(60));
});

const place = new Place((path) => `fleet.toml:${path.length}`).key('services', 'web', 'count');

for (const [value, meant, message] of [
  ['4', 4, 'must be a number, not "4"; did you mean 4?'],
  [new Date(0), undefined, 'must be a number, not a date'],
  [{ a: 1 }, undefined, 'must be a number, not a table'],
  [Number.NaN, undefined, 'must be a number, not NaN'],
  [['a'], undefined, 'must be a number, not ["a"]'],
] as const) {
  test(`a mistake is said with its line and its key: ${message}`, () => {
    const { code, message: said } = place.mustBe('a number', value, meant);
    assert.deepEqual([code, said], ['ECONFIG', `fleet.toml:3: services.web.count ${message}`]);
  });
}
