import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FetchText } from '../../src/cli/fetch-text.ts';
import type { FetchState } from '../../src/protocol/fetch.ts';

const preparing = (elapsed: number): FetchState => ({ step: 'preparing', percent: null, elapsed });
const receiving = (percent: number, elapsed: number): FetchState => ({ step: 'receiving', percent, elapsed });

test('the line is about the drone that has waited longest, and counts the others', () => {
  const text = new FetchText();
  assert.equal(text.line(0), '');
  text.add('web2', receiving(34, 2_000), 10_000);
  assert.equal(text.line(10_000), 'web2: receiving the commit, 34% (2 s)');
  text.add('web1', preparing(3_000), 10_000);
  assert.equal(text.line(19_999), 'web1 and 1 more: the hub is preparing the commit (12 s)');
  text.add('web1', { step: 'done', percent: null, elapsed: 13_000 }, 20_000);
  assert.equal(text.line(20_000), 'web2: receiving the commit, 34% (12 s)');
  text.add('web2', { step: 'unpacking', percent: null, elapsed: 13_000 }, 21_000);
  assert.equal(text.line(21_000), 'web2: unpacking the commit (13 s)', 'a step of a newer drone');
});

test('whoever sees each line gets one after 10 seconds, 20, 40 and so on', () => {
  const text = new FetchText();
  text.add('web1', preparing(1_000), 1_000);
  const seen: number[] = [];
  for (let now = 1_000; now <= 100_000; now += 1_000) if (text.due(now) !== null) seen.push(now);
  assert.deepEqual(seen, [10_000, 20_000, 40_000, 80_000]);
  assert.equal(new FetchText().due(100_000), null);
});
