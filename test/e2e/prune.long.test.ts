import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Client, Drone } from '../../src/index.ts';
import { commit as commitFiles, eventually, LocalFleet } from '../fixtures/local-fleet.ts';

const fleet = new LocalFleet();
const DEPLOY = join(fleet.dir, 'web1/deploy');
let client: Client;
let drone: Drone;
before(async () => {
  await fleet.startHub();
  drone = await fleet.startDrone('web1');
  client = await fleet.connect();
});
after(() => fleet.end());

const TOML =
  "[deploy]\nkeep = 2\n[services.worker]\ncommand = ['sleep', '300']\nhealth = { stable = '10ms' }\n";
const BROKEN = TOML.replace("'sleep', '300'", "'false'");

/** Releases a commit with this fleet.toml; returns the commit and the last state. */
async function release(app: string, n: number, toml = TOML) {
  const commit = commitFiles(app, { 'a.txt': String(n), 'fleet.toml': toml });
  const begun = await client.up({ dir: app });
  assert.ok('events' in begun);
  let [last, why]: (string | null)[] = ['', null];
  for await (const event of begun.events()) if (event.type === 'release') ({ state: last, why } = event);
  return { commit, last, why };
}

test('after each release, only what runs and what the app may go back to is left; failures remove nothing of it', async () => {
  const app = fleet.app('webapp', { 'a.txt': '0' });
  const commits: string[] = [];
  for (let n = 1; n <= 4; n++) {
    const { commit, last, why } = await release(app, n);
    assert.equal(last, 'live', why ?? '');
    commits.push(commit);
  }
  const left = () => commits.filter((commit) => existsSync(join(DEPLOY, `webapp.${commit}`)));
  await eventually(() => left().length === 2, 'the first two are gone');
  assert.deepEqual(left(), commits.slice(2));
  for (let n = 5; n <= 6; n++) assert.equal((await release(app, n, BROKEN)).last, 'failed');
  await client.prune();
  assert.deepEqual(left(), commits.slice(2));
  const status = await client.status({ dir: app });
  assert.equal(status.ok, true);
});

test('what was deployed by hand a week ago goes, but not while something runs from it', async () => {
  const app = fleet.app('hand', { 'a.txt': '0' });
  const { commit } = await client.deploy({ dir: app });
  const { drones } = await client.spawn({ dir: app, command: ['sleep', '300'] });
  for (let n = 1; n <= 6; n++) {
    commitFiles(app, { 'a.txt': String(n) });
    await client.deploy({ dir: app });
  }
  assert.deepEqual((await client.prune({ dryRun: true })).drones['web1'], { checkouts: [], freed: 0 });
  assert.equal(readdirSync(DEPLOY).filter((name) => name.startsWith('hand.')).length, 7);
  await drone.close();
  const folder = join(fleet.dir, 'web1/release');
  for (const file of readdirSync(folder).filter((name) => /^hand\..{40}\.json$/.test(name))) {
    const record = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const week = 7 * 24 * 3_600_000;
    writeFileSync(
      join(folder, file),
      JSON.stringify({ ...record, at: record.at - week, byHandAt: record.at - week }),
    );
  }
  drone = await fleet.startDrone('web1');
  const checkoutsGone = async () => {
    const result = (await client.prune()).drones['web1'];
    assert.ok(result && 'checkouts' in result);
    return result.checkouts.filter(({ app: name }) => name === 'hand').map((one) => one.commit);
  };
  const gone = await checkoutsGone();
  assert.equal(gone.length, 1, 'seven were there, the newest five stay, and one is in use');
  assert.ok(!gone.includes(commit));
  await client.stop([`web1#${drones['web1']?.id}`]);
  assert.deepEqual(await checkoutsGone(), [commit]);
});
