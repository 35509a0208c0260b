import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  type Client,
  connect,
  createDrone,
  type Drone,
  type DroneOptions,
  type HubOptions,
} from '../../src/index.ts';
import { writeCertificate } from '../fixtures/certificate.ts';
import { FakeDrone } from '../fixtures/fake-drone.ts';
import { eventually, LocalFleet, SECRET } from '../fixtures/local-fleet.ts';

const fleet = new LocalFleet();
let owner: Client;
let app: string;
before(async () => {
  await fleet.startHub();
  owner = await fleet.connect();
  app = fleet.app('webapp', { 'a.js': 'setInterval(() => {}, 1000)' });
});
after(() => fleet.end());

/** A drone that has no secret. */
const start = (name: string, options: Partial<DroneOptions> = {}) =>
  fleet.startDrone(name, { secret: undefined, ...options });

/** One that does not get in, and what it says. */
async function refused(options: Partial<DroneOptions>): Promise<string> {
  const drone = await createDrone({ hub: fleet.address, ...options });
  try {
    await drone.connected;
  } catch (error) {
    return String(error);
  } finally {
    await drone.close();
  }
  throw new Error('it was let in');
}

/** What is in the files of a folder, apart from repositories. */
function contentOf(dir: string): string {
  const files = readdirSync(dir, { withFileTypes: true, recursive: true }).filter((one) => one.isFile());
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1')).join('\n');
}

const keyOf = async (drone: string) => {
  const keys = (await owner.tokenList()).filter(({ name }) => name.startsWith('key-'));
  return keys.find((one) => one.drone === drone)?.name ?? '';
};
const isLost = (drone: Drone) => eventually(() => drone.name === null, 'its connection ends');

test('a drone joins once by an invitation, and its key is enough then, for git and after restarts of both', async () => {
  const invitation = await owner.tokenInvite({ drone: 'web1' });
  const first = await start('web1', { join: invitation });
  assert.equal(first.name, 'web1');
  assert.deepEqual((await owner.deploy({ dir: app })).drones, { web1: null }, 'it fetches');
  await owner.spawn({ dir: app, command: ['node', 'a.js'] });
  await first.close();
  const dir = join(fleet.dir, 'web1');
  for (const secret of [SECRET, invitation]) assert.ok(!contentOf(dir).includes(secret));
  await fleet.hub.close();
  await fleet.startHub();
  owner = await fleet.connect();
  const again = await start('web1');
  assert.deepEqual([again.name, again.running], ['web1', 1]);
  assert.deepEqual((await owner.deploy({ dir: app, force: true })).drones, { web1: null });
  await again.stopAll(1_000);
  const text = contentOf(join(fleet.dir, 'hub'));
  const pem = readFileSync(join(dir, 'drone.key'), 'utf8').split('\n')[1] ?? '';
  for (const secret of [invitation, pem.slice(-40)]) assert.ok(!text.includes(secret), 'nor at the hub');
});

test('an invitation is no secret, works once, and names the drone that it let in', async () => {
  const invitation = await owner.tokenInvite({ drone: 'db1' });
  const asSecret = { secret: invitation, dir: join(fleet.dir, 'as-secret') };
  assert.match(await refused(asSecret), /this is an invitation.*--join/);
  await assert.rejects(fleet.connect(invitation), { code: 'EAUTH', message: /this is an invitation/ });
  const first = await start('db1', { join: invitation });
  const again = () => refused({ join: invitation, dir: join(fleet.dir, 'second') });
  await eventually(async () => (await again()).includes('used by db1'), 'the hub has stored whose key it is');
  assert.match(
    await again(),
    /this invitation was used by db1; each works once: ask for another one, made with fleet token invite/,
  );
  await first.close();
  const back = await start('db1', { join: invitation });
  assert.equal(back.name, 'db1', 'one that is started with it every time is let in by its key');
  await back.close();
  await assert.rejects(owner.tokenInvite({ lifetime: 8 * 86_400_000 }), {
    code: 'EUSAGE',
    message: /7 days/,
  });
  const brief = await owner.tokenCreate({ name: 'brief', can: ['admin', 'drone'], lifetime: 60_000 });
  await assert.rejects((await fleet.connect(brief)).tokenInvite(), {
    code: 'EFORBIDDEN',
    message: /expires/,
  });
});

test('whoever knows a drone by its identity, and not its key, is not that drone', async () => {
  const drone = await start('own', { join: await owner.tokenInvite() });
  const { identity } = JSON.parse(readFileSync(join(fleet.dir, 'own/drone.json'), 'utf8')) as {
    identity: string;
  };
  const token = await owner.tokenCreate({ name: 'workers', can: ['drone'] });
  for (const secret of [token, SECRET]) {
    const thief = await FakeDrone.connect(fleet.address, secret);
    await assert.rejects(thief.joinAs('own', [], identity), {
      code: 'EFORBIDDEN',
      message: /own has a key of its own/,
    });
    thief.peer.close();
  }
  assert.equal(drone.name, 'own', 'and it stays connected');
  await drone.close();
});

test('a key that is revoked ends its connection at once, and a new invitation lets the drone in again', async () => {
  const drone = await start('gone', { join: await owner.tokenInvite() });
  await owner.tokenRemove(await eventually(() => keyOf('gone'), 'the hub has stored whose key it is'));
  await isLost(drone);
  await drone.close();
  const dir = join(fleet.dir, 'gone');
  assert.match(await refused({ dir }), /this hub does not know the key of this drone.*--join/);
  const again = await start('gone', { join: await owner.tokenInvite({ drone: 'gone' }) });
  assert.equal(again.name, 'gone');
  await again.close();
  await eventually(
    async () => (await owner.drones()).some(({ name, lost }) => name === 'gone' && lost !== null),
    'lost',
  );
  await owner.droneForget('gone');
  assert.equal(await keyOf('gone'), '', 'drones rm revokes it, too');
  assert.match(await refused({ dir }), /does not know the key/);
});

test('a copied directory has no key; with an invitation, it is a drone of its own', async () => {
  const original = await start('first', { join: await owner.tokenInvite() });
  const dir = join(fleet.dir, 'copy');
  cpSync(join(fleet.dir, 'first'), dir, { recursive: true, filter: (path) => !path.endsWith('.lock') });
  const problems: string[] = [];
  assert.match(await refused({ dir, problem: (line) => problems.push(line) }), /wants its secret/);
  assert.match(problems.join(), /this directory is a copy/);
  assert.equal(existsSync(join(dir, 'drone.key')), false);
  const copy = await start('copy', { join: await owner.tokenInvite(), name: 'copy' });
  assert.deepEqual([original.name, copy.name], ['first', 'copy']);
  await Promise.all([original.close(), copy.close()]);
});

test('a copy on another machine is not let in while the original is connected, and stops nothing of it', async () => {
  const original = await start('here', { join: await owner.tokenInvite() });
  const dir = join(fleet.dir, 'there');
  cpSync(join(fleet.dir, 'here'), dir, { recursive: true, filter: (path) => !path.endsWith('.lock') });
  const path = join(dir, 'drone.json');
  const state = JSON.parse(readFileSync(path, 'utf8')) as { home: { machine: string } };
  state.home.machine = 'another';
  writeFileSync(path, JSON.stringify(state));
  const problems: string[] = [];
  const copy = await createDrone({ hub: fleet.address, dir, problem: (line) => problems.push(line) });
  await eventually(() => problems.some((line) => /only one may have the key/.test(line)), 'it says so');
  assert.deepEqual([original.name, copy.name], ['here', null]);
  await copy.close();
  const invited = await start('there', { join: await owner.tokenInvite() });
  assert.notEqual(invited.name, original.name);
  await Promise.all([original.close(), invited.close()]);
});

for (const [what, optionsIn] of [
  ['with TLS', () => ({ tls: true })],
  ['with a certificate', (dir: string) => writeCertificate(dir, 'hub', ['localhost'])],
  ['without a secret', () => ({ secret: '' })],
] as [string, (dir: string) => HubOptions][])
  test(`a drone proves its key to a hub ${what}, too`, async (t) => {
    const other = new LocalFleet();
    t.after(() => other.end());
    const options = optionsIn(other.dir);
    const { port, fingerprint } = await other.startHub(options);
    const trusted = options.cert === undefined ? { fingerprint: fingerprint ?? '' } : { ca: options.cert };
    const secure = fingerprint === null ? {} : { hub: `https://localhost:${port}`, ...trusted };
    const admin = await connect({ hub: other.address, ...secure, secret: SECRET });
    t.after(() => admin.close());
    for (const invited of [{ join: await admin.tokenInvite() }, {}]) {
      const drone = await other.startDrone('web1', { ...secure, secret: undefined, ...invited });
      assert.deepEqual((await admin.deploy({ dir: app, force: true })).drones, { web1: null });
      await drone.close();
    }
  });
