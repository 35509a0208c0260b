import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Vault } from '../../../src/hub/apps/vault.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

test('what is sealed is opened by the same key only, and looks different each time', (t) => {
  const dir = temporaryFolder(t);
  const vault = new Vault(dir);
  const sealed = ['', 'geheim', '🔑'.repeat(10_000)].map((value) => [value, vault.seal(value)] as const);
  for (const [value, text] of sealed) {
    assert.equal(new Vault(dir).open(text), value);
    assert.notEqual(vault.seal(value), text);
    assert.doesNotMatch(text, /geheim/);
  }
  assert.equal(statSync(join(dir, 'hub.key')).mode & 0o777, 0o600);
  const [, [, text = ''] = []] = sealed;
  assert.throws(() => new Vault(temporaryFolder(t)).open(text), {
    code: 'ECONFIG',
    message: /put that one back/,
  });
  const changed = Buffer.from(text, 'base64');
  changed[14] = (changed[14] ?? 0) ^ 1;
  assert.throws(() => vault.open(changed.toString('base64')), { code: 'ECONFIG' });
  assert.throws(() => vault.open(''), { code: 'ECONFIG' });
});

test('a key that is not one is not replaced', (t) => {
  const dir = temporaryFolder(t);
  writeFileSync(join(dir, 'hub.key'), 'oops');
  assert.throws(() => new Vault(dir).seal('x'), { code: 'ECONFIG', message: /is not a key/ });
  assert.equal(readFileSync(join(dir, 'hub.key'), 'utf8'), 'oops');
  rmSync(join(dir, 'hub.key'));
  assert.ok(new Vault(dir).seal('x'));
});

test('a key on a disk that is not mounted, or what is not a file, is not replaced by a new one', (t) => {
  const dir = temporaryFolder(t);
  const path = join(dir, 'hub.key');
  symlinkSync('/nowhere/hub.key', path);
  assert.throws(() => new Vault(dir).seal('x'), { code: 'EIO', message: /cannot read .*hub\.key/ });
  rmSync(path);
  mkdirSync(path);
  const message = `${path} is broken: it is not a file; move it away`;
  assert.throws(() => new Vault(dir).seal('x'), { code: 'ECONFIG', message });
});
