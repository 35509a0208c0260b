import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Link } from '../../src/client/link.ts';
import { psPages } from '../../src/client/ps.ts';

const DRONE = { lost: null, awaited: false, lags: [], processes: {} };

/** A hub with these pages: the names in each, and what it says comes next. */
function linkTo(pages: [string[], string | null][]) {
  const asked: unknown[] = [];
  const call = async (_: string, params: unknown) => {
    asked.push(params);
    const [names, next] = pages[asked.length - 1] ?? assert.fail('asked too often');
    return { result: { drones: Object.fromEntries(names.map((name) => [name, DRONE])), next } };
  };
  return { asked, link: { call } as unknown as Link };
}

test('the pages of ps become one answer; a hub that makes none is asked once, as ever', async () => {
  const paged = linkTo([
    [['a', 'b'], 'b'],
    [['c'], 'c'],
    [['d'], null],
  ]);
  assert.deepEqual(Object.keys(await psPages(paged.link, null)), ['a', 'b', 'c', 'd']);
  assert.deepEqual(paged.asked, [
    { select: null },
    { select: null, after: 'b' },
    { select: null, after: 'c' },
  ]);
  const whole = linkTo([[['a'], null]]);
  assert.deepEqual(Object.keys(await psPages(whole.link, null)), ['a']);
});

test('a hub that sends the same page for ever is given up', async () => {
  const { link } = linkTo([
    [['a'], 'a'],
    [['a'], 'a'],
  ]);
  await assert.rejects(psPages(link, null), { code: 'EPROTOCOL' });
});
