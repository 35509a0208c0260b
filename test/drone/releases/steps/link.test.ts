import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
} from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkout } from '../../../../src/drone/releases/steps/checkout.ts';
import { filesIn } from '../../../../src/drone/releases/steps/context.ts';
import { link } from '../../../../src/drone/releases/steps/link.ts';
import { changedFiles } from '../../../../src/git/tracked-files.ts';
import { needOfApp, ReleaseWorld } from '../../../fixtures/release-world.ts';

const FILES = { 'config.json': '{}\n', 'a.txt': 'one\n' };
const shared = (path: string, directory: boolean) => needOfApp({ shared: [{ path, directory }] });

async function checkedOut(t: TestContext) {
  const world = new ReleaseWorld(t, FILES);
  const { context, release, store } = world;
  await checkout(context, release.name, false);
  const folder = store.shared(release);
  return { world, folder, linked: (need = needOfApp()) => link(context, release.name, need) };
}

test('a shared file replaces what the commit has there, and does not count as a change', async (t) => {
  const { world, folder, linked } = await checkedOut(t);
  world.write('shared/webapp/config.json', '{"a":1}');
  await linked(shared('config.json', false));
  assert.equal(readFileSync(world.file('config.json'), 'utf8'), '{"a":1}');
  assert.equal(readlinkSync(world.file('config.json')), '../../shared/webapp/config.json');
  assert.deepEqual(await changedFiles(filesIn(world.context, world.release.name)), []);
  assert.ok(existsSync(folder));
});

test('a shared directory begins with what the commit has in its place, and is empty otherwise', async (t) => {
  const { world, folder, linked } = await checkedOut(t);
  world.write(`deploy/${world.release.name}/up/first.png`, 'first');
  await linked(needOfApp({ shared: ['up', 'deep/down'].map((path) => ({ path, directory: true })) }));
  assert.equal(readFileSync(join(folder, 'up/first.png'), 'utf8'), 'first');
  assert.ok(lstatSync(join(folder, 'deep/down')).isDirectory());
  assert.ok(lstatSync(world.file('up')).isSymbolicLink());
  assert.equal(readlinkSync(world.file('deep/down')), '../../../shared/webapp/deep/down');
});

test('a shared directory that is there is not touched', async (t) => {
  const { world, folder, linked } = await checkedOut(t);
  world.write('shared/webapp/up/mine', 'mine');
  world.write(`deploy/${world.release.name}/up/first.png`, 'first');
  await linked(shared('up', true));
  assert.equal(readFileSync(world.file('up/mine'), 'utf8'), 'mine');
  assert.deepEqual(readdirSync(join(folder, 'up')), ['mine']);
});

test('if deploy/ is a link to another disk, the links are absolute', async (t) => {
  const { world, linked } = await checkedOut(t);
  mkdirSync(join(world.dir, 'far/away'), { recursive: true });
  renameSync(world.store.deploy, join(world.dir, 'far/away/deploy'));
  symlinkSync('far/away/deploy', world.store.deploy);
  await linked(shared('up', true));
  assert.ok(isAbsolute(readlinkSync(world.file('up'))));
  assert.ok(existsSync(world.file('up/.')));
});

test('an app that needs nothing has a folder of shared files, and its checkout stays as it is', async (t) => {
  const { world, folder, linked } = await checkedOut(t);
  const before = lstatSync(join(world.store.gitDir(world.release), 'index')).ino;
  await linked();
  assert.ok(existsSync(folder));
  assert.equal(lstatSync(join(world.store.gitDir(world.release), 'index')).ino, before);
});

test('a path that leads out of the checkout is a mistake of the app, any other failure one of the disk', async (t) => {
  const { world, linked } = await checkedOut(t);
  symlinkSync('/etc', world.file('out'));
  await assert.rejects(linked(shared('out/x', false)), { code: 'EUSAGE' });
  world.write('shared/webapp/file', '');
  await assert.rejects(linked(shared('a.txt/x', false)), { code: 'EUSAGE' });
  await assert.rejects(link(world.context, 'gone', needOfApp({ build: ['make'] })), { code: /EIO|EGIT/ });
});
