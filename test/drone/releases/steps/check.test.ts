import assert from 'node:assert/strict';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { check } from '../../../../src/drone/releases/steps/check.ts';
import { checkout } from '../../../../src/drone/releases/steps/checkout.ts';
import { ReleaseWorld } from '../../../fixtures/release-world.ts';

async function checkedOut(t: TestContext): Promise<ReleaseWorld> {
  const world = new ReleaseWorld(t, { 'a.txt': 'one\n', 'b.txt': 'two\n', 'c.txt': 'three\n' });
  await checkout(world.context, world.release.name, false);
  return world;
}
const found = ({ context, release }: ReleaseWorld) => check(context, release.name);

test('a checkout as it was made, with more files than the commit has, has not changed', async (t) => {
  const world = await checkedOut(t);
  writeFileSync(world.file('new.txt'), 'new');
  world.occupied.add(world.release.name);
  assert.deepEqual(await found(world), { changed: [], emptied: [], isOccupied: false });
});

test('of what changed, only empty files and blocks of zeros count as lost in a power cut', async (t) => {
  const world = await checkedOut(t);
  writeFileSync(world.file('a.txt'), 'changed\n');
  truncateSync(world.file('b.txt'));
  writeFileSync(world.file('c.txt'), Buffer.alloc(10_000));
  const { changed, emptied } = await found(world);
  assert.deepEqual(changed.sort(), ['a.txt', 'b.txt', 'c.txt']);
  assert.deepEqual(emptied.sort(), ['b.txt', 'c.txt']);
});

test('a file that is gone, or is a directory now, was changed by somebody', async (t) => {
  const world = await checkedOut(t);
  rmSync(world.file('a.txt'));
  rmSync(world.file('b.txt'));
  mkdirSync(world.file('b.txt'));
  const { changed, emptied } = await found(world);
  assert.deepEqual(changed.sort(), ['a.txt', 'b.txt']);
  assert.deepEqual(emptied, []);
});

for (const file of ['HEAD', 'config', 'index', 'objects/info/alternates']) {
  test(`without ${file}, git is broken there; if it is empty, a power cut did it`, async (t) => {
    const world = await checkedOut(t);
    truncateSync(world.file('.git', file));
    assert.deepEqual(await found(world), { changed: ['.git'], emptied: ['.git'], isOccupied: false });
    rmSync(world.file('.git', file));
    assert.deepEqual(await found(world), { changed: ['.git'], emptied: [], isOccupied: false });
  });
}

test('it is said if something runs from a changed checkout', async (t) => {
  const world = await checkedOut(t);
  rmSync(world.file('a.txt'));
  world.occupied.add(world.release.name);
  assert.deepEqual(await found(world), { changed: ['a.txt'], emptied: [], isOccupied: true });
});
