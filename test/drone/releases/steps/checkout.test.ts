import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkout } from '../../../../src/drone/releases/steps/checkout.ts';
import { FleetError } from '../../../../src/protocol/errors.ts';
import { ReleaseWorld } from '../../../fixtures/release-world.ts';

const FILES = { 'a.txt': 'one\n' };

test('a commit is checked out under its name, tracked, with nothing else beside it', async (t) => {
  const world = new ReleaseWorld(t, FILES);
  assert.equal(await checkout(world.context, world.release.name, false), world.release.name);
  assert.equal(readFileSync(world.file('a.txt'), 'utf8'), 'one\n');
  assert.deepEqual(world.store.directories(), [world.release.name]);
  assert.ok(existsSync(join(world.store.gitDir(world.release), 'index')));
});

for (const [what, mayReplace, isOccupied, expected] of [
  ['a directory that may be replaced', true, false, 'is replaced'],
  ['a directory that something runs from', true, true, 'stays, and the new one is beside it'],
  ['a directory that may not be replaced', false, false, 'stays, and the new one is beside it'],
] as const) {
  test(`${what} ${expected}`, async (t) => {
    const world = new ReleaseWorld(t, FILES);
    const { name } = world.release;
    world.write(`deploy/${name}/old.txt`, 'old');
    if (isOccupied) world.occupied.add(name);
    const isReplaced = expected === 'is replaced';
    const directory = await checkout(world.context, name, mayReplace);
    assert.equal(directory, isReplaced ? name : `${name}-2`);
    assert.equal(existsSync(world.file('old.txt')), !isReplaced);
    assert.equal(readFileSync(join(world.store.pathOf(directory), 'a.txt'), 'utf8'), 'one\n');
    assert.deepEqual(world.store.directories().sort(), isReplaced ? [name] : [name, `${name}-2`]);
  });
}

test('what begins to run while it is checked out keeps its directory', async (t) => {
  const world = new ReleaseWorld(t, FILES);
  const { name } = world.release;
  world.write(`deploy/${name}/old.txt`, 'old');
  const context = {
    ...world.context,
    mirrors: {
      ...world.context.mirrors,
      use: async <T>(_: unknown, work: () => Promise<T>) => {
        const done = await work();
        world.occupied.add(name);
        return done;
      },
    },
  };
  assert.equal(await checkout(context, name, true), `${name}-2`);
});

test('a checkout that fails leaves nothing, and says what git or the disk said', async (t) => {
  const world = new ReleaseWorld(t, FILES);
  const { name } = world.release;
  world.write(`deploy/${name}/old.txt`, 'old');
  const failing = (error: Error) => ({
    ...world.context,
    mirrors: {
      ...world.context.mirrors,
      use: async <T>(_: unknown, work: () => Promise<T>): Promise<T> => {
        await work();
        throw error;
      },
    },
  });
  const git = new FleetError('EGIT', 'git said no');
  await assert.rejects(checkout(failing(git), name, true), git);
  const disk = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
  await assert.rejects(checkout(failing(disk), name, true), {
    code: 'EIO',
    message: /cannot check out into .*deploy: .*no space left/,
  });
  assert.deepEqual(world.store.directories(), [name]);
  assert.ok(existsSync(world.file('old.txt')));
});

test('a temporary directory of an earlier attempt is not in the way', async (t) => {
  const world = new ReleaseWorld(t, FILES);
  const { name } = world.release;
  const temporary = `.tmp-${name}.${process.pid}`;
  world.write(`deploy/${temporary}/half.txt`);
  await checkout(world.context, name, false);
  assert.equal(existsSync(world.file('half.txt')), false);
  assert.deepEqual(world.store.directories(), [name]);
});

test('whether there is room is decided by the size that the hub has told, or else by what git counts', async (t) => {
  const world = new ReleaseWorld(t, FILES);
  const asked: unknown[] = [];
  for (const told of [{ files: 7, bytes: 28_672 }, undefined]) {
    const room = {
      ...world.context.room,
      checkout: (_: string, size: object) => asked.push(size),
      known: () => told,
    };
    await checkout({ ...world.context, room }, world.release.name, true);
  }
  assert.deepEqual(asked, [
    { files: 7, bytes: 28_672 },
    { files: 1, bytes: 4_096 },
  ]);
});
