import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { releaseOf } from '../../../../src/drone/releases/release.ts';
import { copyCaches } from '../../../../src/drone/releases/steps/caches.ts';
import { ReleaseWorld, recordOf } from '../../../fixtures/release-world.ts';

/** A checkout, and one that was built before. */
function built(t: TestContext) {
  const world = new ReleaseWorld(t);
  const before = releaseOf('webapp', 'b'.repeat(40));
  world.store.write(before, recordOf(before.name, { prepared: 'built', builtAt: 1 }));
  for (const { name } of [before, world.release]) world.write(`deploy/${name}/a.txt`, name);
  const old = (path: string, text: string) => world.write(`deploy/${before.name}/${path}`, text);
  const copy = (...paths: string[]) => copyCaches(world.context, world.file(), paths);
  return { world, before: world.store.pathOf(before.name), old, copy };
}

test('what the last build has in the place of a cache is copied, with its folders', async (t) => {
  const { world, old, copy } = built(t);
  old('web/node_modules/x/index.js', 'x');
  old('other/y', 'y');
  await copy('web/node_modules', 'not/there');
  assert.equal(readFileSync(world.file('web/node_modules/x/index.js'), 'utf8'), 'x');
  assert.equal(existsSync(world.file('other')), false);
  assert.equal(existsSync(world.file('not')), false);
  assert.deepEqual(world.said, []);
});

test('what the commit itself has stays', async (t) => {
  const { world, copy } = built(t);
  await copy('a.txt');
  assert.equal(readFileSync(world.file('a.txt'), 'utf8'), world.release.name);
});

test('a link is not copied: it may lead anywhere', async (t) => {
  const { world, before, copy } = built(t);
  symlinkSync('/etc', join(before, 'cache'));
  await copy('cache');
  assert.equal(existsSync(world.file('cache')), false);
});

test('a cache that cannot be copied is reported and left out, and the others are copied', async (t) => {
  const { world, before, old, copy } = built(t);
  mkdirSync(join(before, 'real'));
  symlinkSync('real', join(before, 'linked'));
  old('real/x', 'x');
  old('good/x', 'x');
  await copy('linked/x', 'good');
  assert.equal(existsSync(world.file('linked/x')), false);
  assert.equal(readFileSync(world.file('good/x'), 'utf8'), 'x');
  assert.deepEqual(world.said, [
    `the cache linked/x of ${world.release.name} is not copied: linked/x leads through linked, which is not a directory`,
  ]);
});

test('a path that leads out of the new checkout is an error, before anything is copied', async (t) => {
  const { world, old, copy } = built(t);
  symlinkSync('/etc', world.file('out'));
  old('good/x', 'x');
  await assert.rejects(copy('good', 'out/x'), { code: 'EUSAGE' });
  assert.equal(existsSync(world.file('good')), false);
});

test('without a build before, and for the last build itself, there is nothing to copy', async (t) => {
  const { world, before, old } = built(t);
  old('cache/x', 'x');
  await copyCaches(world.context, before, ['cache']);
  const first = new ReleaseWorld(t);
  await copyCaches(first.context, first.file(), ['cache']);
  assert.deepEqual([...world.said, ...first.said], []);
});
