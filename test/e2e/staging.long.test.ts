import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commit } from '../fixtures/local-fleet.ts';
import { ROOT } from '../fixtures/root.ts';
import { stage } from '../fixtures/stage.ts';

const read = (path: string) => readFileSync(join(ROOT, 'example', path), 'utf8');
const server = read('webapp/server.js');
const on = stage(['web1', 'web2'], { 'server.js': server, 'fleet.toml': read('staging/fleet.toml') });

/** The hosts of each app, with the number of instances behind them. */
async function instancesByHost(): Promise<Record<string, number>> {
  const { stdout } = await on.cli('endpoints', '--json');
  const endpoints = JSON.parse(stdout) as { hosts: string[] }[];
  const counts: Record<string, number> = {};
  for (const host of endpoints.flatMap(({ hosts }) => hosts)) counts[host] = (counts[host] ?? 0) + 1;
  return counts;
}

test('the example of stages: each pull request has an instance and a host of its own, and disturbs nothing', async () => {
  const production = { 'example.com': 4, 'webapp.staging.example.com': 4 };
  await on.cli('env', 'set', 'HOST=127.0.0.1');
  const first = await on.cli('up');
  assert.equal(first.code, 0, first.stderr);
  commit(on.app, { 'server.js': server.replace('version 1', 'of a pull request') });
  for (const stageName of ['pr-12', 'pr-13']) {
    await on.cli('env', 'set', `--as=${stageName}`, 'HOST=127.0.0.1');
    const up = await on.cli('up', `--as=${stageName}`);
    assert.match(up.stdout, /^v1 live {2}web 1\/1 /, up.stderr);
    assert.match(up.stderr, /^example\.com is not for stages: it has no \{app\} in it$/m);
  }
  assert.deepEqual(await instancesByHost(), {
    ...production,
    'pr-12.staging.example.com': 1,
    'pr-13.staging.example.com': 1,
  });
  assert.equal((await on.cli('down', '--as=pr-12')).code, 0);
  assert.deepEqual(await instancesByHost(), { ...production, 'pr-13.staging.example.com': 1 });
});
