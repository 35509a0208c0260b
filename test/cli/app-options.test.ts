import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appOf, waitOf } from '../../src/cli/app-options.ts';
import { Arguments } from '../../src/cli/arguments.ts';

const given = (options: Record<string, string>) =>
  new Arguments('', [], new Map(Object.entries(options).map(([name, value]) => [name, [value]])));

test('--repo names the app, else the remote does, and --as its stage', () => {
  const none = { repo: undefined };
  const table: [
    Record<string, string>,
    { repo: string | undefined },
    string | undefined,
    string | undefined,
  ][] = [
    [{}, none, undefined, undefined],
    [{}, { repo: 'shop' }, 'shop', undefined],
    [{ repo: 'webapp', as: 'pr-12' }, { repo: 'shop' }, 'webapp', 'pr-12'],
  ];
  for (const [options, target, repo, stage] of table)
    assert.deepEqual(appOf(given(options), target, '/app'), { dir: '/app', repo, stage });
});

test('--wait is a time, and is left to the hub if it is not given', () => {
  assert.equal(waitOf(given({})), undefined);
  assert.equal(waitOf(given({ wait: '15m' })), 900_000);
  assert.throws(() => waitOf(given({ wait: 'long' })), { code: 'EUSAGE' });
});
