import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Client } from '../../../src/index.ts';
import { commit as commitFiles, eventually, git, LocalFleet } from '../../fixtures/local-fleet.ts';
import { preparationOf, Workshop } from '../../fixtures/workshop.ts';

const fleet = new LocalFleet();
const DRONE = join(fleet.dir, 'web1');
let client: Client;
let shop: Workshop;
before(async () => {
  await fleet.startHub();
  client = await fleet.connect();
  shop = new Workshop(fleet, DRONE);
});
after(async () => {
  await shop?.end();
  await fleet.end();
});

/** Commits of a repository that were built here, oldest first. */
async function built(name: string, count: number): Promise<string[]> {
  const app = fleet.app(name, { 'a.txt': '0' });
  const commits: string[] = [];
  for (let n = 1; n <= count; n++) {
    commitFiles(app, { 'a.txt': String(n), big: 'x'.repeat(100_000) });
    const { commit } = await client.deploy({ dir: app });
    const { why } = await shop.releases.prepare(preparationOf(name, commit));
    assert.equal(why, null);
    commits.push(commit);
  }
  return commits;
}

const prune = (app: string, keep: string[], retired: string[], dryRun = false) =>
  shop.releases.prune({ apps: { [app]: { keep, retired } }, deployed: [], dryRun });
const path = (app: string, commit = '') => join(DRONE, 'deploy', `${app}.${commit}`);
const filesOf = (app: string) =>
  ['deploy', 'release'].flatMap((folder) =>
    readdirSync(join(DRONE, folder)).filter((name) => name.includes(`${app}.`)),
  );

test('a retired checkout goes with all its records; shared files, and what is kept, stay', async () => {
  const [old = '', live = ''] = await built('retired', 2);
  mkdirSync(join(DRONE, 'shared/retired'), { recursive: true });
  writeFileSync(join(DRONE, 'shared/retired/mine'), 'mine');
  const planned = await prune('retired', [live], [old], true);
  assert.ok(existsSync(path('retired', old)), 'a dry run removes nothing');
  const done = await prune('retired', [live], [old]);
  assert.deepEqual(done.checkouts, planned.checkouts);
  assert.deepEqual(
    done.checkouts.map(({ app, commit }) => [app, commit]),
    [['retired', old]],
  );
  assert.ok(done.freed > 100_000, `${done.freed} bytes`);
  assert.ok(
    filesOf('retired').every((name) => name.includes(live)),
    filesOf('retired').join(' '),
  );
  assert.equal(readFileSync(join(path('retired', live), 'a.txt'), 'utf8'), '2');
  assert.equal(readFileSync(join(DRONE, 'shared/retired/mine'), 'utf8'), 'mine');
  await shop.releases.prepare(preparationOf('retired', old));
  assert.equal(readFileSync(join(path('retired', old), 'a.txt'), 'utf8'), '1', 'it can be made again');
});

test('a directory that something runs from stays, whoever started it', async (t) => {
  const [old = ''] = await built('used', 1);
  const child = spawn('sleep', ['300'], {
    cwd: path('used', old),
    env: { ...process.env, FLEET_RUN: `${shop.mark}.000000` },
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  assert.deepEqual(await prune('used', [], [old]), { checkouts: [], freed: 0 });
  assert.deepEqual((await prune('used', [], [old], true)).checkouts, []);
  assert.ok(existsSync(path('used', old)));
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal((await prune('used', [], [old])).checkouts.length, 1);
});

test('a checkout that is prepared after the hub asked to remove it is there when that is answered', async () => {
  const [old = ''] = await built('again', 1);
  const pruning = prune('again', [], [old]);
  const { why } = await shop.releases.prepare(preparationOf('again', old));
  assert.equal(why, null);
  await pruning;
  assert.equal(readFileSync(join(path('again', old), 'a.txt'), 'utf8'), '1');
});

test('what was deployed by hand stays, even if it was a release before', async () => {
  const [old = ''] = await built('hand', 1);
  await shop.releases.bring('whole', 'hand', old);
  assert.deepEqual((await prune('hand', [], [old])).checkouts, []);
});

const mirrorOf = (name: string) => join(DRONE, 'repos', `${name}.git`);
const looseRefs = (mirror: string) => readdirSync(join(mirror, 'refs/fleet')).length;

/** Adds refs to a mirror, as deploys leave them whose checkouts are gone by now. */
function addRefs(mirror: string, count: number, commit: string): void {
  for (let n = 0; n < count; n++)
    writeFileSync(join(mirror, 'refs/fleet', String(n).padStart(40, '0')), `${commit}\n`);
}

test('a mirror with many refs and packs is packed after the next fetch, and its commits can still be checked out', async () => {
  const [old = ''] = await built('packed', 1);
  const mirror = mirrorOf('packed');
  addRefs(mirror, 501, old);
  const app = join(fleet.dir, 'apps/packed');
  commitFiles(app, { 'a.txt': 'next' });
  const { commit } = await client.deploy({ dir: app });
  await shop.releases.prepare(preparationOf('packed', commit));
  await eventually(() => looseRefs(mirror) === 0, 'it is packed');
  assert.equal(git(mirror, 'for-each-ref').split('\n').length, 503);
  await shop.releases.bring('new', 'packed', old);
  assert.equal(readFileSync(join(path('packed', old), 'a.txt'), 'utf8'), '1');
});

test('if many commits have lost their checkouts, the mirror forgets them, and what others need stays', async () => {
  const [old = '', live = ''] = await built('forgetful', 2);
  const mirror = mirrorOf('forgetful');
  const orphan = git(mirror, 'commit-tree', `${old}^{tree}`, '-m', 'not in any history');
  addRefs(mirror, 10, orphan);
  await prune('forgetful', [live], []);
  assert.equal(git(mirror, 'cat-file', '-t', orphan), 'commit', 'so few stay');
  await prune('forgetful', [live], [old]);
  assert.equal(git(mirror, 'for-each-ref', '--format=%(refname)'), `refs/fleet/${live}`);
  assert.throws(() => git(mirror, 'cat-file', '-e', orphan));
  assert.equal(git(path('forgetful', live), 'log', '--format=%s').split('\n').length, 3, 'the history');
  assert.equal(git(path('forgetful', live), 'status', '--porcelain'), '');
  await shop.releases.prepare(preparationOf('forgetful', old));
  assert.equal(readFileSync(join(path('forgetful', old), 'a.txt'), 'utf8'), '1', 'it can be fetched again');
});

test('the mirror of a repository without checkouts is removed, and made again for the next one', async () => {
  const [only = ''] = await built('gone', 1);
  await prune('gone', [], [only]);
  assert.deepEqual(
    readdirSync(join(DRONE, 'repos')).filter((name) => name.includes('gone')),
    [],
  );
  await shop.releases.prepare(preparationOf('gone', only));
  assert.equal(readFileSync(join(path('gone', only), 'a.txt'), 'utf8'), '1');
});
