import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TokenInfo } from '../../../src/index.ts';
import { assertFailed, assertGave, stage } from '../../fixtures/stage.ts';

const on = stage([], { 'a.txt': 'a' });

test('a bare number is not taken for anything', async () => {
  const line = "fleet: fleet audit takes no argument '20'; did you mean --lines=20?";
  assertFailed(await on.cli('audit', '20'), 2, line);
});

test('what was made by two tokens of one name is told apart', async () => {
  const accessors: string[] = [];
  for (const can of ['read', 'deploy']) {
    const { stdout } = await on.cli('token', 'create', 'ci', '--can=admin,read,deploy');
    const own = `--secret=${stdout.trim()}`;
    const tokens: TokenInfo[] = JSON.parse((await on.cli('token', 'ls', '--json')).stdout);
    accessors.push(tokens.find(({ name }) => name === 'ci')?.accessor ?? '');
    await on.cli('token', 'create', `of-${can}`, `--can=${can}`, own);
    await on.cli('token', 'rm', 'ci');
  }
  const { stdout } = await on.cli('audit');
  for (const accessor of accessors)
    assert.match(stdout, new RegExp(`ci#${accessor}@127\\.0\\.0\\.1 token\\.create of-`));
  assert.notEqual(accessors[0], accessors[1]);
});

test('verify says what to keep, checks files too, and names the first bad entry', async () => {
  const { code, stdout } = await on.cli('audit', 'verify');
  assert.equal(code, 0);
  const last =
    /^nothing was changed or removed: \d+ entries\nlast: (\d+:[0-9a-f]{64})\n$/.exec(stdout)?.[1] ?? '';
  assert.equal((await on.cli('audit', 'verify', `--expect=${last}`)).code, 0);
  const wrong = `${last.split(':')[0]}:${'0'.repeat(64)}`;
  assertFailed(
    await on.cli('audit', 'verify', `--expect=${wrong}`),
    1,
    /entry \d+: it, or the one before it, was/,
  );

  const exported = join(on.fleet.dir, 'exported');
  writeFileSync(exported, (await on.cli('audit', '--json')).stdout);
  assertGave(await on.cli('audit', 'verify', exported), 0, stdout);
  const lines = readFileSync(exported, 'utf8').split('\n');
  writeFileSync(exported, lines.toSpliced(2, 1).join('\n'));
  const line = `fleet: ${exported}, line 3, entry 3: it is missing; 2 entries before it are in order`;
  assertFailed(await on.cli('audit', 'verify', exported), 1, line);

  const trail = join(on.fleet.dir, 'hub/audit.jsonl');
  writeFileSync(trail, readFileSync(trail, 'utf8').replace('"of-read"', '"of-root"'));
  assertFailed(
    await on.cli('audit', 'verify'),
    1,
    /^fleet: audit\.jsonl, line \d+, entry \d+: it, or the one/,
  );
  assert.ok(readdirSync(join(on.fleet.dir, 'hub')).includes('audit-head.json'));
});
