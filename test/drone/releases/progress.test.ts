import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Progress } from '../../../src/drone/releases/progress.ts';
import { ReleaseWorld, recordOf } from '../../fixtures/release-world.ts';

test('before anything is recorded, a release is where its name says, and is not ready', (t) => {
  const world = new ReleaseWorld(t);
  const progress = new Progress(world.context);
  assert.equal(progress.known, null);
  assert.equal(progress.directory, world.release.name);
  assert.equal(progress.isReady, false);
  assert.equal(progress.isThere, false);
  world.write(`deploy/${world.release.name}/a.txt`);
  assert.equal(progress.isThere, true);
});

test('a change keeps what was known but the reason of an earlier failure, and notes boot and time', (t) => {
  const world = new ReleaseWorld(t);
  const progress = new Progress(world.context);
  const before = { prepared: 'built', builtAt: 7, byHandAt: 8, boot: 'before', why: 'no disk' } as const;
  world.store.write(world.release, recordOf(`${world.release.name}-2`, before));
  const began = Date.now();
  progress.record({ state: 'checked-out' });
  const { at, ...record } = world.onDisk ?? recordOf('');
  assert.ok(at >= began && at <= Date.now());
  assert.deepEqual(record, {
    ...{
      version: 1,
      state: 'checked-out',
      directory: `${world.release.name}-2`,
      boot: 'this boot',
      why: null,
    },
    ...{ prepared: 'built', job: null, builtAt: 7, byHandAt: 8 },
  });
});

test('a release is ready only in the boot that found it so', (t) => {
  const world = new ReleaseWorld(t);
  const progress = new Progress(world.context);
  for (const [state, boot, isReady] of [
    ['ready', 'this boot', true],
    ['ready', 'the boot before', false],
    ['checked-out', 'this boot', false],
  ] as const) {
    world.store.write(world.release, recordOf(world.release.name, { state, boot }));
    assert.equal(progress.isReady, isReady, `${state} in ${boot}`);
  }
});

test('what could not be verified is ready until the drone ends, and not on disk', (t) => {
  const world = new ReleaseWorld(t);
  const progress = new Progress(world.context);
  progress.assumeReady();
  assert.equal(progress.isReady, true);
  assert.equal(world.onDisk, undefined);
});

for (const [files, named] of [
  [['a', 'b', 'c'], 'a, b, c'],
  [['a', 'b', 'c', 'd', 'e'], 'a, b, c and 2 more'],
] as const) {
  test(`of ${files.length} changed files, the operator reads ${named}`, (t) => {
    const world = new ReleaseWorld(t, null, 'webapp@pr-1');
    new Progress(world.context).say(files, 'restored');
    assert.deepEqual(world.said, [
      `webapp@pr-1/${world.release.commit} was changed on this drone (${named}): restored`,
    ]);
  });
}
