import assert from 'node:assert/strict';
import { test } from 'node:test';
import { list, optional, type Section, single, table, timeline } from '../../../src/hub/store/section.ts';

const at = (repo: string, time: number) => ({ repo, time });
const recordsIn = (section: Section, read: unknown) => {
  const records = section.records(read);
  return records && [...records];
};

const CASES: [what: string, section: Section, json: unknown, records: [string, unknown][]][] = [
  [
    'an object',
    table('drone', 'drones'),
    { abc: { n: 1 }, 'a.b': 'x' },
    [
      ['drone.abc', { n: 1 }],
      ['drone.a.b', 'x'],
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

test('a name that every object has is one like others', () => {
  const section = table('account', 'accounts');
  const records = section.records(JSON.parse('{"__proto__":"x","constructor":"y"}')) ?? new Map();
  assert.deepEqual([...records.keys()], ['account.__proto__', 'account.constructor']);
  assert.equal(JSON.stringify(section.json(records)), '{"__proto__":"x","constructor":"y"}');
});

test('what no hub wrote is told from records', () => {
  const wrong: [Section, unknown[]][] = [
    [table('drone', 'drones'), [undefined, null, 7, [], { abc: null }]],
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
