import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { accept } from '../../../../src/drone/releases/steps/accept.ts';
import { check } from '../../../../src/drone/releases/steps/check.ts';
import { checkout } from '../../../../src/drone/releases/steps/checkout.ts';
import { restore } from '../../../../src/drone/releases/steps/restore.ts';
import { ReleaseWorld } from '../../../fixtures/release-world.ts';

test('what a build has made of tracked files is what they should be from then on', async (t) => {
  const world = new ReleaseWorld(t, { 'a.txt': 'one\n', 'b.txt': 'two\n' });
  const { name } = world.release;
  await checkout(world.context, name, false);
  writeFileSync(world.file('a.txt'), 'built\n');
  rmSync(world.file('b.txt'));
  await accept(world.context, name);
  assert.deepEqual((await check(world.context, name)).changed, []);
  writeFileSync(world.file('a.txt'), 'changed later\n');
  await restore(world.context, name, (await check(world.context, name)).changed);
  assert.equal(readFileSync(world.file('a.txt'), 'utf8'), 'built\n');
});
