import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arguments } from '../../src/cli/arguments.ts';
import { tokenName, tokenOptions, tokenTable } from '../../src/cli/tokens.ts';

const create = (words: string[], values: Record<string, string[]>) =>
  new Arguments('create', words, new Map(Object.entries(values)));

test('rights may be joined with commas or given one by one', () => {
  const given = create(['ci'], { can: ['deploy,read', 'exec', 'read'], repo: ['webapp'], expires: ['30d'] });
  assert.deepEqual(tokenOptions(given), {
    name: 'ci',
    can: ['deploy', 'read', 'exec'],
    repo: 'webapp',
    lifetime: 30 * 86_400_000,
  });
});

test('an unknown right, or none, is a usage error', () => {
  const wrong = (values: Record<string, string[]>, message: RegExp) =>
    assert.throws(() => tokenOptions(create(['ci'], values)), { code: 'EUSAGE', message });
  wrong({ can: ['dploy'] }, /'dploy' is not a right; did you mean deploy\?/);
  wrong({}, /say what it may do; --can takes read, deploy, exec, drone, proxy, admin/);
  wrong({ can: [''] }, /say what it may do/);
  assert.throws(() => tokenName(create(['a', 'b'], {})), { code: 'EUSAGE' });
  assert.throws(() => tokenName(create(['a/b'], {})), { code: 'EUSAGE' });
});

test('tokens are listed in columns', () => {
  const created = Date.UTC(2026, 0, 1);
  const table = tokenTable(
    [
      { name: 'ci', can: ['deploy', 'read'], repo: 'webapp', created, expires: Date.UTC(2026, 1, 1, 12, 30) },
      { name: 'old', can: ['read'], repo: null, created, expires: Date.UTC(2025, 0, 1) },
      { name: 'ops', can: ['admin'], repo: null, created, expires: null },
    ],
    created,
  );
  assert.equal(
    table,
    `NAME  CAN          REPO    EXPIRES (UTC)
ci    deploy,read  webapp  2026-02-01 12:30
old   read         *       2025-01-01 00:00 (expired)
ops   admin        *       never`,
  );
  const ops = {
    name: 'ops',
    accessor: '0a1b2c3d',
    can: ['admin' as const],
    repo: null,
    created,
    expires: null,
  };
  assert.equal(
    tokenTable([ops], created),
    'NAME  ACCESSOR  CAN    REPO  EXPIRES (UTC)\nops   0a1b2c3d  admin  *     never',
  );
});
