import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { DroneConnection } from '../../../src/hub/drones/drone.ts';
import { expectedDrones, recallDrones } from '../../../src/hub/drones/recalled.ts';
import { EventLog } from '../../../src/hub/events/event-log.ts';
import { StateFile } from '../../../src/hub/state.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import type { ProcessReport } from '../../../src/protocol/process.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleet-recalled-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const HOUR = 3_600_000;
const CONNECTION = { features: { version: '1.0.0' }, end: () => {} } as unknown as DroneConnection;

const REPORT: ProcessReport = {
  id: 'c0ffee',
  key: 'c'.repeat(32),
  repo: 'webapp',
  commit: 'c'.repeat(40),
  command: ['node', 'server.js'],
  status: 'running',
  restarts: 0,
  lastExit: null,
  uptime: 1_000,
  respawnIn: 0,
  pid: 1,
};

/** The state that a hub has left which knew these drones, by identity. */
function stateWith(drones: Record<string, { name: string; seen: number; connected: boolean }>): StateFile {
  writeFileSync(join(dir, 'hub.json'), JSON.stringify({ drones, deployed: [] }));
  return new StateFile(dir, () => {});
}

test('drones that were here within the last hour are known, with their names and processes', () => {
  const now = Date.now();
  const state = stateWith({
    one: { name: 'web1', seen: now - 10 * HOUR, connected: true },
    two: { name: 'web2', seen: now - HOUR / 2, connected: false },
    three: { name: 'web3', seen: now - 2 * HOUR, connected: false },
  });
  const directory = recallDrones(
    state,
    new Map([['two', [{ report: REPORT, ageMs: 1_000 }]]]),
    new EventLog(state.eventNumbers),
  );
  assert.deepEqual(
    directory.all().map(({ name }) => name),
    ['web1', 'web2'],
  );
  assert.deepEqual(
    [...(directory.get('web2')?.processes.keys() ?? [])],
    ['c0ffee'],
    'and what they told last',
  );
  const introduction = { identity: 'four', name: 'web1', processes: [] };
  assert.equal(directory.join(CONNECTION, introduction).name, 'web1-1', 'that name is taken');
  assert.equal(directory.join(CONNECTION, { ...introduction, identity: 'one' }).name, 'web1');
  state.close();
});

test('those that were connected, or were lost within the last minute, are expected back', () => {
  const now = Date.now();
  const state = stateWith({
    connected: { name: 'web1', seen: now - 10 * HOUR, connected: true },
    lately: { name: 'web2', seen: now - 30_000, connected: false },
    longAgo: { name: 'web3', seen: now - 90_000, connected: false },
  });
  assert.deepEqual(expectedDrones(state), ['connected', 'lately']);
});

test('a drone that joins is removed from the list, and one that is lost is added', () => {
  const state = stateWith({});
  const events = new EventLog(state.eventNumbers);
  const directory = recallDrones(state, new Map(), events);
  const drone = directory.join(CONNECTION, { identity: 'one', name: 'web1', processes: [] });
  directory.lose(drone, new FleetError('ECLOSED', 'it hung up'));
  const told = events.since(0).events.map(({ seq, time, ...event }) => event);
  assert.deepEqual(told, [
    { type: 'joined', drone: 'web1', version: '1.0.0' },
    { type: 'lost', drone: 'web1', why: 'it hung up' },
  ]);
  state.close();
  const again = new StateFile(dir, () => {});
  const [known] = again.drones();
  assert.deepEqual([known?.identity, known?.name, known?.connected], ['one', 'web1', false]);
  again.close();
});

test('a drone that does not come back within an hour of a start is not expected at the next start either', (t) => {
  const state = stateWith({ one: { name: 'web1', seen: Date.now() - 10 * HOUR, connected: true } });
  const directory = recallDrones(state, new Map(), new EventLog(state.eventNumbers));
  assert.equal(directory.all().length, 1);
  const now = performance.now() + HOUR + 1;
  t.mock.method(performance, 'now', () => now);
  assert.equal(directory.all().length, 0);
  state.close();
  const again = new StateFile(dir, () => {});
  assert.deepEqual(expectedDrones(again), []);
  assert.deepEqual(recallDrones(again, new Map(), new EventLog(again.eventNumbers)).all(), []);
  assert.equal(again.drones().length, 1, 'its name and labels are known for longer');
  again.close();
});
