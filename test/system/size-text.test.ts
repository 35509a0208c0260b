import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sizeText } from '../../src/system/size-text.ts';

test('a size has the unit that leaves fewer than four digits before the point', () => {
  const table: [number, string][] = [
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [12_345_678, '12.3 MB'],
    [1_200_000_000, '1.2 GB'],
    [5e15, '5000.0 TB'],
  ];
  for (const [bytes, text] of table) assert.equal(sizeText(bytes), text);
});
