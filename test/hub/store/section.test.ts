import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupKey } from '../../../src/hub/store/groups.ts';
import {
  grouped,
  list,
  optional,
  type Section,
  single,
  table,
  timeline,
} from '../../../src/hub/store/section.ts';

const at = (repo: string, time: number) => ({ repo, time });
const recordsIn = (section: Section, read: unknown) => {
  const records = section.records(read);
  return records && [...records];
};

const CASES: [what: string, section: Section, json: unknown, records: [string, unknown][]][] = [
  [
    'an object',
    table('account', 'accounts'),
    { abc: { n: 1 }, 'a.b': 'x' },
    [
      ['account.abc', { n: 1 }],
      ['account.a.b', 'x'],
    ],
  ],
  [
    'an array',
    list('token', 'tokens', 'name'),
    [{ name: 'b' }, { name: 'a' }],
    [
      ['token.b', { name: 'b' }],
      ['token.a', { name: 'a' }],
    ],
  ],
  [
    'an array of several for each name',
    timeline('deployed', 'deployed', 'repo'),
    [at('b', 1), at('a', 2), at('b', 3)],
    [
      ['deployed.b', [at('b', 1), at('b', 3)]],
      ['deployed.a', [at('a', 2)]],
    ],
  ],
  ['a value', single('events', 'events'), 7, [['events', 7]]],
  ['nothing', single('events', 'events'), undefined, []],
];

for (const [what, section, json, records] of CASES)
  test(`${what} is read into records, and written as it was`, () => {
    assert.deepEqual(recordsIn(section, json), records);
    assert.deepEqual(section.json(section.records(json) ?? new Map()), json);
  });

test('an object of thousands is read into a few records that have a part of it each, and written whole', () => {
  const section = grouped('drones', 'drones');
  const drones = Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`i${n}`, { n }]));
  const records = section.records(drones) ?? new Map();
  assert.equal(records.size, 64);
  assert.deepEqual((records.get(groupKey('drones', 'i7')) as typeof drones)['i7'], { n: 7 });
  assert.deepEqual(section.json(records), drones);
  assert.deepEqual(section.records(section.json(records)), records);
});

test('a name that every object has is one like others', () => {
  const section = table('account', 'accounts');
  const records = section.records(JSON.parse('{"__proto__":"x","constructor":"y"}')) ?? new Map();
  assert.deepEqual([...records.keys()], ['account.__proto__', 'account.constructor']);
  assert.equal(JSON.stringify(section.json(records)), '{"__proto__":"x","constructor":"y"}');
  const parts = grouped('drones', 'drones');
  const whole = parts.json(parts.records(JSON.parse('{"__proto__":"x"}')) ?? new Map());
  assert.equal(JSON.stringify(whole), '{"__proto__":"x"}');
});

test('what no hub wrote is told from records', () => {
  const wrong: [Section, unknown[]][] = [
    [table('account', 'accounts'), [undefined, null, 7, [], { abc: null }]],
    [grouped('drones', 'drones'), [undefined, null, 7, [], { abc: null }]],
    [list('token', 'tokens', 'name'), [undefined, {}, [null], [7], [{}], [{ name: 1 }]]],
    [timeline('deployed', 'deployed', 'repo'), [undefined, {}, [{}]]],
  ];
  for (const [section, reads] of wrong) for (const read of reads) assert.equal(section.records(read), null);
  const section = optional(table('account', 'accounts'));
  assert.deepEqual([recordsIn(section, undefined), recordsIn(section, null)], [[], null]);
  assert.deepEqual(recordsIn(single('certificate-order', 'order'), null), []);
});

test('the records of a name keep their order, also if the clock was set back between them', () => {
  const records = new Map([
    ['deployed.a', [at('a', 5), at('a', 1), at('a', 9)]],
    ['deployed.b', [at('b', 4), at('b', 8)]],
  ]);
  const written = timeline('deployed', 'deployed', 'repo').json(records) as { time: number }[];
  assert.deepEqual(
    written.map(({ time }) => time),
    [4, 5, 1, 8, 9],
  );
});
