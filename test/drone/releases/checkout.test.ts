import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually, git, LocalFleet } from '../../fixtures/local-fleet.ts';

const fleet = new LocalFleet();
before(async () => {
  await fleet.startHub();
  await fleet.startDrone('web1');
});
after(() => fleet.end());

test('a link that points out of the checkout is a link, and what it points to is not touched', async () => {
  const outside = join(fleet.dir, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'mine'), 'mine');
  const app = fleet.app('linked', { 'a.txt': 'a' });
  symlinkSync(outside, join(app, 'out'));
  git(app, 'add', '-A');
  git(app, 'commit', '-q', '-m', 'a link');
  const client = await fleet.connect();
  await client.deploy({ dir: app });
  // The next commit has a directory where the link was.
  git(app, 'rm', '-q', 'out');
  mkdirSync(join(app, 'out'));
  writeFileSync(join(app, 'out/mine'), 'theirs');
  git(app, 'add', '-A');
  git(app, 'commit', '-q', '-m', 'a directory');
  const { commit, drones } = await client.deploy({ dir: app });
  assert.deepEqual(drones, { web1: null });
  const deploy = join(fleet.dir, 'web1/deploy');
  assert.equal(readFileSync(join(deploy, `linked.${commit}`, 'out/mine'), 'utf8'), 'theirs');
  const linked = readdirSync(deploy).filter((name) => lstatSync(join(deploy, name, 'out')).isSymbolicLink());
  assert.equal(linked.length, 1);
  assert.equal(readFileSync(join(outside, 'mine'), 'utf8'), 'mine');
});

test('a checkout that somebody removed is made again for whoever needs it', async () => {
  const app = fleet.app('gone', { 's.sh': 'exec sleep 300' });
  const client = await fleet.connect();
  const { commit } = await client.deploy({ dir: app });
  const path = join(fleet.dir, 'web1/deploy', `gone.${commit}`);
  rmSync(path, { recursive: true });
  const { drones } = await client.spawn({ dir: app, command: ['sh', 's.sh'] });
  assert.equal(drones['web1']?.error, null);
  await eventually(() => existsSync(path), 'it is there again');
});
