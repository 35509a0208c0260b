import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { eventually, LocalFleet } from '../fixtures/local-fleet.ts';

const fleet = new LocalFleet();
after(() => fleet.end());

test('a copied image of a machine joins as a drone of its own, and stops what came with it', async () => {
  await fleet.startHub();
  const app = fleet.app('webapp', { 'a.js': 'setInterval(() => {}, 1000)' });
  const client = await fleet.connect();
  const first = await fleet.startDrone('web1');
  await client.deploy({ dir: app });
  const { drones } = await client.spawn({ dir: app, command: ['node', 'a.js'] });
  const { id = '' } = drones['web1'] ?? {};
  await first.close();
  const [original, copy] = [join(fleet.dir, 'web1'), join(fleet.dir, 'image')];
  cpSync(original, copy, { recursive: true });
  // On another machine there is no process of the first one.
  const identity = JSON.parse(readFileSync(join(copy, 'drone.json'), 'utf8')) as {
    home: { machine: string };
  };
  identity.home.machine = 'another';
  writeFileSync(join(copy, 'drone.json'), JSON.stringify(identity));
  const record = join(copy, `run/${id}.json`);
  writeFileSync(record, JSON.stringify({ ...JSON.parse(readFileSync(record, 'utf8')), run: null }));

  await fleet.startDrone('web1', { dir: original });
  const problems: string[] = [];
  const second = await fleet.startDrone('web1', { dir: copy, problem: (line) => problems.push(line) });
  assert.match(problems.join('\n'), /is a copy of that of web1, which is connected/);
  assert.match(problems.join('\n'), /a drone of its own from now on/);
  assert.equal(second.name, 'web1-1');
  await eventually(() => second.running === 0, 'what came with the copy is stopped');
  const status = await client.ps();
  assert.deepEqual(Object.keys(status), ['web1', 'web1-1']);
  assert.deepEqual(Object.keys(status['web1']?.processes ?? {}), [id], 'the first one runs on');
  assert.equal(status['web1']?.processes[id]?.restarts, 0);
  assert.ok(!existsSync(record));
});
