import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isMostlyStrings, isShallow } from '../../src/rpc/json-guard.ts';
import { TimeSlicer } from '../../src/rpc/time-slice.ts';

/** How deep a value is, found the slow way. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

test('the depth of a text is told without parsing it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      const text = JSON.stringify(value);
      const depth = depthOf(value);
      assert.ok(isShallow(text, depth));
      if (depth > 0) assert.ok(!isShallow(text, depth - 1));
    }),
    { seed: 7 },
  );
  assert.ok(!isShallow('['.repeat(4_000_000), 20));
  assert.ok(isShallow(`"${'['.repeat(1000)}"`, 0));
  assert.ok(isShallow('"\\"[[[[\\\\"', 0));
  assert.ok(isShallow('"never ends [[[', 0));
});

test('what stands outside strings is counted without parsing', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 20 }), (strings) => {
      const text = JSON.stringify(strings);
      const outside = strings.length === 0 ? 2 : strings.length + 1;
      assert.ok(isMostlyStrings(text, outside));
      assert.ok(!isMostlyStrings(text, outside - 1));
    }),
    { seed: 7 },
  );
  assert.ok(!isMostlyStrings('1,'.repeat(2_000_000), 200));
  assert.ok(!isMostlyStrings('"",'.repeat(1_000_000), 200));
});

test('dear work is done in bites, in order, and everybody else has a turn in between', async () => {
  const done: number[] = [];
  const busy: boolean[] = [];
  const bites = new TimeSlicer<number>(
    (item) => {
      for (const until = performance.now() + 4; performance.now() < until; );
      done.push(item);
    },
    (isBusy) => busy.push(isBusy),
  );
  for (let n = 0; n < 12; n++) bites.add(n);
  const atOnce = done.length;
  assert.ok(atOnce >= 1 && atOnce < 6, `${atOnce} at once`);
  assert.deepEqual(busy, [true]);
  let turns = 0;
  while (done.length < 12) {
    await new Promise((resolve) => setImmediate(resolve));
    turns++;
  }
  assert.ok(turns >= 2, `${turns} turns`);
  assert.deepEqual(
    done,
    Array.from({ length: 12 }, (_, n) => n),
  );
  assert.deepEqual(busy, [true, false]);
});
