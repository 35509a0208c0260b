import assert from 'node:assert/strict';
import { test } from 'node:test';
import { behindOf } from '../../../src/hub/events/behind.ts';

const MIB = 1024 ** 2;
const listener = (name: string, unreadBytes: number) => ({ who: { name }, unreadBytes });

test('whoever has four MiB to read is behind, and so is whoever has any if its token has 16 between them', () => {
  const few = [listener('ci', 4 * MIB), listener('ci', 4 * MIB + 1), listener('ci', 0)];
  assert.deepEqual(few.map(behindOf(few)), [false, true, false]);
  const crowd = Array.from({ length: 200 }, () => listener('crowd', 100_000));
  const others = [listener('crowd', 65_536), listener('other', 3 * MIB)];
  const isBehind = behindOf([...crowd, ...others]);
  assert.deepEqual([...crowd.slice(0, 1), ...others].map(isBehind), [true, false, false]);
});
