import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { releaseOf } from '../../../src/drone/releases/release.ts';
import { ReleaseStore } from '../../../src/drone/releases/store.ts';
import { needOfApp, ReleaseWorld, recordOf } from '../../fixtures/release-world.ts';

const [A, B] = ['a'.repeat(40), 'b'.repeat(40)];

test('the releases of a drone are what has a directory, whichever app it is of', (t) => {
  const { store, write } = bound(t);
  assert.deepEqual(store.releases(), [], 'a new drone has no folder for them');
  for (const name of [`webapp.${A}`, `webapp.${A}-2`, `webapp@pr-1.${B}`, `api.${A}`, `.tmp-webapp.${A}.7`])
    write(`deploy/${name}/a.txt`);
  assert.deepEqual(store.directoriesOf(releaseOf('webapp', A)).sort(), [`webapp.${A}`, `webapp.${A}-2`]);
  assert.deepEqual(store.commitsOf('webapp').sort(), [A, B], 'each once, those of stages too');
});

test('a record is there for the next drone', (t) => {
  const { world, store } = bound(t);
  const record = recordOf(world.release.name, { state: 'failed', why: 'no disk' });
  store.write(world.release, record);
  assert.deepEqual(new ReleaseStore(world.dir, () => {}).read(world.release), record);
  assert.deepEqual(world.onDisk, record);
});

test('what was only assumed is known to this drone alone', (t) => {
  const { world, store } = bound(t);
  store.assume(world.release, recordOf(world.release.name));
  assert.equal(store.read(world.release)?.state, 'ready');
  assert.equal(new ReleaseStore(world.dir, () => {}).read(world.release), null);
});

test('an unreadable record is reported once, removed, and counts as none', (t) => {
  const { world, store, write } = bound(t);
  const path = write(`release/${world.release.name}.json`, '{"state": "flying"}');
  assert.equal(store.read(world.release), null);
  assert.equal(existsSync(path), false);
  assert.equal(world.said.length, 1);
  assert.match(world.said[0] ?? '', /webapp\.c+\.json cannot be read and is removed, and its checkout/);
  assert.equal(store.read(world.release), null);
  assert.equal(world.said.length, 1);
});

test('if the disk does not take a record, it is kept in memory, and the operator is told', (t) => {
  const { world, store, write } = bound(t);
  write('release', 'a file where the folder should be');
  store.write(world.release, recordOf(world.release.name));
  assert.equal(store.read(world.release)?.state, 'ready');
  assert.equal(world.said.length, 1);
});

test('what an app needs is read back; without it, or if it cannot be read, the release was never prepared', (t) => {
  const { world, store, write } = bound(t);
  const { release } = world;
  assert.equal(store.isPrepared(release), false);
  assert.equal(store.need(release), null);
  assert.deepEqual(world.said, []);
  const need = needOfApp({ build: ['make'], env: { KEY: 'v' }, shared: [{ path: 'up', directory: true }] });
  store.writeNeed(release, need);
  assert.equal(store.isPrepared(release), true);
  assert.deepEqual(store.need(release), need);
  write(`release/${release.name}.need.json`, 'garbage');
  assert.equal(store.need(release), null);
  assert.match(world.said.join(), /need\.json cannot be read/);
});

test('what is forgotten leaves nothing on disk or in memory, and other releases stay', (t) => {
  const { world, store } = bound(t);
  const other = releaseOf('webapp', A);
  for (const release of [world.release, other]) {
    store.write(release, recordOf(release.name));
    store.writeNeed(release, needOfApp());
  }
  store.forget(world.release);
  assert.equal(store.read(world.release), null);
  assert.deepEqual(readdirSync(store.folder).sort(), [`webapp.${A}.json`, `webapp.${A}.need.json`]);
});

test('caches come from the checkout that was built last, of the same app, if it is still there', (t) => {
  const { store, write } = bound(t);
  const built = (app: string, commit: string, builtAt: number, more = {}) => {
    const release = releaseOf('webapp', commit, app);
    write(`deploy/${release.name}/a.txt`);
    store.write(release, recordOf(release.name, { prepared: 'built', builtAt, ...more }));
  };
  assert.equal(store.lastBuilt('webapp'), null);
  built('webapp', A, 5);
  built('webapp', B, 9);
  built('webapp@pr-1', A, 20);
  built('webapp', 'd'.repeat(40), 30, { prepared: 'linked' });
  built('webapp', 'e'.repeat(40), 40, { directory: 'gone' });
  assert.equal(store.lastBuilt('webapp'), store.pathOf(`webapp.${B}`));
});

test('whatever borrows objects is listed with the mirror of its repository', (t) => {
  const { world, store, write } = bound(t);
  write(`deploy/webapp@pr-1.${A}/a.txt`);
  write(`deploy/.tmp-webapp.${A}.1/a.txt`);
  mkdirSync(join(world.dir, `release/api.${B}.git`), { recursive: true });
  write(`release/api.${B}.json`);
  assert.deepEqual(store.borrowers(), [
    {
      gitDir: join(world.dir, `deploy/webapp@pr-1.${A}/.git`),
      mirror: join(world.dir, 'repos/webapp.git'),
    },
    { gitDir: join(world.dir, `release/api.${B}.git`), mirror: join(world.dir, 'repos/api.git') },
  ]);
});

test('a folder that cannot be read is an error that names it: nothing may look as if it were empty', (t) => {
  const { world, store } = bound(t);
  writeFileSync(join(world.dir, 'deploy'), '');
  assert.throws(() => store.directories(), { code: 'EIO', message: /cannot read .*deploy: / });
});

function bound(t: TestContext) {
  const world = new ReleaseWorld(t);
  return { world, store: world.store, write: (path: string, text?: string) => world.write(path, text) };
}
