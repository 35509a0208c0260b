import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arguments } from '../../src/cli/arguments.ts';
import { invitationOptions, invitedText, tokenName, tokenOptions, tokenTable } from '../../src/cli/tokens.ts';
import type { TokenInfo } from '../../src/protocol/answers.ts';

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
  wrong({}, /say what it may do; --can takes read, deploy, release, exec, drone, proxy, admin/);
  wrong({ can: [''] }, /say what it may do/);
  assert.throws(() => tokenName(create(['a', 'b'], {})), { code: 'EUSAGE' });
  assert.throws(() => tokenName(create(['a/b'], {})), { code: 'EUSAGE' });
});

test('limits are given by app, drone and command', () => {
  const limited = (values: Record<string, string[]>) =>
    tokenOptions(create(['ci'], { can: ['exec'], ...values }));
  const given = limited({
    ...{ app: ['webapp@pr-*'], drone: ['web*', 'role=db'] },
    command: ['npm run migrate', ' ls  -l '],
  });
  assert.equal(given.repo, 'webapp');
  const commands = [
    ['npm', 'run', 'migrate'],
    ['ls', '-l'],
  ];
  assert.deepEqual(given.limits, { stage: 'pr-*', drones: ['web*', 'role=db'], commands });
  const { repo, limits } = limited({ app: ['webapp'] });
  assert.deepEqual([repo, limits], ['webapp', undefined], 'an app without a stage is a repository');
  assert.throws(() => limited({ app: ['webapp'], repo: ['webapp'] }), { code: 'EUSAGE' });
  const info = {
    name: 'ci',
    can: ['exec' as const],
    repo: 'webapp',
    created: 0,
    expires: null,
    limits: given.limits,
  };
  assert.equal(
    tokenTable([info as TokenInfo], 0),
    `NAME  CAN   REPO         DRONES        COMMANDS                EXPIRES (UTC)
ci    exec  webapp@pr-*  web* role=db  npm run migrate; ls -l  never`,
  );
});

test('an invitation is for an hour unless it says otherwise, and names no token', () => {
  assert.deepEqual(invitationOptions(create([], {})), { drone: undefined, lifetime: undefined });
  const given = create([], { name: ['web1'], expires: ['30m'] });
  assert.deepEqual(invitationOptions(given), { drone: 'web1', lifetime: 1_800_000 });
  assert.match(invitedText(given), /once, within 30m: fleet drone --hub=HOST:PORT --join=/);
  assert.throws(() => invitationOptions(create(['web1'], {})), { code: 'EUSAGE', message: /--name=web1/ });
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

test('a child is listed with its parent', () => {
  assert.equal(tokenOptions(create(['job'], { can: ['read'], child: [''] })).child, true);
  const token = { can: ['read' as const], repo: null, created: 0, expires: null };
  const tokens = [
    { ...token, name: 'ops', parent: null },
    { ...token, name: 'job', parent: 'ops' },
  ];
  assert.equal(
    tokenTable(tokens, 0),
    `NAME  CAN   REPO  PARENT  EXPIRES (UTC)
ops   read  *             never
job   read  *     ops     never`,
  );
});
