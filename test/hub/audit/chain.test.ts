import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ChainCheck, linkOf, START, sealed, Unchained } from '../../../src/hub/audit/chain.ts';

/** The lines of a chain of this many entries. */
function chain(count: number, before = START): string[] {
  const lines: string[] = [];
  let link = before;
  for (let n = 1; n <= count; n++) {
    const next = sealed({ time: 'now', call: 'stop', who: `t${n}`, address: '', result: 'ok' }, link);
    lines.push(next.line);
    link = next.link;
  }
  return lines;
}

function faultOf(
  lines: readonly string[],
  before: typeof START | null = START,
  last = linkOf(lines.at(-1) ?? ''),
) {
  const check = new ChainCheck(before);
  for (const line of lines) check.add(line);
  return check.end(last);
}

test('a chain as it was written has no fault, and neither has the rest of one whose first entries are gone', () => {
  const lines = chain(5);
  assert.equal(faultOf(lines), null);
  assert.equal(faultOf(lines.slice(2), null), null);
  assert.equal(faultOf(lines.slice(2), linkOf(lines[1] ?? '')), null);
  assert.equal(faultOf([]), null);
});

test('the first bad entry is named: changed, removed, moved, cut off, inserted, or missing at the end', () => {
  const lines = chain(6);
  const changed = lines.map((line, n) => (n === 2 ? line.replace('t3', 't4') : line));
  assert.deepEqual([faultOf(changed)?.line, faultOf(changed)?.n], [3, 3]);
  const removed = lines.filter((_, n) => n !== 2);
  assert.deepEqual([faultOf(removed)?.n, faultOf(removed)?.why], [3, 'it is missing']);
  const [a = '', b = '', c = '', ...rest] = lines;
  assert.equal(faultOf([a, c, b, ...rest])?.n, 2);
  const cut = lines.map((line, n) => (n === 2 ? line.slice(0, 40) : line));
  assert.deepEqual([faultOf(cut)?.line, faultOf(cut)?.n], [3, null]);
  assert.equal(faultOf([a, '{"call":"deploy"}', b, c, ...rest])?.line, 2);
  const ended = faultOf(lines.slice(0, 4), START, linkOf(lines[5] ?? ''));
  assert.deepEqual([ended?.n, ended?.why], [5, 'the entries 5 to 6 are missing']);
  const last = lines.slice(0, 5).map((line, n) => (n === 4 ? line.slice(0, 40) : line));
  assert.equal(faultOf(last, START, linkOf(lines[5] ?? ''))?.line, 5);
});

test('an entry that was written anew, with a hash that is right, is noticed at the next one', () => {
  const lines = chain(4);
  const forged = sealed({ call: 'stop', who: 'nobody' }, linkOf(lines[0] ?? '') ?? START).line;
  assert.equal(faultOf(lines.map((line, n) => (n === 1 ? forged : line)))?.n, 3);
});

test('lines of an older fleet belong to it once an entry has their hash, and cannot be changed from then on', () => {
  const older = ['{"call":"deploy","who":"ci"}', '{"call":"stop","who":"ci"}', '{"call":"st'];
  const run = new Unchained();
  for (const line of older) run.add(line);
  const first = sealed({ call: 'chain', who: 'hub', unchained: run.summary() }, START);
  const lines = [...older, first.line, ...chain(2, first.link)];
  assert.equal(faultOf(lines), null);
  assert.equal(faultOf(lines.filter((_, n) => n !== 1))?.line, 1);
  assert.equal(faultOf(lines.map((line, n) => (n === 1 ? line.replace('ci', 'me') : line)))?.line, 1);
  assert.equal(faultOf(lines.slice(3))?.why, '3 lines before it are missing');
});

test('whatever entries contain, any change of a character or of the order is a fault', () => {
  const entries = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(entries, fc.nat(), fc.nat(), (contents, at, character) => {
      let link = START;
      const lines = contents.map((content) => {
        const next = sealed(content, link);
        link = next.link;
        return next.line;
      });
      assert.equal(faultOf(lines, START, link), null);
      const of = at % lines.length;
      const line = lines[of] ?? '';
      const put = character % line.length;
      const other = line[put] === '0' ? '1' : '0';
      const changed = lines.toSpliced(of, 1, line.slice(0, put) + other + line.slice(put + 1));
      assert.notEqual(faultOf(changed, START, link), null);
      assert.notEqual(faultOf(lines.toReversed(), START, link), null);
      assert.notEqual(faultOf(lines.toSpliced(of, 1), START, link), null);
    }),
  );
});
