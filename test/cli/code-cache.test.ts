import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cacheOf } from '../../src/cli/code-cache.ts';

test("compiled code is kept in the user's cache, and only where no other user can change it", (t) => {
  const home = mkdtempSync(join(tmpdir(), 'fleet-cache-'));
  t.after(() => rmSync(home, { recursive: true }));
  assert.equal(cacheOf({ HOME: home }), join(home, '.cache/fleet'));
  assert.equal(cacheOf({ HOME: '/nowhere', XDG_CACHE_HOME: home }), join(home, 'fleet'));
  assert.equal(cacheOf({ HOME: join(home, 'nowhere') }), null);
  assert.equal(cacheOf({}), null);
  for (const mode of [0o720, 0o702, 0o777]) {
    chmodSync(home, mode);
    assert.equal(cacheOf({ HOME: home }), null, mode.toString(8));
  }
  t.mock.method(process as { geteuid(): number }, 'geteuid', () => 12_345);
  chmodSync(home, 0o700);
  assert.equal(cacheOf({ HOME: home }), null, 'it belongs to another user');
});
