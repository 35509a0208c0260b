import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advice } from '../../src/cli/rotate-secret.ts';
import { stage } from '../fixtures/stage.ts';

const on = stage([], { 'a.txt': 'a' });

test('it says until when who has to get the new secret, in lines that fit', () => {
  const text = advice(Date.UTC(2026, 0, 2, 3, 4));
  assert.match(text, /^the old secret is refused from 2026-01-02 03:04 UTC on/);
  for (const line of text.split('\n')) assert.ok(line.length <= 100, line);
});

test('the new secret is printed alone, and works at once; the old one warns', async () => {
  const { code, stdout, stderr } = await on.cli('hub', 'rotate-secret', '--grace=1h');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^[\w-]{43}\n$/);
  assert.match(stderr, /^the old secret is refused from .* UTC on/);
  const fresh = await on.cli('audit', '--json', `--secret=${stdout.trim()}`);
  assert.deepEqual([fresh.code, fresh.stderr], [0, '']);
  assert.ok(!fresh.stdout.includes(stdout.trim()));
  const old = await on.cli('ps');
  assert.equal(old.code, 0);
  assert.match(old.stderr, /^warning: the secret of the hub was replaced: from .* ask for the new one\n/);
  const again = await on.cli('hub', 'rotate-secret');
  assert.equal(again.code, 1);
  assert.match(
    again.stderr,
    /^fleet: only whoever has the secret of the hub that is in force can replace it$/m,
  );
});
