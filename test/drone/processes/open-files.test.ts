import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lowerLimit } from '../../../src/drone/processes/open-files.ts';

const LIMITS =
  'Max processes  1  1  processes\nMax open files            4096                 8192                 files\n';

test('a limit is set if it is known, and lower than the one that Node has', () => {
  const table: [string | undefined, string, number | null][] = [
    ['1024', LIMITS, 1024],
    ['4096', LIMITS, null],
    ['8192', LIMITS, null],
    ['1024', LIMITS.replace('4096     ', 'unlimited'), 1024],
    ['unlimited', LIMITS, null],
    ['', LIMITS, null],
    [undefined, LIMITS, null],
    ['1024', '', null],
  ];
  for (const [inherited, limits, wanted] of table) assert.equal(lowerLimit(inherited, limits), wanted);
});
