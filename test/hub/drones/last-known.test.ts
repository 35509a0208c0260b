import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { DroneDirectory } from '../../../src/hub/drones/directory.ts';
import { KnownDrone } from '../../../src/hub/drones/known-drone.ts';
import { LastKnown } from '../../../src/hub/drones/last-known.ts';
import { key, report } from '../../fixtures/fake-drone.ts';

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

test('a damaged file costs its own contents, and nothing else', () => {
  for (const text of ['', '{', '{"drones": 7}', '{"drones": {"x": []}}']) {
    writeFileSync(join(dir, 'last-known.json'), text);
    const said: string[] = [];
    assert.equal(new LastKnown(dir, (line) => said.push(line)).load().size, 0);
    assert.match(said.join(), /^cannot use .*last-known\.json: /, text);
  }
});
