import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { DeployedCommits } from '../../src/hub/deployed-commits.ts';
import { Deploys } from '../../src/hub/deploys.ts';
import { FileStore } from '../../src/hub/store/file-store.ts';
import { FleetError } from '../../src/protocol/errors.ts';
import { directoryOf } from '../fixtures/fake-connection.ts';

const COMMIT = 'c'.repeat(40);
const WANTED = { repo: 'webapp', commit: COMMIT, force: false, drones: null };

/** A hub that cannot tell how large commits are. */
const SIZES = { of: async () => null };

let dir: string;
let store: FileStore;
let deployed: DeployedCommits;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fleet-deploys-'));
  store = new FileStore(dir, assert.fail);
  deployed = await DeployedCommits.open(store);
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

/** A store that has this commit, or nothing, and notes what it is to keep. */
function makeStore(commit: string | null) {
  const held: string[] = [];
  const hold = async (_: string, one: string) => void held.push(one);
  return { held, has: async (_: string, one: string) => one === commit, hold };
}

test('every connected drone gets the order, and one that fails does not hold up the others', async () => {
  const { directory, drones } = directoryOf({ web1: [], web2: [], web3: [] });
  drones.web2.connection.answer = () => {
    throw new FleetError('EIO', 'the disk is full');
  };
  directory.lose(drones.web3, new FleetError('ECLOSED', 'lost'));
  const store = makeStore(COMMIT);
  const progress: string[] = [];
  const answer = await new Deploys(store, directory, deployed, SIZES).deploy(
    { ...WANTED, force: true },
    (done, total) => progress.push(`${done}/${total}`),
  );
  assert.deepEqual(answer, {
    drones: { web1: null, web2: { code: 'EIO', message: 'the disk is full' } },
    absent: { web3: 0 },
  });
  assert.deepEqual(drones.web1.connection.ordered, [
    ['deploy', { repo: 'webapp', commit: COMMIT, force: true }],
  ]);
  assert.deepEqual(progress, ['1/2', '2/2']);
  assert.deepEqual(store.held, [COMMIT]);
});

test('a drone is told how large the commit is, if the hub knows', async () => {
  const { directory, drones } = directoryOf({ web1: [] });
  const size = { files: 3, bytes: 12_288 };
  await new Deploys(makeStore(COMMIT), directory, deployed, { of: async () => size }).deploy(WANTED);
  assert.deepEqual(drones.web1.connection.ordered, [
    ['deploy', { repo: 'webapp', commit: COMMIT, force: false, size }],
  ]);
});

test('drones that do not answer keep none of the others waiting for more than their turn', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const names = Array.from({ length: 30 }, (_, n) => `web${n + 10}`);
  const { directory, drones } = directoryOf(Object.fromEntries(names.map((name) => [name, []])));
  for (const name of names.slice(0, 24)) {
    const { connection } = drones[name] ?? assert.fail(name);
    connection.answer = () => new Promise(() => {});
  }
  void new Deploys(makeStore(COMMIT), directory, deployed, SIZES).deploy(WANTED);
  const asked = () => names.filter((name) => drones[name]?.connection.ordered.length === 1).length;
  const turns = async (count: number) => {
    for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve));
  };
  while (asked() < 24) await turns(1);
  await turns(5);
  assert.equal(asked(), 24);
  t.mock.timers.tick(15_000);
  await turns(5);
  assert.equal(asked(), 30);
});

test('a commit that the hub lacks is not ordered, and not remembered', async () => {
  const { directory, drones } = directoryOf({ web1: [] });
  const deploys = new Deploys(makeStore(null), directory, deployed, SIZES);
  await assert.rejects(deploys.deploy(WANTED), { code: 'ENOCOMMIT', message: /fleet deploy pushes it/ });
  assert.deepEqual(drones.web1.connection.ordered, []);
  assert.deepEqual(deploys.wantedBy('web9', undefined), []);
});

test('a drone that joins later should have it', async () => {
  const { directory } = directoryOf({});
  const deploys = new Deploys(makeStore(COMMIT), directory, deployed, SIZES);
  assert.deepEqual(await deploys.deploy(WANTED), { drones: {}, absent: {} });
  assert.deepEqual(deploys.wantedBy('web9', undefined), [{ repo: 'webapp', commit: COMMIT }]);
});

test('a deploy to some drones reaches these alone, now and when they come back', async () => {
  const { directory, drones } = directoryOf({ web1: [], web2: [], web3: [] });
  directory.lose(drones.web2, new FleetError('ECLOSED', 'lost'));
  directory.lose(drones.web3, new FleetError('ECLOSED', 'lost'));
  const deploys = new Deploys(makeStore(COMMIT), directory, deployed, SIZES);
  const answer = await deploys.deploy({ ...WANTED, drones: ['web1', 'web2'] });
  assert.deepEqual(answer, { drones: { web1: null }, absent: { web2: 0 } });
  assert.deepEqual(deploys.wantedBy('web2', undefined), [{ repo: 'webapp', commit: COMMIT }]);
  assert.deepEqual(deploys.wantedBy('web3', undefined), []);
});

test('of drones that there are not, a deploy tells, and remembers nothing', async () => {
  const { directory } = directoryOf({ web1: [] });
  const deploys = new Deploys(makeStore(COMMIT), directory, deployed, SIZES);
  const named = Array.from({ length: 1_000 }, (_, n) => `nowhere${n}`);
  for (let n = 0; n < 3; n++) {
    const drones = ['web1', ...named.map((name) => `${name}-${n}`)];
    const answer = await deploys.deploy({ ...WANTED, drones });
    assert.equal(answer.drones['web1'], null);
    assert.equal(answer.drones[`nowhere7-${n}`]?.code, 'ENODRONE');
  }
  assert.deepEqual(deploys.wantedBy('nowhere7-0', undefined), []);
  assert.deepEqual(deploys.wantedBy('web1', undefined), [{ repo: 'webapp', commit: COMMIT }]);
});

test('whoever deploys hears how far the fetch of a drone is, until all have answered', async () => {
  const { directory, drones } = directoryOf({ web1: [] });
  const deploys = new Deploys(makeStore(COMMIT), directory, deployed, SIZES);
  const state1 = { step: 'preparing', percent: null, elapsed: 1_000 };
  const release = { repo: 'webapp', commit: COMMIT };
  drones.web1.connection.answer = () => {
    deploys.fetching('web1', { ...release, ...state1 });
    deploys.fetching('web1', { ...release, repo: 'other', ...state1 });
    return null;
  };
  const heard: unknown[] = [];
  await deploys.deploy(WANTED, (...progress) => heard.push(progress));
  deploys.fetching('web1', { ...release, ...state1 });
  assert.deepEqual(heard, [
    [0, 1, { drone: 'web1', ...state1 }],
    [1, 1, null],
  ]);
});
