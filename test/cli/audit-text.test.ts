import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditLine, sharedNames, verdictText, wrapped } from '../../src/cli/audit-text.ts';
import type { AuditEntry } from '../../src/index.ts';

const entry = {
  n: 7,
  time: '2026-01-01T00:00:00.000Z',
  who: 'ci',
  accessor: '0a1b2c3d',
  address: '10.0.0.1',
  call: 'deploy',
  result: 'ok',
  hash: 'f'.repeat(64),
};
const START = '2026-01-01T00:00:00Z ci@10.0.0.1';
const TERMINAL = { shared: new Set<string>(), isShort: true };
const commit = 'c0ffee1'.padEnd(40, '0');

const cases: [parameters: Partial<AuditEntry>, line: string][] = [
  [{}, `${START} deploy: ok`],
  [{ repo: 'webapp', commit }, `${START} deploy webapp/c0ffee1: ok`],
  [{ call: 'app.up', repo: 'webapp', commit, stage: 'pr-1' }, `${START} app.up webapp/c0ffee1 @pr-1: ok`],
  [
    {
      call: 'exec.start',
      repo: 'webapp',
      drone: 'web1',
      id: '1e99f4',
      command: ['sh', '-c', 'a b'],
      result: 'exited with code 7',
    },
    `${START} exec.start webapp web1#1e99f4 -- sh -c 'a b': exited with code 7`,
  ],
  [
    { call: 'spawn', repo: 'webapp', drones: ['web1', 'web2'], env: ['A', 'B'], command: ['true'] },
    `${START} spawn webapp on web1,web2 env=A,B -- true: ok`,
  ],
  [
    { call: 'token.create', name: 'x', can: ['read'], lifetime: 60_000 },
    `${START} token.create x can=read lifetime=60000: ok`,
  ],
  [{ call: 'app.run', app: 'webapp', release: 7 }, `${START} app.run webapp#7: ok`],
  [{ call: 'drones.label', name: 'web1', set: { a: 'b' } }, `${START} drones.label web1 set={"a":"b"}: ok`],
  [{ call: 'login', result: 'wrong secret', more: 1 }, `${START} login: wrong secret (1 time more)`],
];

for (const [parameters, line] of cases)
  test(`an entry for a person: ${line.slice(START.length + 1)}`, () =>
    assert.equal(auditLine({ ...entry, ...parameters }, TERMINAL), line));

test('an entry is one line, whatever it is about', () => {
  const forged = 'back soon\n2026-01-01T00:00:00Z admin@10.0.0.2 token.remove ci: ok';
  const words = { page: forged, command: ['sh', '-c', forged], result: forged };
  assert.doesNotMatch(auditLine({ ...entry, ...words }, TERMINAL), /\n/);
  const line = auditLine({ ...entry, call: 'app.maintenance.set', page: 'back soon\n' }, TERMINAL);
  assert.equal(line, `${START} app.maintenance.set page=back soon\\n: ok`);
});

test('a program gets whole commits', () => {
  const line = auditLine({ ...entry, repo: 'webapp', commit }, { ...TERMINAL, isShort: false });
  assert.equal(line, `${START} deploy webapp/${commit}: ok`);
});

test('tokens that have had the same name are told apart, and others are not', () => {
  const other = { ...entry, accessor: 'ffffffff' };
  assert.deepEqual([...sharedNames([entry, entry, { ...other, who: 'x' }])], []);
  const shared = sharedNames([entry, other]);
  assert.match(auditLine(other, { ...TERMINAL, shared }), / ci#ffffffff@10\.0\.0\.1 /);
});

test('a line is broken at spaces, and a long word stays whole', () => {
  assert.equal(wrapped('a bc def', 80), 'a bc def');
  assert.equal(wrapped('aaa bbb ccc dddddddddddd e', 10), 'aaa bbb\n    ccc\n    dddddddddddd\n    e');
  for (const line of wrapped(auditLine({ ...entry, result: 'word '.repeat(99) }, TERMINAL), 80).split('\n'))
    assert.ok(line.length <= 80, line);
});

test('what a check has found is said with the place to look at', () => {
  const last = { n: 2, hash: 'f'.repeat(64) };
  assert.equal(
    verdictText({ entries: 2, unchained: 0, last, fault: null }),
    `nothing was changed or removed: 2 entries\nlast: 2:${last.hash}`,
  );
  const fault = { file: 'audit.jsonl', line: 4, n: 3, why: 'it is missing' };
  assert.equal(
    verdictText({ entries: 2, unchained: 0, last, fault }),
    'audit.jsonl, line 4, entry 3: it is missing; 2 entries before it are in order',
  );
});
