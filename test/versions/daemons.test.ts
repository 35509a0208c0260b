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
import { assertFailed, assertGave } from '../fixtures/stage.ts';

describe('daemons of both versions', { concurrency: 2, skip: NO_MIXED_FLEET }, () => {
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
  await refusals(fleet, version, app);
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

/** What one end is too old for is refused in one line, and nothing is promised that an older client does not do. */
async function refusals(fleet: MixedFleet, hub: Version, cwd: string): Promise<void> {
  const exec = (name: Version, ...args: string[]) =>
    fleet.as(name).run(['exec', ...args], { cwd, stdin: 'in' });
  const drone = hub === 'older' ? 'newer' : 'older';
  const terminal = await exec('newer', '-t', `--drone=${drone}`, '--', 'true');
  const lack = 'fleet 1.0.0, which makes no terminals';
  assertFailed(
    terminal,
    1,
    hub === 'older' ? `fleet: the hub runs ${lack}` : `[older] it runs ${lack}; upgrade it`,
  );
  const all = await exec('newer', '--drone=*', '--', 'wc', '-c');
  if (hub === 'older')
    assertFailed(
      all,
      1,
      'fleet: the hub runs fleet 1.0.0, which sends input to a single drone only; -n sends none',
    );
  else assert.match(all.stdout, /\] 2\n(.*\n)*.*\] 2\n/);
  const none = await exec('older', '--drone=*', '--', 'wc', '-c');
  assert.match(none.stdout, /\] 0\n(.*\n)*.*\] 0\n/);
}
