import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OwnWrites, type Read } from '../../../src/hub/store/own-writes.ts';

const all = () => true;
const a = (revision: number, value: string | null = `v${revision}`): Read => ({
  key: 'token.a',
  value,
  revision,
});

/** What is read as these, after that was written. */
function newest(written: Read[], read: Read[]) {
  const own = new OwnWrites();
  for (const one of written) own.note(one);
  return own.newest(read, all).map(({ value }) => value);
}

const CASES: [what: string, written: Read[], read: Read[], values: string[]][] = [
  ['nothing that was written', [], [a(3)], ['v3']],
  ['a removal', [], [a(3, null)], []],
  ['less than was written', [a(4)], [a(3)], ['v4']],
  ['nothing of what was written', [a(4)], [], ['v4']],
  ['more than was written', [a(4)], [a(5)], ['v5']],
  ['a removal after what was written', [a(4)], [a(5, null)], []],
  ['what was removed since then', [a(4, null)], [a(3)], []],
  ['what is older than two writes, of which the second was noted first', [a(5), a(4)], [a(3)], ['v5']],
];

for (const [what, written, read, values] of CASES)
  test(`whoever reads ${what} gets what is newer`, () => {
    assert.deepEqual(newest(written, read), values);
  });

test('only wanted keys are added', () => {
  const own = new OwnWrites();
  own.note(a(4));
  assert.deepEqual(
    own.newest([], (key) => key === 'token.b'),
    [],
  );
});

test('a removal is known by its revision', () => {
  const own = new OwnWrites();
  own.note(a(4, null));
  own.note({ key: 'token.b', value: 'x', revision: 5 });
  assert.deepEqual(
    [own.isRemoval('token.a', 4), own.isRemoval('token.a', 3), own.isRemoval('token.b', 5)],
    [true, false, false],
  );
});

test('after a minute, what is read counts', () => {
  const own = new OwnWrites();
  own.note(a(4), 0);
  own.note({ key: 'token.b', value: 'x', revision: 5 }, 60_001);
  assert.deepEqual(
    own.newest([], all).map(({ key }) => key),
    ['token.b'],
  );
});
