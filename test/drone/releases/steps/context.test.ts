import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesIn } from '../../../../src/drone/releases/steps/context.ts';
import { ReleaseWorld } from '../../../fixtures/release-world.ts';

test("a stage's files are in its own directory, and their objects in the repository's mirror", (t) => {
  const { context, dir, release } = new ReleaseWorld(t, null, 'webapp@pr-1');
  assert.deepEqual(filesIn(context, `${release.name}-2`), {
    commit: release.commit,
    mirror: join(dir, 'repos/webapp.git'),
    gitDir: join(dir, `release/${release.name}.git`),
    workTree: join(dir, `deploy/${release.name}-2`),
  });
});
