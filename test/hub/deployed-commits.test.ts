import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DeployedCommits } from '../../src/hub/deployed-commits.ts';
import { FileStore } from '../../src/hub/store/file-store.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const open = (dir: string) => DeployedCommits.open(new FileStore(dir, assert.fail));
const commitOf = (n: number) => n.toString(16).padStart(40, '0');
const commits = (deployed: DeployedCommits, seen: number | undefined, drone = 'web1') =>
  deployed.wantedSince(seen ?? Number.POSITIVE_INFINITY, drone).map(({ commit }) => commit);

async function opened(t: TestContext) {
  const dir = temporaryFolder(t);
  return { dir, file: join(dir, 'hub.json'), deployed: await open(dir) };
}

test('a drone should have the newest commit of each repository, and what was deployed since it was last seen', async (t) => {
  const { dir, deployed } = await opened(t);
  const before = Date.now() - 1;
  for (const n of [1, 2, 3]) await deployed.deploy('webapp', commitOf(n));
  await deployed.deploy('stats', commitOf(4));
  await deployed.deploy('webapp', commitOf(2));
  const again = await open(dir);
  assert.deepEqual(new Set(commits(again, undefined)), new Set([commitOf(4), commitOf(2)]));
  const all = commits(again, before);
  assert.deepEqual(new Set(all), new Set([1, 2, 3, 4].map(commitOf)));
  assert.equal(all.at(-1), commitOf(2));
});

test('a drone that missed many commits should have the last three of each repository', async (t) => {
  const { deployed } = await opened(t);
  await deployed.deploy('stats', commitOf(100));
  await Promise.all(Array.from({ length: 50 }, (_, n) => deployed.deploy('webapp', commitOf(n))));
  const webapp = commits(deployed, 0).filter((commit) => commit !== commitOf(100));
  assert.deepEqual(webapp, [47, 48, 49].map(commitOf));
});

test('a commit for some drones is the newest of these alone, and what was for all stays so', async (t) => {
  const { dir, deployed } = await opened(t);
  await deployed.deploy('webapp', commitOf(1));
  await deployed.deploy('webapp', commitOf(2));
  await deployed.deploy('webapp', commitOf(3), ['web1']);
  await deployed.deploy('webapp', commitOf(3), ['web2']);
  await deployed.deploy('webapp', commitOf(1), ['web3']);
  const newest = (at: DeployedCommits) =>
    ['web1', 'web2', 'web3', 'web4'].map((name) => commits(at, undefined, name));
  assert.deepEqual(newest(deployed), [[commitOf(3)], [commitOf(3)], [commitOf(1)], [commitOf(2)]]);
  assert.deepEqual(commits(deployed, 0, 'web4'), [commitOf(1), commitOf(2)]);
  assert.equal(deployed.newest('webapp'), commitOf(2));
  assert.equal(deployed.newest('nothing'), null);
  await deployed.deploy('webapp', commitOf(3));
  const again = await open(dir);
  const webapp = ['web1', 'web2', 'web4'].map((name) => commits(again, undefined, name).at(-1));
  assert.deepEqual(webapp, [commitOf(3), commitOf(3), commitOf(3)]);
});

test('fifty commits of each repository are remembered', async (t) => {
  const { file, deployed } = await opened(t);
  for (let n = 0; n < 60; n++) await deployed.deploy('webapp', commitOf(n));
  const written = JSON.parse(readFileSync(file, 'utf8')).deployed;
  assert.deepEqual([written.length, written[0].commit], [50, commitOf(10)]);
});

test('a commit, or a whole repository, is forgotten', async (t) => {
  const { dir, deployed } = await opened(t);
  for (const n of [1, 2]) await deployed.deploy('webapp', commitOf(n));
  assert.equal(await deployed.forgetCommit('webapp', commitOf(3)), false);
  assert.equal(await deployed.forgetCommit('webapp', commitOf(2)), true);
  assert.equal(deployed.newest('webapp'), commitOf(1));
  await deployed.deploy('stats', commitOf(4));
  await deployed.forgetRepository('stats');
  await deployed.forgetRepository('stats');
  assert.equal(await deployed.forgetCommit('webapp', commitOf(1)), true);
  assert.deepEqual(commits(await open(dir), 0), []);
});

test('what no hub wrote is refused, and left as it is', async (t) => {
  const { dir, file } = await opened(t);
  const text = '{"drones": {}, "deployed": [{"repo": "../x", "commit": "x", "time": 1}]}';
  writeFileSync(file, text);
  await assert.rejects(open(dir), { code: 'ECONFIG', message: /move it away/ });
  assert.equal(readFileSync(file, 'utf8'), text);
});

test('what one hub deploys or forgets, another one with the same store knows', async (t) => {
  const store = new FileStore(temporaryFolder(t), assert.fail);
  const [one, other] = [await DeployedCommits.open(store), await DeployedCommits.open(store)];
  await one.deploy('webapp', commitOf(1));
  await eventually(() => other.newest('webapp'), 'the other hub knows the commit');
  await Promise.all([
    one.deploy('webapp', commitOf(2), ['web1']),
    other.deploy('webapp', commitOf(3), ['web2']),
  ]);
  const both = [commitOf(1), commitOf(2), commitOf(3)].sort();
  const all = (at: DeployedCommits) => ['web1', 'web2'].flatMap((name) => commits(at, 0, name));
  await eventually(
    () => [one, other].every((at) => both.every((commit) => all(at).includes(commit))),
    'both hubs know the commits of both',
  );
  await one.forgetRepository('webapp');
  await eventually(() => other.newest('webapp') === null, 'the other hub has forgotten the repository');
});
