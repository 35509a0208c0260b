import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { Challenges } from '../../../src/hub/access/challenges.ts';

/** Challenges, and what uses a nonce if it is fresh. */
const make = () => {
  const keys = new EventEmitter();
  const challenges = new Challenges(keys as never);
  const use = (key: string, nonce: string, now?: number) => {
    const isFresh = challenges.isFresh(key, nonce, now);
    if (isFresh) challenges.spend(key, nonce);
    return isFresh;
  };
  return { keys, challenges, use };
};

test('a nonce is good for one proof of a key, and none that is older is good after it', () => {
  const { challenges, use } = make();
  const [first, second, third] = [challenges.next(), challenges.next(), challenges.next()];
  assert.ok(use('a', second));
  assert.ok(!use('a', second), 'again');
  assert.ok(!use('a', first), 'an older one');
  assert.ok(use('a', third));
  assert.ok(use('b', first), 'of another key');
});

test('a nonce is good for thirty seconds', () => {
  const { challenges, use } = make();
  const [soon, late] = [challenges.next(1_000), challenges.next(1_000)];
  assert.ok(use('a', soon, 31_000));
  assert.ok(!use('a', late, 31_001));
});

test('a nonce that was made up, changed, or given by another hub, or before its restart, is not good', () => {
  const { challenges, use } = make();
  const given = challenges.next(1_000);
  const [, , mark] = given.split('.');
  for (const nonce of [
    '',
    'x',
    `9.1000.${mark}`,
    `1.2000.${mark}`,
    given.slice(0, -1),
    make().challenges.next(1_000),
  ])
    assert.ok(!use('a', nonce, 1_000), nonce);
  assert.ok(use('a', given, 1_000));
});

test('what was used is forgotten with its key', () => {
  const { keys, challenges, use } = make();
  const nonce = challenges.next();
  use('a', nonce);
  keys.emit('removed', { key: 'a' });
  assert.ok(use('a', nonce));
});
