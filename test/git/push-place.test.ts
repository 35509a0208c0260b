import assert from 'node:assert/strict';
import { existsSync, mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { placeForPush } from '../../src/git/push-place.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

/** Sets a variable of the environment for one test. */
function withVariable(t: TestContext, name: string, value: string): void {
  const before = process.env[name];
  process.env[name] = value;
  t.after(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}

/** The user's cache is in this directory. */
const withCache = (t: TestContext, dir: string) => withVariable(t, 'XDG_CACHE_HOME', dir);

test("a push takes place in the user's cache, where only the user can look", async (t) => {
  const cache = join(temporaryFolder(t), 'cache');
  withCache(t, cache);
  assert.equal(await placeForPush(), join(cache, 'fleet/push-'));
  assert.equal(statSync(join(cache, 'fleet')).mode & 0o777, 0o700);
});

test('what clients that were killed left is removed after a day, and nothing else', async (t) => {
  const cache = temporaryFolder(t);
  withCache(t, cache);
  const paths = ['push-old', 'push-new', 'nodes'].map((name) => join(cache, 'fleet', name));
  for (const path of paths) mkdirSync(path, { recursive: true });
  const aDayAgo = Date.now() / 1000 - 25 * 3_600;
  for (const path of [paths[0], paths[2]]) utimesSync(path ?? '', aDayAgo, aDayAgo);
  await placeForPush();
  assert.deepEqual(
    paths.map((path) => existsSync(path)),
    [false, true, true],
  );
});

test('if the cache cannot be used, it is the directory for temporary files', async (t) => {
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, '');
  withCache(t, file);
  assert.equal(await placeForPush(), join(tmpdir(), 'fleet-push-'));
});

test('if the home directory is no absolute path, it is the directory for temporary files', async (t) => {
  withCache(t, '');
  for (const home of ['', 'here']) {
    withVariable(t, 'HOME', home);
    assert.equal(await placeForPush(), join(tmpdir(), 'fleet-push-'));
  }
});
