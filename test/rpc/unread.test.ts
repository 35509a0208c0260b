import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slowest, Unread } from '../../src/rpc/unread.ts';

const LIMITS = { ofOne: 100, ofAll: 250, held: { each: 20, ofOne: 40, ofAll: 100 } };
const reader = (owner: string | null, buffered: number) => ({ owner, buffered });
const ownersOf = (readers: ReturnType<typeof reader>[]) => new Map(readers.map((one) => [one, one.owner]));

test('those that most waits for are ended until an owner, and all together, are within the limits', () => {
  const table: [string, ReturnType<typeof reader>[], number[]][] = [
    ['little', [reader('a', 60), reader('a', 40)], []],
    ['one owner', [reader('a', 30), reader('a', 60), reader('a', 20), reader('b', 100)], [60]],
    ['one owner, twice', [reader('a', 90), reader('a', 80), reader('a', 70)], [90, 80]],
    ['the secret, alone', [reader(null, 200), reader(null, 40)], []],
    ['all together', [reader(null, 90), reader('a', 85), reader('b', 80)], [90]],
  ];
  for (const [what, readers, ended] of table)
    assert.deepEqual(
      slowest(ownersOf(readers), LIMITS).map(({ buffered }) => buffered),
      ended,
      what,
    );
});

test('it is looked at only every few megabytes', () => {
  const owners = ownersOf([reader('a', 101)]);
  const ended: number[] = [];
  const unread = new Unread(owners, LIMITS, ({ buffered }) => ended.push(buffered));
  for (let n = 0; n < 3; n++) unread.sent(1024 * 1024);
  assert.deepEqual(ended, []);
  unread.sent(1024 * 1024);
  assert.deepEqual(ended, [101]);
});

test('calls are held of a connection, or an owner, for which much waits, and of all who read too little if it is too much', () => {
  const table: [string, ReturnType<typeof reader>[], boolean[]][] = [
    ['one connection', [reader(null, 21), reader(null, 20)], [true, false]],
    [
      'one owner',
      [reader('a', 15), reader('a', 15), reader('a', 15), reader('a', 0), reader('b', 9)],
      [true, true, true, true, false],
    ],
    [
      'all',
      [...'abcdefg'].map((owner) => reader(owner, owner === 'g' ? 0 : 18)),
      [...Array(6).fill(true), false],
    ],
  ];
  for (const [what, readers, held] of table) {
    const unread = new Unread(ownersOf(readers), LIMITS, () => {});
    unread.sent(2 * 1024 * 1024);
    assert.deepEqual(
      readers.map((one) => unread.holds(one)),
      held,
      what,
    );
  }
});
