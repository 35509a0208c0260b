import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveLines } from '../../src/cli/live-lines.ts';

const source = (key: string) => ({ key, prefix: `[${key}] `, safe: (text: string) => text });
const a = source('a');
const b = source('b');

/** What is printed in the end: text that is unfinished, or whole lines. */
function printed(...items: [typeof a, string | string[]][]): string {
  const live = new LiveLines();
  return items
    .map(([from, text]) => (typeof text === 'string' ? live.more(from, text) : live.lines(from, text)))
    .join('');
}

test('the rest of a line follows what was shown of it', () => {
  assert.equal(printed([a, 'Password: '], [a, ['Password: ok', 'next']]), '[a] Password: ok\n[a] next\n');
  assert.equal(printed([a, '1%'], [a, ' 2%'], [a, ['1% 2%']]), '[a] 1% 2%\n');
});

test('if others have printed meanwhile, the rest is a line of its own, and nothing is shown twice', () => {
  assert.equal(printed([a, 'one '], [b, ['x']], [a, ['one two']]), '[a] one \n[b] x\n[a] two\n');
  assert.equal(printed([a, 'one'], [b, ['x']], [a, ['one', 'two']]), '[a] one\n[b] x\n[a] two\n');
  assert.equal(printed([a, 'one'], [b, 'x'], [a, ['one']], [b, ['xy']]), '[a] one\n[b] x\n[b] y\n');
  assert.equal(printed([a, 'one '], [b, 'x'], [a, 'two'], [a, ['one two!']]), '[a] one \n[b] x\n[a] two!\n');
});

test('a line that does not begin with what was shown is shown whole', () => {
  assert.equal(printed([a, 'middle'], [a, ['the middle']]), '[a] middle\n[a] the middle\n');
});

test('something else ends the unfinished line', () => {
  const live = new LiveLines();
  assert.equal(live.close(), '');
  live.more(a, 'one');
  assert.equal(live.close(), '\n');
  assert.equal(live.close(), '');
});
