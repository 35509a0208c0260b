import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { eventually, headOf } from '../fixtures/local-fleet.ts';
import {
  type MixedFleet,
  NO_MIXED_FLEET,
  other,
  VERSIONS,
  type Version,
  withMixedFleet,
} from '../fixtures/mixed-fleet.ts';
import { assertGave } from '../fixtures/stage.ts';

// The short form of test/versions, for each run of the tests.

describe('an older version together with this one', { concurrency: 2, skip: NO_MIXED_FLEET }, () => {
  for (const hub of VERSIONS) {
    test(
      `a hub that is ${hub} serves drones and clients of both versions, and so does the one that replaces it`,
      withMixedFleet((fleet) => replaceHub(fleet, hub)),
    );
  }
});

async function replaceHub(fleet: MixedFleet, version: Version): Promise<void> {
  const hub = await fleet.as(version).hub();
  const app = await fleet.app('webapp', { 'talk.js': `console.log('hello'); setInterval(() => {}, 1000);` });
  appendFileSync(join(app, '.git/info/exclude'), 'fleet.json\n');
  const drones = await Promise.all(VERSIONS.map((name) => fleet.as(name).drone(name)));
  const [first, second] = [version, other(version)];
  const deployed = await fleet.as(second).run(['deploy'], { cwd: app });
  assertGave(deployed, 0, `deployed webapp/${headOf(app)}\n`);
  const ids = await Promise.all(VERSIONS.map((name) => fleet.as(name).spawn(app, name, 'node', 'talk.js')));
  const pids = ids.map((id) => fleet.pidsOf(id));
  await hub.end('SIGTERM');
  const marks = drones.map(({ stdout }) => stdout.length);
  await fleet.as(second).hub();
  await Promise.all(drones.map((drone, n) => drone.printed(/^connected to the hub$/m, marks[n])));
  await Promise.all(
    VERSIONS.map(async (name, n) => {
      const id = ids[n] ?? '';
      const [pid, ...more] = pids[n] ?? [];
      assert.deepEqual(more, []);
      const { status, restarts, pid: shown } = (await fleet.psJson(name, app))[name]?.[id] ?? {};
      assert.deepEqual([status, restarts, shown], ['running', 0, pid]);
      const logs = () => fleet.as(other(name)).run(['logs', id], { cwd: app });
      await eventually(async () => (await logs()).stdout === `[${name}#${id}] hello\n`, 'its log is read');
      const args = ['exec', '--raw', `--drone=${name}`, '--', 'sh', '-c', 'cat; exit 3'];
      assertGave(await fleet.as(first).run(args, { cwd: app, stdin: 'in' }), 3, 'in');
      const stopped = await fleet.as(name).run(['stop', id], { cwd: app });
      assertGave(stopped, 0, `[${name}] stopped ${id}\n`);
    }),
  );
}
