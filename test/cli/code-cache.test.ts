import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cacheFileOf, keep, readKept } from '../../src/cli/code-cache.ts';

const CODE = new Map([
  ['cli/main.js', { text: Buffer.from('main();'), code: Buffer.from([1, 2, 3]) }],
  ['chunks/ps.js', { text: Buffer.from('exports.ps = 1;'), code: Buffer.alloc(16, 7) }],
]);

function temporaryHome(t: TestContext): string {
  const home = mkdtempSync(join(tmpdir(), 'fleet-cache-'));
  t.after(() => rmSync(home, { recursive: true }));
  return home;
}

test("compiled code is kept in the user's cache, and only where no other user can change it", (t) => {
  const home = temporaryHome(t);
  const node = `${process.version}-${process.arch}`;
  assert.equal(cacheFileOf('ps', { HOME: home }), join(home, '.cache/fleet', node, 'ps'));
  assert.equal(
    cacheFileOf('ps', { HOME: '/nowhere', XDG_CACHE_HOME: home }),
    join(home, 'fleet', node, 'ps'),
  );
  assert.equal(cacheFileOf('ps', { HOME: join(home, 'nowhere') }), null);
  assert.equal(cacheFileOf('ps', {}), null);
  assert.equal(cacheFileOf('ps', { HOME: home, NODE_DISABLE_COMPILE_CACHE: '1' }), null);
  for (const mode of [0o720, 0o702, 0o777]) {
    chmodSync(home, mode);
    assert.equal(cacheFileOf('ps', { HOME: home }), null, mode.toString(8));
  }
  t.mock.method(process as { geteuid(): number }, 'geteuid', () => 12_345);
  chmodSync(home, 0o700);
  assert.equal(cacheFileOf('ps', { HOME: home }), null, 'it belongs to another user');
});

test('what was kept is read again, and aligned as V8 wants it', (t) => {
  const path = join(temporaryHome(t), 'a/b/ps');
  keep(path, CODE);
  const kept = readKept(path);
  assert.deepEqual(kept, CODE);
  for (const { code } of kept.values()) assert.equal(code.byteOffset % 8, 0);
  assert.deepEqual([statSync(path).mode & 0o777, statSync(dirname(path)).mode & 0o777], [0o600, 0o700]);
  assert.deepEqual(readdirSync(dirname(path)), ['ps'], 'no temporary file is left');
});

test('a file of the cache that is missing, cut off, writable by others or of another user counts for nothing', (t) => {
  const path = join(temporaryHome(t), 'ps');
  assert.equal(readKept(path).size, 0);
  keep(path, CODE);
  chmodSync(path, 0o620);
  assert.equal(readKept(path).size, 0);
  chmodSync(path, 0o600);
  const geteuid = t.mock.method(process as { geteuid(): number }, 'geteuid', () => 12_345);
  assert.equal(readKept(path).size, 0);
  geteuid.mock.restore();
  assert.equal(readKept(path).size, 2);
  for (let bytes = statSync(path).size - 1; bytes >= 0; bytes -= 8) {
    truncateSync(path, bytes);
    assert.equal(readKept(path).size, 0, `${bytes} bytes`);
  }
});

test('where nothing can be written, nothing is kept, and that is no error', (t) => {
  const home = temporaryHome(t);
  mkdirSync(join(home, 'ps'));
  writeFileSync(join(home, 'ps/file'), '');
  keep(join(home, 'ps'), CODE);
  keep(join(home, 'ps/file/ps'), CODE);
  assert.deepEqual(readdirSync(home, { recursive: true }).sort(), ['ps', 'ps/file']);
});
