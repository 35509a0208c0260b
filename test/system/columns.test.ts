import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aligned, usedColumns } from '../../src/system/columns.ts';

test('columns are as wide as their widest cell, and no line ends with blanks', () => {
  const rows = [
    ['a', '', 'b'],
    ['longer', 'x', ''],
  ];
  assert.deepEqual(aligned(rows), ['a          b', 'longer  x']);
});

test('a column is left out if nothing is in it', () => {
  assert.deepEqual(
    usedColumns([
      ['a', '', ''],
      ['b', '', 'x'],
    ]),
    [
      ['a', ''],
      ['b', 'x'],
    ],
  );
});
