import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownRange, rangeFor } from '../../../src/hub/cluster/id-range.ts';
import { ID_RANGES, newId } from '../../../src/protocol/names.ts';
import { MemoryStore } from '../../fixtures/memory-store.ts';

const nobody = () => false;
const taken = (n: number, hub: string, at: number) => ({ key: `id-range.${n}`, value: { hub, at } });

test('hubs that start at once have different ranges, and each has its own again', async () => {
  const store = new MemoryStore();
  const names = Array.from({ length: 9 }, (_, n) => `h${n}`);
  const ranges = await Promise.all(names.map((name) => ownRange(store, name, nobody)));
  assert.equal(new Set(ranges).size, 9);
  assert.deepEqual(await Promise.all(names.map((name) => ownRange(store, name, nobody))), ranges);
});

test('if all are taken, a hub has that of the one that was started longest ago and is not there', () => {
  const all = Array.from({ length: ID_RANGES }, (_, n) => taken(n, `h${n}`, 1_000 - n));
  assert.equal(rangeFor(all.slice(1), 'new', nobody), 0);
  assert.equal(rangeFor(all, 'h7', nobody), 7);
  assert.equal(
    rangeFor(all, 'new', (hub) => hub === 'h63'),
    62,
  );
  assert.throws(() => rangeFor(all, 'new', () => true), { code: 'ELIMIT' });
});

test('ids of two ranges are never the same', () => {
  const first = (id: string) => Number.parseInt(id.slice(0, 2), 16) >> 2;
  for (const range of [0, 5, 63])
    for (let n = 0; n < 100; n++) assert.equal(first(newId(nobody, range)), range);
});
