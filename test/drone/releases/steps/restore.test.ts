import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { checkout } from '../../../../src/drone/releases/steps/checkout.ts';
import { restore } from '../../../../src/drone/releases/steps/restore.ts';
import { needOfApp, ReleaseWorld, recordOf } from '../../../fixtures/release-world.ts';

async function checkedOut(t: TestContext): Promise<ReleaseWorld> {
  const world = new ReleaseWorld(t, { 'a.txt': 'one\n', 'b.txt': 'two\n' });
  await checkout(world.context, world.release.name, false);
  return world;
}

test('the named files are as in the commit again, and all others stay', async (t) => {
  const world = await checkedOut(t);
  for (const file of ['a.txt', 'b.txt']) writeFileSync(world.file(file), 'mine');
  await restore(world.context, world.release.name, ['a.txt']);
  assert.equal(readFileSync(world.file('a.txt'), 'utf8'), 'one\n');
  assert.equal(readFileSync(world.file('b.txt'), 'utf8'), 'mine');
});

test("git's own files are restored too, if they are named", async (t) => {
  const world = await checkedOut(t);
  rmSync(world.file('.git/HEAD'));
  rmSync(world.file('a.txt'));
  await restore(world.context, world.release.name, ['.git', 'a.txt']);
  assert.equal(readFileSync(world.file('.git/HEAD'), 'utf8'), `${world.release.commit}\n`);
  assert.equal(readFileSync(world.file('a.txt'), 'utf8'), 'one\n');
});

for (const prepared of ['built', 'no'] as const) {
  const owner = prepared === 'built' ? "the app's user" : 'the drone';
  const skip = process.getuid?.() === 0 ? false : 'needs root';
  test(`a restored file of a checkout that is prepared: ${prepared}, belongs to ${owner}`, {
    skip,
  }, async (t) => {
    const world = await checkedOut(t);
    world.store.write(world.release, recordOf(world.release.name, { prepared }));
    world.store.writeNeed(world.release, needOfApp({ user: 'nobody' }));
    rmSync(world.file('a.txt'));
    await restore(world.context, world.release.name, ['a.txt']);
    assert.equal(statSync(world.file('a.txt')).uid === 0, prepared === 'no');
    assert.equal(statSync(world.file('b.txt')).uid, 0);
  });
}
