import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Revisions } from '../../../src/hub/store/revisions.ts';

test('a revision is news once, and an older one never', () => {
  const revisions = new Revisions();
  const news = [3, 3, 2, 4].map((revision) => revisions.isNews('token.a', revision));
  assert.deepEqual(news, [true, false, false, true]);
  assert.equal(revisions.isNews('token.b', 1), true);
});

test('a key that is in no whole list any more is missing once, and news when it is back', () => {
  const revisions = new Revisions();
  for (const key of ['token.a', 'token.b']) revisions.isNews(key, 5);
  assert.deepEqual(revisions.missing(new Set(['token.b'])), ['token.a']);
  assert.deepEqual(revisions.missing(new Set(['token.b'])), []);
  assert.equal(revisions.isNews('token.a', 1), true);
});

test('it is known how many keys there are, and which revision is the newest', () => {
  const revisions = new Revisions();
  assert.deepEqual([revisions.keys, revisions.newest], [0, 0]);
  for (const [key, revision] of [['token.a', 7] as const, ['token.b', 3] as const])
    revisions.isNews(key, revision);
  assert.deepEqual([revisions.keys, revisions.newest], [2, 7]);
  revisions.missing(new Set(['token.b']));
  assert.deepEqual([revisions.keys, revisions.newest], [1, 7]);
});
