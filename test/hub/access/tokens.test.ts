import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { sha256, Tokens } from '../../../src/hub/access/tokens.ts';
import type { Right } from '../../../src/protocol/rights.ts';
import { OWNER } from '../../fixtures/principal.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleet-tokens-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const spec = (name: string, can: Right[], repo: string | null = null, lifetime: number | null = null) => ({
  name,
  can,
  repo,
  lifetime,
});

test('only the hash of a token is stored, readable by its owner only, and it survives a restart', () => {
  const text = new Tokens(dir).create(OWNER, spec('ci', ['deploy', 'read'], 'webapp'));
  const path = join(dir, 'tokens.json');
  assert.ok(!readFileSync(path, 'utf8').includes(text));
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const again = new Tokens(dir);
  const found = again.find(sha256(text));
  assert.deepEqual([found?.name, found?.can, found?.repo], ['ci', ['deploy', 'read'], 'webapp']);
  assert.equal(again.find(sha256('else')), undefined);
  assert.ok(!JSON.stringify(again.list()).includes('hash'));
});

test('a token that was removed or has expired is refused, even after a new one was made under its name', () => {
  const tokens = new Tokens(dir);
  const text = tokens.create(OWNER, spec('ci', ['read']));
  const found = tokens.find(sha256(text));
  assert.ok(found && tokens.isValid(found));
  let told = 0;
  tokens.on('removed', () => told++);
  tokens.remove('ci');
  assert.equal(told, 1);
  assert.equal(tokens.isValid(found), false);
  assert.equal(tokens.find(sha256(text)), undefined);
  const brief = tokens.create(OWNER, spec('brief', ['read'], null, 0));
  const expired = tokens.find(sha256(brief));
  assert.ok(expired && !tokens.isValid(expired), 'still known, so that its owner is told');
  assert.throws(() => tokens.remove('ci'), { code: 'EUSAGE', message: /there are: brief/ });
  assert.throws(() => tokens.create(OWNER, spec('brief', ['read'])), { code: 'EUSAGE' });
});

test('nobody can grant a right that they lack, or for longer than they have it', () => {
  const tokens = new Tokens(dir);
  const soon = Date.now() + 1000;
  const admin = { ...OWNER, name: 'ops', rights: new Set<Right>(['admin', 'read']), expires: soon };
  assert.throws(() => tokens.create(admin, spec('x', ['exec'])), {
    code: 'EFORBIDDEN',
    message: "'ops' cannot give the right 'exec', which it lacks",
  });
  assert.throws(() => tokens.create(admin, spec('x', ['read'])), {
    code: 'EFORBIDDEN',
    message: /longer than itself/,
  });
  assert.throws(() => tokens.create(admin, spec('x', ['read'], null, 60_000)), { code: 'EFORBIDDEN' });
  assert.ok(tokens.create(admin, spec('x', ['read'], null, 10)));
});

test('rights over the whole hub cannot be limited to a repository', () => {
  const tokens = new Tokens(dir);
  for (const right of ['drone', 'admin'] as const) {
    assert.throws(() => tokens.create(OWNER, spec('x', ['read', right], 'webapp')), { code: 'EUSAGE' });
  }
});

test('a hub that cannot read its tokens does not start', () => {
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"tokens":{}}',
    '{"tokens":[null]}',
    '{"tokens":[{"name":"x"}]}',
  ]) {
    writeFileSync(join(dir, 'tokens.json'), text);
    assert.throws(() => new Tokens(dir), { code: 'ECONFIG' }, text);
  }
});
