import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Entry, newest, tailOf } from '../../src/client/log-tail.ts';
import type { LogItem } from '../../src/client/log-types.ts';

const on = { drone: 'web1', id: '1e99f4', time: 0 };

/** A digit or letter is a line, `!` an exit, `+` a restart. */
const entries = (text: string): Entry[] =>
  [...text].map((c) => {
    if (c === '!') return { kind: 'exited', ...on, code: 1, signal: null };
    return c === '+' ? { kind: 'restarted', ...on } : { kind: 'line', ...on, line: c };
  });
const textOf = (items: LogItem[]) =>
  items.map((i) => (i.kind === 'line' ? i.line : i.kind === 'exited' ? '!' : '+')).join('');

test('the tail of a log has as many lines as asked for, and the marks between them', () => {
  const cases: [string, number, string][] = [
    ['abc', 2, 'bc'],
    ['ab!+c', 2, 'b!+c'],
    ['a!+bc', 2, 'bc'],
    ['!', 5, '!'],
    ['ab!', 0, ''],
    ['ab!', 1, 'b!'],
    ['!+!+!+', 2, '!+'],
    ['b!+ab!+', 3, 'b+ab!+'],
    ['a!+!+!+b!', 3, 'a!+b!'],
  ];
  for (const [text, count, tail] of cases) assert.equal(textOf(tailOf(entries(text), count)), tail, text);
});

test('a long stream has the same tail', async () => {
  async function* stream() {
    for (let i = 0; i < 3000; i++) yield* entries('ab!+');
  }
  const items: LogItem[] = [];
  for await (const item of newest(stream(), 3)) items.push(item);
  assert.equal(textOf(items), 'b+ab!+');
});
