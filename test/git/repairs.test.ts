import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brokenObjects } from '../../src/git/mend-objects.ts';
import type { Client } from '../../src/index.ts';
import { commit as commitTo, git, LocalFleet } from '../fixtures/local-fleet.ts';

const fleet = new LocalFleet();
const repos = join(fleet.dir, 'hub/repos');
let client: Client;
before(async () => {
  await fleet.startHub();
  await fleet.startDrone('web1');
  client = await fleet.connect();
});
after(() => fleet.end());

function objectsOf(repository: string): string[] {
  const names = readdirSync(join(repository, 'objects'), { recursive: true, encoding: 'utf8' });
  return names.map((name) => join(repository, 'objects', name)).filter((path) => statSync(path).isFile());
}

function overwrite(path: string, text: string): void {
  chmodSync(path, 0o600);
  writeFileSync(path, text);
}

const loose = (repository: string, hash: string) =>
  join(repository, 'objects', hash.slice(0, 2), hash.slice(2));

/** Each damages the hub's repository. */
const DAMAGE: Record<string, (repository: string, commit: string) => void> = {
  'the ref of a commit is empty': (path, commit) => truncateSync(join(path, 'refs/fleet', commit), 0),
  'the ref of a commit is garbage': (path, commit) =>
    writeFileSync(join(path, 'refs/fleet', commit), 'garbage'),
  'a branch is empty': (path) => truncateSync(join(path, 'refs/heads/deployed'), 0),
  'a commit is empty': (path, commit) => overwrite(loose(path, commit), ''),
  'a file is garbage': (path, commit) =>
    overwrite(loose(path, git(path, 'rev-parse', `${commit}:a.txt`)), 'garbage'),
  'all objects are empty': (path) => {
    for (const object of objectsOf(path)) overwrite(object, '');
  },
  'a pack is cut off': (path) => {
    git(path, 'repack', '-adq');
    const pack = objectsOf(path).find((one) => one.endsWith('.pack')) ?? '';
    chmodSync(pack, 0o600);
    truncateSync(pack, 50);
  },
  'HEAD is empty': (path) => truncateSync(join(path, 'HEAD'), 0),
  'HEAD is missing': (path) => rmSync(join(path, 'HEAD')),
  'the settings are garbage': (path) => writeFileSync(join(path, 'config'), '[[['),
};

/** Deploys, if need be a second time. */
async function deploy(dir: string, commit: string): Promise<void> {
  const once = async () => {
    const { drones } = await client.deploy({ dir, commit });
    if (drones['web1'] !== null) throw drones['web1'] ?? new Error('the drone is not there');
  };
  await once().catch(once);
}

let made = 0;
for (const [what, damage] of Object.entries(DAMAGE)) {
  test(`${what}: the next push replaces it`, async () => {
    const name = `app${++made}`;
    const app = fleet.app(name, { 'a.txt': 'one\n', 'b.txt': 'two\n' });
    const { commit: first } = await client.deploy({ dir: app });
    damage(join(repos, `${name}.git`), first);
    // The drone has to fetch all of it.
    const forget = (...path: string[]) => rmSync(join(fleet.dir, 'web1', ...path), { recursive: true });
    forget('repos', `${name}.git`);
    await deploy(app, commitTo(app, { 'b.txt': 'three\n' }));
    forget('repos', `${name}.git`);
    forget('deploy', `${name}.${first}`);
    await deploy(app, first);
    assert.ok(existsSync(join(fleet.dir, 'web1/deploy', `${name}.${first}`, 'a.txt')));
    assert.equal(git(join(repos, `${name}.git`), 'fsck', '--no-dangling'), '');
  });
}

/** Puts something else in the place of a file or a folder. */
function instead(path: string, make: (path: string) => void): void {
  rmSync(path, { recursive: true, force: true });
  make(path);
}
const folder = (path: string) => mkdirSync(path);
const file = (path: string) => writeFileSync(path, 'garbage\n');
const fifo = (path: string) => execFileSync('mkfifo', [path]);

/** Each keeps git from opening the hub's repository. */
const UNOPENABLE: Record<string, (repository: string) => void> = {
  'HEAD is garbage': (path) => file(join(path, 'HEAD')),
  'HEAD is a directory': (path) => instead(join(path, 'HEAD'), folder),
  'HEAD is a FIFO': (path) => instead(join(path, 'HEAD'), fifo),
  'the packed refs are a FIFO': (path) => instead(join(path, 'packed-refs'), fifo),
  'the settings are garbage': (path) => file(join(path, 'config')),
  'the settings are garbage from the second line on': (path) =>
    writeFileSync(join(path, 'config'), '[core]\n[[[\n'),
  'the settings are a directory': (path) => instead(join(path, 'config'), folder),
  'the folder of objects is a file': (path) => instead(join(path, 'objects'), file),
  'the folder of refs is a file': (path) => instead(join(path, 'refs'), file),
  'the repository is a file': (path) => instead(path, file),
};

for (const [what, damage] of Object.entries(UNOPENABLE)) {
  test(`${what}: it is repaired before it is used, and a deploy works at once`, async () => {
    const name = `app${++made}`;
    const app = fleet.app(name, { 'a.txt': 'one\n', 'fleet.toml': '' });
    const { commit: first } = await client.deploy({ dir: app });
    for (const commit of [first, commitTo(app, { 'a.txt': 'two\n' })]) {
      damage(join(repos, `${name}.git`));
      const { drones } = await client.deploy({ dir: app, commit });
      assert.deepEqual(drones, { web1: null });
    }
    assert.equal(git(join(repos, `${name}.git`), 'fsck', '--no-dangling'), '');
  });
}

test("git's messages about broken objects are understood", () => {
  const said = [
    'error: object file /h/r.git/objects/00/750edc07d6415dcc07ae0351e9397b0222b7ba is empty',
    'error: 00750edc07d6415dcc07ae0351e9397b0222b7ba: object corrupt or missing: /h/r.git/objects/00/750edc07d6415dcc07ae0351e9397b0222b7ba',
    'error: packfile /h/r.git/objects/pack/pack-05634df396079f991e20ec0f54082d794772d77d.pack does not match index',
    'missing blob 00750edc07d6415dcc07ae0351e9397b0222b7ba',
  ].join('\n');
  const { loose: objects, packs } = brokenObjects(said);
  assert.deepEqual(objects, ['objects/00/750edc07d6415dcc07ae0351e9397b0222b7ba']);
  assert.equal(packs.length, 3);
  assert.equal(packs[0], 'objects/pack/pack-05634df396079f991e20ec0f54082d794772d77d.pack');
});
