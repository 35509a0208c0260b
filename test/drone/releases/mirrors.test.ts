import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Client, Drone } from '../../../src/index.ts';
import { commit as commitTo, eventually, git, LocalFleet } from '../../fixtures/local-fleet.ts';

const fleet = new LocalFleet();
const said: string[] = [];
const dir = join(fleet.dir, 'web1');
let client: Client;
let drone: Drone;
const startDrone = () => fleet.startDrone('web1', { dir, problem: (line) => said.push(line) });
before(async () => {
  await fleet.startHub();
  drone = await startDrone();
  client = await fleet.connect();
});
after(() => fleet.end());

function objectsOf(mirror: string): string[] {
  const names = readdirSync(join(mirror, 'objects'), { recursive: true, encoding: 'utf8' });
  return names.map((name) => join(mirror, 'objects', name)).filter((path) => statSync(path).isFile());
}

function overwrite(path: string, text: string): void {
  chmodSync(path, 0o600);
  writeFileSync(path, text);
}

/** Git may find remains of what was broken, and complain, where it has all that it needs. */
function quietly(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

const loose = (mirror: string, hash: string) => join(mirror, 'objects', hash.slice(0, 2), hash.slice(2));
const pack = (mirror: string) => git(mirror, 'repack', '-adq');
const packed = (mirror: string, end: string) => objectsOf(mirror).find((path) => path.endsWith(end)) ?? '';

/** Each damages the mirror of a commit. */
const DAMAGE: Record<string, (mirror: string, commit: string) => void> = {
  'the ref of a commit is empty': (mirror, commit) => truncateSync(join(mirror, 'refs/fleet', commit), 0),
  'a ref is garbage': (mirror) => writeFileSync(join(mirror, 'refs/fleet', 'b'.repeat(40)), 'garbage'),
  'a commit is empty': (mirror, commit) => overwrite(loose(mirror, commit), ''),
  'a file is garbage': (mirror, commit) =>
    overwrite(loose(mirror, git(mirror, 'rev-parse', `${commit}:a.txt`)), 'garbage'),
  'a file is missing': (mirror, commit) => rmSync(loose(mirror, git(mirror, 'rev-parse', `${commit}:a.txt`))),
  'all objects are empty': (mirror) => {
    for (const path of objectsOf(mirror)) overwrite(path, '');
  },
  'a pack is cut off': (mirror) => {
    pack(mirror);
    chmodSync(packed(mirror, '.pack'), 0o600);
    truncateSync(packed(mirror, '.pack'), 50);
  },
  'the index of a pack is empty': (mirror) => {
    pack(mirror);
    overwrite(packed(mirror, '.idx'), '');
  },
  'HEAD is garbage': (mirror) => writeFileSync(join(mirror, 'HEAD'), 'garbage'),
  'HEAD is empty': (mirror) => truncateSync(join(mirror, 'HEAD'), 0),
  'the configuration is garbage': (mirror) => writeFileSync(join(mirror, 'config'), '[[['),
  'packed-refs is garbage': (mirror) => writeFileSync(join(mirror, 'packed-refs'), '\0\0\0\0'),
  'there are no objects at all': (mirror) => rmSync(join(mirror, 'objects'), { recursive: true }),
  'there is nothing at all': (mirror) => rmSync(mirror, { recursive: true }),
};

let made = 0;
for (const [what, damage] of Object.entries(DAMAGE)) {
  test(`${what}: the next deploys work as if nothing had happened`, async () => {
    const name = `app${++made}`;
    const app = fleet.app(name, { 'a.txt': 'one\n', 'b.txt': 'two\n' });
    const first = await client.deploy({ dir: app });
    damage(join(dir, 'repos', `${name}.git`), first.commit);
    said.length = 0;

    const second = commitTo(app, { 'b.txt': 'three\n' });
    assert.deepEqual((await client.deploy({ dir: app })).drones, { web1: null });
    const path = (commit: string) => join(dir, 'deploy', `${name}.${commit}`);
    assert.equal(readFileSync(join(path(second), 'b.txt'), 'utf8'), 'three\n');

    rmSync(path(first.commit), { recursive: true });
    assert.deepEqual((await client.deploy({ dir: app, commit: first.commit })).drones, { web1: null });
    assert.equal(quietly(path(first.commit), 'status', '--porcelain'), '');
    assert.equal(quietly(path(second), 'log', '--format=%s').split('\n').length, 2);
    assert.ok(said.length <= 1, said.join('\n'));
    for (const line of said)
      assert.match(line, /^the mirror of app\d+ was damaged and has been fetched again \(.+\)$/);
    const others = readdirSync(join(dir, 'repos')).filter((one) => /^\.(old|new)-/.test(one));
    await eventually(
      () => others.every((one) => !existsSync(join(dir, 'repos', one))),
      'the old one is gone',
    );
  });
}

test('older checkouts borrow their objects from the mirror that replaced the damaged one', async () => {
  const app = fleet.app('lender', { 'a.txt': 'one\n' });
  const { commit: aside } = await client.deploy({ dir: app });
  git(app, 'checkout', '-q', '--orphan', 'other');
  commitTo(app, { 'a.txt': 'of another history\n' });
  await client.deploy({ dir: app });
  for (const path of objectsOf(join(dir, 'repos/lender.git'))) overwrite(path, '');
  commitTo(app, { 'a.txt': 'and on\n' });
  assert.deepEqual((await client.deploy({ dir: app })).drones, { web1: null });
  const ref = join(dir, 'repos/lender.git/refs/fleet', aside);
  await eventually(() => existsSync(ref), 'the other commits are fetched too');
  assert.equal(git(join(dir, 'deploy', `lender.${aside}`), 'log', '--format=%s'), 'change');
});

test('the first use after another boot finds what a power cut emptied, even if it is not needed now', async () => {
  const app = fleet.app('cut', { 'a.txt': 'one\n' });
  const { commit: first } = await client.deploy({ dir: app });
  const mirror = join(dir, 'repos/cut.git');
  const text = git(mirror, 'rev-parse', `${first}:a.txt`);
  await drone.close();
  overwrite(loose(mirror, text), '');
  rmSync(join(mirror, 'fleet-boot'), { force: true });
  drone = await startDrone();
  said.length = 0;
  // This one does not need that object.
  commitTo(app, { 'a.txt': 'two\n' });
  assert.deepEqual((await client.deploy({ dir: app })).drones, { web1: null });
  assert.match(
    said.join('\n'),
    /^the mirror of cut was damaged and has been fetched again \(objects\/.* is empty\)$/m,
  );
  assert.equal(git(mirror, 'cat-file', '-p', text), 'one');
});

for (const file of ['HEAD', 'packed-refs', 'refs/heads/fifo']) {
  test(`a mirror with a FIFO in the place of ${file} holds up no git of the next drone`, async () => {
    const name = `app${++made}`;
    const app = fleet.app(name, { 'a.txt': 'one\n' });
    await client.deploy({ dir: app });
    const path = join(dir, 'repos', `${name}.git`, file);
    await drone.close();
    rmSync(path, { force: true });
    execFileSync('mkfifo', [path]);
    drone = await startDrone();
    said.length = 0;
    commitTo(app, { 'a.txt': 'two\n' });
    assert.deepEqual((await client.deploy({ dir: app })).drones, { web1: null });
    assert.match(
      said.join('\n'),
      new RegExp(`damaged and has been fetched again \\(${file} is not a file\\)$`),
    );
  });
}

test("a mirror that cannot be fetched again is kept, and the error is the hub's", async () => {
  const app = fleet.app('alone', { 'a.txt': 'one\n' });
  const { commit } = await client.deploy({ dir: app });
  const mirror = join(dir, 'repos/alone.git');
  overwrite(loose(mirror, git(mirror, 'rev-parse', `${commit}:a.txt`)), '');
  rmSync(join(fleet.dir, 'hub/repos/alone.git'), { recursive: true });
  rmSync(join(dir, 'deploy', `alone.${commit}`), { recursive: true });
  const { drones } = await client.spawn({ dir: app, command: ['sleep', '300'] });
  assert.match(drones['web1']?.error?.message ?? '', /./);
  assert.ok(existsSync(join(mirror, 'refs/fleet', commit)));
});
