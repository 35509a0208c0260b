import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trails, verdicts } from '../../src/client/audit-trails.ts';
import type { Link } from '../../src/client/link.ts';
import type { AuditEntry } from '../../src/protocol/answers.ts';
import { FleetError } from '../../src/protocol/errors.ts';

const HASH = 'a'.repeat(64);

/** So many entries; `each` seconds lie between two. */
const entries = (count: number, each: number): AuditEntry[] =>
  Array.from({ length: count }, (_, at) => {
    const time = new Date(at * each * 1000).toISOString();
    return { n: at + 1, time, who: 'secret', address: '-', call: 'x', result: 'ok' };
  });

/** A connection to the hub h1, or to one that is alone; pages have ten entries. */
function linkTo(kept: Record<string, AuditEntry[] | FleetError>, cluster = true) {
  const asked: string[] = [];
  const call = async (method: string, params: Record<string, unknown>) => {
    const { count = 0, before, hub = 'h1', expect } = params as Record<string, number> & { hub?: string };
    const all = kept[hub] ?? new FleetError('ECLOSED', `the hub ${hub} is not connected`);
    const hubs = cluster ? { hubs: Object.keys(kept) } : {};
    if (method === 'audit' && count > 0) asked.push(`${hub} ${count} before ${before ?? 'the end'}`);
    if (method === 'audit.verify') asked.push(`${hub} ${JSON.stringify(expect)}`);
    if (all instanceof FleetError) throw all;
    const found = all.filter(({ n }) => before === undefined || Number(n) < before);
    if (method === 'audit')
      return { result: { entries: count === 0 ? [] : found.slice(-Math.min(count, 10)), ...hubs } };
    const last = { n: all.length, hash: HASH };
    return { result: { entries: all.length, unchained: 0, last, fault: null, ...hubs } };
  };
  return { link: { call } as unknown as Link, asked };
}

test('the trail of each hub is read once, page by page, also that of the hub that is asked', async () => {
  const { link, asked } = linkTo({ h1: entries(15, 2), h2: entries(14, 3) });
  const found = await trails(link, 13);
  const each = ['h1 13 before the end', 'h1 3 before 6', 'h2 13 before the end', 'h2 3 before 5'];
  assert.deepEqual(asked.sort(), each);
  const ends = found.entries.map((entry) => `${(entry as { hub?: string }).hub} ${entry.n}`);
  assert.deepEqual([ends.length, ends[0], ends.at(-1)], [13, 'h2 7', 'h2 14']);
  assert.deepEqual(found.unanswered, {});
});

test('a hub that is alone has its trail read as it is', async () => {
  const { link, asked } = linkTo({ h1: entries(12, 1) }, false);
  const found = await trails(link, 20);
  assert.deepEqual(asked, ['h1 20 before the end', 'h1 10 before 3', 'h1 8 before 1']);
  assert.deepEqual(found, { entries: entries(12, 1), unanswered: {} });
  assert.deepEqual(await trails(link, 0), { entries: [], unanswered: {} });
});

test('the trail of each hub is checked once, with what is expected of it', async () => {
  const { link, asked } = linkTo({ h1: entries(2, 1), h2: entries(3, 1) });
  const expect = { h1: { n: 1, hash: HASH }, h3: { n: 2, hash: HASH } };
  const found = await verdicts(link, { expect });
  assert.deepEqual(asked.sort(), [`h1 {"n":1,"hash":"${HASH}"}`, 'h2 null', `h3 {"n":2,"hash":"${HASH}"}`]);
  const { h1, h2, h3 } = found;
  const last = (n: number) => ({ entries: n, unchained: 0, last: { n, hash: HASH }, fault: null });
  assert.deepEqual([h1, h2, h3 instanceof FleetError && h3.code], [last(2), last(3), 'ECLOSED']);
});

test('an entry that is expected of nobody in particular, or of one of several at a hub that is alone, is not passed over', async () => {
  const one = { n: 1, hash: HASH };
  const several = verdicts(linkTo({ h1: entries(2, 1) }).link, { expect: { '': one } });
  await assert.rejects(several, { code: 'EUSAGE', message: /several hubs.* HUB:NUMBER:HASH$/ });
  const alone = linkTo({ h1: entries(2, 1) }, false);
  const named = verdicts(alone.link, { expect: { h1: one } });
  await assert.rejects(named, {
    code: 'EUSAGE',
    message: /^an entry of h1 is expected, and the hub is alone/,
  });
  assert.deepEqual(alone.asked, []);
  await verdicts(alone.link, { expect: { '': one } });
  assert.deepEqual(alone.asked, [`h1 ${JSON.stringify(one)}`]);
});
