import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { StateFile } from '../../src/hub/state.ts';
import { key } from '../fixtures/fake-drone.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleet-state-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));
const loud = (line: string): void => assert.fail(line);
const file = () => join(dir, 'hub.json');
const commitOf = (n: number) => n.toString(16).padStart(40, '0');
const commits = (state: StateFile, seen: number | undefined, drone = 'web1') =>
  state.wantedSince(seen ?? Number.POSITIVE_INFINITY, drone).map(({ commit }) => commit);

test('a drone should have the newest commit of each repository, and what was deployed since it was last seen', () => {
  const state = new StateFile(dir, loud);
  const before = Date.now() - 1;
  for (const n of [1, 2, 3]) state.deploy('webapp', commitOf(n));
  state.deploy('stats', commitOf(4));
  state.deploy('webapp', commitOf(2));
  state.close();
  const again = new StateFile(dir, loud);
  assert.deepEqual(commits(again, undefined), [commitOf(4), commitOf(2)]);
  assert.deepEqual(commits(again, before), [commitOf(1), commitOf(3), commitOf(4), commitOf(2)]);
  again.close();
});

test('a drone that missed many commits should have the last three of each repository', () => {
  const state = new StateFile(dir, loud);
  state.deploy('stats', commitOf(100));
  for (let n = 0; n < 50; n++) state.deploy('webapp', commitOf(n));
  assert.deepEqual(commits(state, 0), [100, 47, 48, 49].map(commitOf));
  state.close();
});

test('a commit for some drones is the newest of these alone, and what was for all stays so', () => {
  const state = new StateFile(dir, loud);
  state.deploy('webapp', commitOf(1));
  state.deploy('webapp', commitOf(2));
  state.deploy('webapp', commitOf(3), ['web1']);
  state.deploy('webapp', commitOf(3), ['web2']);
  state.deploy('webapp', commitOf(1), ['web3']);
  const newest = (at: StateFile) =>
    ['web1', 'web2', 'web3', 'web4'].map((name) => commits(at, undefined, name));
  assert.deepEqual(newest(state), [[commitOf(3)], [commitOf(3)], [commitOf(1)], [commitOf(2)]]);
  assert.deepEqual(commits(state, 0, 'web4'), [commitOf(1), commitOf(2)]);
  assert.equal(state.newest('webapp'), commitOf(2));
  state.deploy('stats', commitOf(4), ['web1']);
  assert.equal(state.newest('stats'), commitOf(4));
  state.deploy('webapp', commitOf(3));
  state.close();
  const again = new StateFile(dir, loud);
  const webapp = ['web1', 'web2', 'web4'].map((name) => commits(again, undefined, name).at(-1));
  assert.deepEqual(webapp, [commitOf(3), commitOf(3), commitOf(3)]);
  again.close();
});

test('fifty commits of each repository are remembered', () => {
  const state = new StateFile(dir, loud);
  for (let n = 0; n < 60; n++) state.deploy('webapp', commitOf(n));
  state.close();
  const { deployed } = JSON.parse(readFileSync(file(), 'utf8'));
  assert.equal(deployed.length, 50);
  assert.equal(deployed[0].commit, commitOf(10));
});

test('drones and event numbers survive a restart, and so do keys from a newer fleet', () => {
  const first = new StateFile(dir, loud);
  const identity = key();
  first.seen({ identity, name: 'web1' }, 'connected');
  const last = first.eventNumbers.next();
  first.close();
  const written = JSON.parse(readFileSync(file(), 'utf8'));
  writeFileSync(file(), JSON.stringify({ ...written, apps: { webapp: 1 } }));
  const second = new StateFile(dir, loud);
  assert.deepEqual(
    second.drones().map(({ name, connected }) => [name, connected]),
    [['web1', true]],
  );
  assert.ok(second.eventNumbers.next() > last);
  second.seen({ identity, name: 'web1' }, 'lost');
  second.close();
  const kept = JSON.parse(readFileSync(file(), 'utf8'));
  assert.deepEqual([kept.version, kept.apps, kept.drones[identity].connected], [1, { webapp: 1 }, false]);
});

test('a drone that has been away for more than 90 days is forgotten', () => {
  const day = 24 * 3_600_000;
  const drone = (name: string, days: number, connected: boolean) => ({
    [key()]: { name, seen: Date.now() - days * day, connected },
  });
  const drones = { ...drone('gone', 91, false), ...drone('away', 89, false), ...drone('here', 91, true) };
  writeFileSync(file(), JSON.stringify({ version: 1, drones, deployed: [] }));
  const state = new StateFile(dir, loud);
  state.saveNow();
  state.close();
  const again = new StateFile(dir, loud);
  assert.deepEqual(
    again.drones().map(({ name }) => name),
    ['away', 'here'],
  );
  again.close();
});

test('a file that no hub wrote is refused, and left as it is', () => {
  for (const text of [
    '{"drones": 7}',
    '[]',
    '{"drones": {"x": {"name": "../x", "seen": 1}}, "deployed": []}',
  ]) {
    writeFileSync(file(), text);
    assert.throws(() => new StateFile(dir, loud), { code: 'ECONFIG', message: /move it away/ });
    assert.equal(readFileSync(file(), 'utf8'), text);
  }
});
