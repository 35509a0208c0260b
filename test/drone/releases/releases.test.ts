import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Client } from '../../../src/index.ts';
import { eventually, git, LocalFleet, processesOf } from '../../fixtures/local-fleet.ts';

const fleet = new LocalFleet();
const said: string[] = [];
const DRONE = join(fleet.dir, 'web1');
const DEPLOY = join(DRONE, 'deploy');
let client: Client;
before(async () => {
  await fleet.startHub();
  await fleet.startDrone('web1', { problem: (line) => said.push(line) });
  client = await fleet.connect();
});
after(() => fleet.end());

const FILES = { 'a.txt': 'one\n', 'b.txt': 'two\n', 'sleep.sh': 'exec sleep 300\n' };

/** Deploys an app of that name; its directory, commit, and the checkout. */
async function deployed(name: string, files: Record<string, string> = FILES) {
  const app = fleet.app(name, files);
  const { commit } = await client.deploy({ dir: app });
  return { app, commit, name: `${name}.${commit}`, path: join(DEPLOY, `${name}.${commit}`) };
}

async function deployAgain(app: string): Promise<void> {
  const { drones } = await client.deploy({ dir: app });
  assert.deepEqual(drones, { web1: null });
}

const read = (...path: string[]) => readFileSync(join(...path), 'utf8');
const recordOf = (name: string) =>
  JSON.parse(read(DRONE, 'release', `${name}.json`)) as Record<string, unknown>;

test('a link that points out of the checkout stays a link, and its target is not touched', async () => {
  const outside = join(fleet.dir, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'mine'), 'mine');
  const app = fleet.app('linked', { 'a.txt': 'a' });
  symlinkSync(outside, join(app, 'out'));
  git(app, 'add', '-A');
  git(app, 'commit', '-q', '-m', 'a link');
  const first = await client.deploy({ dir: app });
  // The next commit has a directory where the link was.
  git(app, 'rm', '-q', 'out');
  mkdirSync(join(app, 'out'));
  writeFileSync(join(app, 'out/mine'), 'theirs');
  git(app, 'add', '-A');
  git(app, 'commit', '-q', '-m', 'a directory');
  const { commit, drones } = await client.deploy({ dir: app });
  assert.deepEqual(drones, { web1: null });
  assert.equal(read(DEPLOY, `linked.${commit}`, 'out/mine'), 'theirs');
  assert.ok(lstatSync(join(DEPLOY, `linked.${first.commit}`, 'out')).isSymbolicLink());
  assert.equal(read(outside, 'mine'), 'mine');
});

test('a checkout that someone removed is made again when it is needed', async () => {
  const { app, path } = await deployed('gone');
  rmSync(path, { recursive: true });
  const { drones } = await client.spawn({ dir: app, command: ['sh', 'sleep.sh'] });
  assert.equal(drones['web1']?.error, null);
  await eventually(() => existsSync(path), 'it is there again');
});

test('a release is recorded when it is ready', async () => {
  const { name } = await deployed('recorded');
  const { state, directory, version } = recordOf(name);
  assert.deepEqual({ state, directory, version }, { state: 'ready', directory: name, version: 1 });
});

const DAMAGE: Record<string, (path: string) => void> = {
  'a file is empty': (path) => truncateSync(join(path, 'a.txt'), 0),
  'a file was removed': (path) => rmSync(join(path, 'a.txt')),
  'a file was edited': (path) => writeFileSync(join(path, 'a.txt'), 'eno\n'),
  'a file was made executable': (path) => chmodSync(join(path, 'a.txt'), 0o755),
  'a file became a directory': (path) => {
    rmSync(join(path, 'a.txt'));
    mkdirSync(join(path, 'a.txt/b'), { recursive: true });
  },
  'the checkout has no index': (path) => rmSync(join(path, '.git/index')),
  "the checkout's HEAD is empty": (path) => truncateSync(join(path, '.git/HEAD'), 0),
  'all of its .git is gone': (path) => rmSync(join(path, '.git'), { recursive: true }),
};

test('the next deploy repairs damage in place, and leaves files that are not part of the commit', async () => {
  const { app, path, name } = await deployed('damaged');
  mkdirSync(join(path, 'uploads'));
  writeFileSync(join(path, 'uploads/mine'), 'mine');
  for (const [what, damage] of Object.entries(DAMAGE)) {
    said.length = 0;
    damage(path);
    await deployAgain(app);
    assert.equal(read(path, 'a.txt'), 'one\n', what);
    assert.equal(statSync(join(path, 'a.txt')).mode & 0o111, 0, what);
    assert.equal(git(path, 'status', '--porcelain', '-uno'), '', what);
    assert.equal(git(path, 'log', '--format=%s'), 'change', what);
    assert.equal(read(path, 'uploads/mine'), 'mine');
    assert.equal(said.length, 1, what);
    assert.match(
      said[0] ?? '',
      /^damaged\/[0-9a-f]{40} was changed on this drone \((a\.txt|\.git)\): restored$/,
    );
  }
  assert.equal(recordOf(name)['state'], 'ready');
});

test('a deploy of an intact checkout changes nothing, even if files were touched', async () => {
  const { app, path } = await deployed('touched');
  const { ino } = statSync(path);
  writeFileSync(join(path, 'built.js'), 'of the app');
  utimesSync(join(path, 'a.txt'), 1, 1);
  said.length = 0;
  await deployAgain(app);
  assert.deepEqual(said, []);
  assert.equal(statSync(path).ino, ino);
  assert.equal(read(path, 'built.js'), 'of the app');
  assert.equal(statSync(join(path, 'a.txt')).mtimeMs, 1000);
});

test('while something runs from a damaged checkout, a new one is made beside it for later starts', async () => {
  const { app, path, name } = await deployed('running', FILES);
  const { drones } = await client.spawn({ dir: app, command: ['sh', 'sleep.sh'] });
  const id = drones['web1']?.id ?? '';
  writeFileSync(join(path, 'a.txt'), 'changed by the app');
  said.length = 0;
  await deployAgain(app);
  assert.equal(read(path, 'a.txt'), 'changed by the app', 'what runs is not touched');
  assert.equal(read(DEPLOY, `${name}-2`, 'a.txt'), 'one\n');
  assert.match(said[0] ?? '', new RegExp(`checked out again in deploy/${name}-2$`));
  assert.equal(recordOf(name)['directory'], `${name}-2`);
  await deployAgain(app);
  assert.ok(!existsSync(join(DEPLOY, `${name}-3`)), 'once is enough');

  await client.restart([id], {});
  const pid = await eventually(() => processesOf(DRONE).find((one) => one.id === id)?.pid, 'it runs again');
  assert.equal(realpathSync(`/proc/${pid}/cwd`), `${path}-2`);
  assert.equal(read(path, 'a.txt'), 'changed by the app', 'and nothing of it is thrown away');
});

test('a forced deploy makes a new checkout: in place, or beside the old one while something runs', async () => {
  const { app, path, name } = await deployed('forced');
  const { ino } = statSync(path);
  writeFileSync(join(path, 'built.js'), 'of the app');
  assert.deepEqual((await client.deploy({ dir: app, force: true })).drones, { web1: null });
  assert.notEqual(statSync(path).ino, ino);
  assert.deepEqual(readdirSync(path).sort(), ['.git', ...Object.keys(FILES)].sort());

  const { drones } = await client.spawn({ dir: app, command: ['sh', 'sleep.sh'] });
  await client.deploy({ dir: app, force: true });
  assert.ok(existsSync(join(DEPLOY, `${name}-2`, 'a.txt')));
  await client.stop([drones['web1']?.id ?? ''], {});
  await client.deploy({ dir: app, force: true });
  assert.equal(recordOf(name)['directory'], `${name}-2`);
  assert.ok(!existsSync(join(DEPLOY, `${name}-3`)), 'nothing ran from that one');
  assert.deepEqual(
    readdirSync(DEPLOY).filter((one) => one.startsWith('.')),
    [],
  );
});

test('a checkout of an older fleet, without a record, is accepted until the next deploy', async () => {
  const dir = join(fleet.dir, 'web3');
  const drone = await fleet.startDrone('web3', { dir });
  const app = fleet.app('older', FILES);
  const { commit } = await client.deploy({ dir: app });
  await drone.close();
  rmSync(join(dir, 'release'), { recursive: true });
  const path = join(dir, 'deploy', `older.${commit}`);
  writeFileSync(join(path, 'a.txt'), 'changed by the app');
  truncateSync(join(path, 'b.txt'), 0);
  const again = await fleet.startDrone('web3', { dir });
  const { drones } = await client.spawn({ dir: app, command: ['sh', 'sleep.sh'], drones: ['web3'] });
  assert.equal(drones['web3']?.error, null);
  assert.equal(read(path, 'a.txt'), 'changed by the app');
  assert.equal(read(path, 'b.txt'), 'two\n', 'an empty file is what a power cut leaves');
  await client.stop([drones['web3']?.id ?? ''], {});
  const { drones: results } = await client.deploy({ dir: app });
  assert.equal(results['web3'], null);
  assert.equal(read(path, 'a.txt'), 'one\n');
  await again.close();
});

test('the first start after another boot looks for what a power cut emptied, and for nothing else', async () => {
  const dir = join(fleet.dir, 'web4');
  const drone = await fleet.startDrone('web4', { dir });
  const app = fleet.app('cut', { ...FILES, 'c.txt': 'three\n' });
  const { commit } = await client.deploy({ dir: app });
  await drone.close();
  const path = join(dir, 'deploy', `cut.${commit}`);
  const file = join(dir, 'release', `cut.${commit}.json`);
  const record = JSON.parse(read(file)) as object;
  writeFileSync(file, JSON.stringify({ ...record, boot: 'another one', key: 'of a newer fleet' }));
  writeFileSync(join(path, 'a.txt'), 'changed by the app');
  truncateSync(join(path, 'b.txt'), 0);
  writeFileSync(join(path, 'c.txt'), Buffer.alloc(6));
  const again = await fleet.startDrone('web4', { dir });
  const start = () => client.spawn({ dir: app, command: ['sh', 'sleep.sh'], drones: ['web4'] });
  assert.equal((await start()).drones['web4']?.error, null);
  assert.equal(read(path, 'a.txt'), 'changed by the app');
  assert.equal(read(path, 'b.txt'), 'two\n');
  assert.equal(read(path, 'c.txt'), 'three\n');
  truncateSync(join(path, 'b.txt'), 0);
  assert.equal((await start()).drones['web4']?.error, null);
  assert.equal(read(path, 'b.txt'), '', 'one look is enough: a start is cheap');
  await again.close();
});

test('a directory below deploy/ that was moved to another disk still gives git its history', async () => {
  const dir = join(fleet.dir, 'web2');
  const drone = await fleet.startDrone('web2', { dir });
  const app = fleet.app('moved', FILES);
  const { commit } = await client.deploy({ dir: app });
  await drone.close();
  const disk = join(fleet.dir, 'disk/of/its/own');
  mkdirSync(disk, { recursive: true });
  renameSync(join(dir, 'deploy'), join(disk, 'deploy'));
  symlinkSync(join(disk, 'deploy'), join(dir, 'deploy'));
  const again = await fleet.startDrone('web2', { dir });
  const checkout = join(dir, 'deploy', `moved.${commit}`);
  const alternates = join(checkout, '.git/objects/info/alternates');
  await eventually(() => isAbsolute(read(alternates)), 'it is shown the way');
  assert.equal(git(checkout, 'log', '--format=%s'), 'change');
  await again.close();
});
