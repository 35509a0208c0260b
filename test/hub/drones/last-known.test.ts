import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DroneDirectory } from '../../../src/hub/drones/directory.ts';
import { KnownDrone } from '../../../src/hub/drones/known-drone.ts';
import { LastKnown } from '../../../src/hub/drones/last-known.ts';
import { key, report } from '../../fixtures/fake-drone.ts';
import { eventually } from '../../fixtures/local-fleet.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleet-last-known-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));
const loud = (line: string): void => assert.fail(line);

test("a drone's last report is known to the next hub, with its age", () => {
  const identity = key();
  const drone = new KnownDrone('web1', identity);
  drone.know(report('000001', { uptime: 5_000 }), 60_000);
  new LastKnown(dir, loud).close([drone]);
  assert.equal(statSync(join(dir, 'last-known.json')).mode & 0o777, 0o600);
  const [known] = new LastKnown(dir, loud).load().get(identity) ?? [];
  assert.equal(known?.report.id, '000001');
  assert.ok(Math.abs((known?.ageMs ?? 0) - 60_000) < 30_000);
  const directory = new DroneDirectory();
  const seen = { name: 'web1', address: '10.0.0.5', seen: Date.now(), connected: true };
  directory.remember({ identity, ...seen }, known && [known]);
  const again = directory.get('web1');
  assert.deepEqual([again?.awaited, [...(again?.processes.keys() ?? [])]], [true, ['000001']]);
  assert.equal(again?.address, '10.0.0.5', 'where others reach what it still runs');
  assert.deepEqual(Object.keys(directory.lost()), ['web1']);
});

/** Drones with a thousand processes each. */
function largeDrones(count: number): KnownDrone[] {
  return Array.from({ length: count }, (_, at) => {
    const drone = new KnownDrone(`web${at}`, key());
    for (let n = 0; n < 1_000; n++) drone.know(report(n.toString(16).padStart(6, '0')));
    return drone;
  });
}

test('what has changed is saved every half minute, and the hub goes on meanwhile', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const drones = largeDrones(5);
  const known = new LastKnown(dir, loud);
  known.follow(() => drones);
  let turns = 0;
  const count = () => {
    turns++;
    if (!existsSync(join(dir, 'last-known.json'))) setImmediate(count);
  };
  t.mock.timers.tick(30_000);
  count();
  await eventually(() => existsSync(join(dir, 'last-known.json')), 'it is saved');
  assert.ok(turns > drones.length, `${turns} turns of the event loop`);
  const read = new LastKnown(dir, loud).load();
  assert.deepEqual(
    drones.map(({ identity }) => read.get(identity)?.length),
    drones.map(() => 1_000),
  );
  known.close(drones);
});

test('what is saved at the end is not replaced by what was being saved', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const drones = largeDrones(5);
  const known = new LastKnown(dir, loud);
  known.follow(() => drones);
  t.mock.timers.tick(30_000);
  for (const drone of drones) drone.forget('000000');
  known.close(drones);
  const text = () => readFileSync(join(dir, 'last-known.json'), 'utf8');
  const atEnd = text();
  for (let n = 0; n < 20; n++) await nextTurn();
  await eventually(() => readdirSync(dir).join() === 'last-known.json', 'nothing else is left');
  assert.ok(text() === atEnd);
  assert.equal(new LastKnown(dir, loud).load().get(drones[0]?.identity ?? '')?.length, 999);
});

test('a damaged file costs its own contents, and nothing else', () => {
  for (const text of ['', '{', '{"drones": 7}', '{"drones": {"x": []}}']) {
    writeFileSync(join(dir, 'last-known.json'), text);
    const said: string[] = [];
    assert.equal(new LastKnown(dir, (line) => said.push(line)).load().size, 0);
    assert.match(said.join(), /^cannot use .*last-known\.json: /, text);
  }
});
