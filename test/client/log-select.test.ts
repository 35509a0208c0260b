import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Link } from '../../src/client/link.ts';
import { demandFound, listMatching, logFilter } from '../../src/client/log-select.ts';
import type { LogInfo } from '../../src/protocol/answers.ts';

const A = 'a'.repeat(40);
const info = (id: string, more: Partial<LogInfo> = {}): LogInfo => ({
  id,
  repo: 'webapp',
  commit: A,
  command: ['node'],
  start: 0,
  end: 0,
  dropped: 0,
  ...more,
});
const found = {
  logs: [
    { drone: 'web1', info: info('1e99f4') },
    { drone: 'web2', info: info('d7048a') },
  ],
  problems: [],
};

test('a log is selected if all conditions hold', () => {
  const log = info('1e99f4');
  const cases: [Parameters<typeof logFilter>[0], boolean][] = [
    [{}, true],
    [{ ids: ['1e99f4'] }, true],
    [{ ids: ['pid#1e99f4', 'd7048a'] }, true],
    [{ ids: ['web1#1e99f4'] }, true],
    [{ ids: ['web2#1e99f4'] }, false],
    [{ drones: ['/^web/'] }, true],
    [{ drones: ['db'] }, false],
    [{ repo: 'webapp', commit: 'aaaa' }, true],
    [{ repo: 'webapp', commit: 'bbbb' }, false],
  ];
  for (const [options, expected] of cases)
    assert.equal(logFilter(options)('web1', log), expected, JSON.stringify(options));
});

test('without ids, all logs are selected', async () => {
  const asked: unknown[] = [];
  const call = async (_method: string, { select }: { select: unknown }) => {
    asked.push(select);
    return { result: { drones: { web1: [info('1e99f4')] }, absent: {} } };
  };
  for (const ids of [[], undefined]) {
    const { logs } = await listMatching({ call } as unknown as Link, { ids });
    assert.deepEqual(logs, [{ drone: 'web1', info: info('1e99f4') }]);
  }
  const everything = { ids: null, repo: null, commit: null, labels: {}, drones: null };
  assert.deepEqual(asked, [everything, everything]);
});

test('an invalid selector is an error at once', () => {
  assert.throws(() => logFilter({ ids: ['webapp'] }), { code: 'ENOPROCESS' });
  assert.throws(() => logFilter({ drones: ['/(/'] }), { code: 'EUSAGE' });
});

test('an id without a log is an error, in whatever form it is written', () => {
  for (const ids of [['1e99f4', 'pid#d7048a', 'web1#1e99f4'], []]) demandFound({ ids }, found);
  assert.throws(() => demandFound({ ids: ['web2#1e99f4', '000000'] }, found), {
    code: 'ENOPROCESS',
    message: 'no drone has a log of web2#1e99f4, 000000; fleet ps lists what runs',
  });
});

test('a filter that matches nothing is an error, unless more logs may come', () => {
  const nothing = { logs: [], problems: [] };
  demandFound({}, nothing);
  demandFound({ repo: 'webapp', follow: true }, nothing);
  assert.throws(() => demandFound({ repo: 'webapp' }, nothing), {
    code: 'ENOPROCESS',
    message: /no log matches/,
  });
  assert.throws(() => demandFound({ ids: ['1e99f4'], follow: true }, nothing), { code: 'ENOPROCESS' });
});
