import assert from 'node:assert/strict';
import { test } from 'node:test';
import { START, sealed } from '../../../src/hub/audit/chain.ts';
import { endingOf, linksOf, resumed } from '../../../src/hub/audit/resume.ts';

const first = sealed({ call: 'stop' }, START);
const second = sealed({ call: 'stop' }, first.link);
const text = `${first.line}\n${second.line}\n`;
const links = [first.link, second.link];

test('a text ends with its last entry, and what is behind that', () => {
  assert.deepEqual(linksOf(text), links);
  const whole = endingOf(text);
  assert.deepEqual([whole.link, whole.unchained.lines, whole.isTorn], [second.link, 0, false]);
  const torn = endingOf(`${text}{"time"`);
  assert.deepEqual([torn.link, torn.unchained.lines, torn.isTorn], [second.link, 1, true]);
  const none = endingOf('');
  assert.deepEqual([none.link, none.unchained.lines, none.isTorn], [null, 0, false]);
});

const forged = { n: 2, hash: 'f'.repeat(64) };
const cases: [
  what: string,
  known: typeof forged | null,
  on: typeof links,
  after: typeof forged,
  isWhole: boolean,
][] = [
  ['a new trail begins at the start', null, [], START, true],
  ['without a head, the last entry is believed', null, links, second.link, true],
  ['entries may be newer than the head', first.link, links, second.link, true],
  ['entries that are missing stay missing', second.link, [first.link], second.link, false],
  ['so they do if all of them are', second.link, [], second.link, false],
  ['entries that were written anew are not followed', forged, links, forged, false],
];

for (const [what, known, on, after, isWhole] of cases)
  test(what, () => assert.deepEqual(resumed(known, on), { after, isWhole }));
