import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AppStatus } from '../../src/protocol/apps.ts';
import { commandOf } from '../../src/system/procfs.ts';
import { commit, eventually, processesOf } from '../fixtures/local-fleet.ts';
import { type RealFleet, withFleet } from '../fixtures/real-fleet.ts';

const FILES = {
  // Listens once nothing holds it back.
  'server.js': `
    const { existsSync } = require('fs');
    const listen = () => require('http').createServer((q, s) => s.end('ok')).listen(process.env.PORT);
    const held = () => existsSync(process.env.SHARED + '/hold');
    (function look() { held() ? setTimeout(look, 20) : listen(); })();
  `,
  // Says so if another one runs.
  'worker.js': `
    const fs = require('fs');
    const at = (name) => process.env.SHARED + '/' + name;
    try {
      const stat = fs.readFileSync('/proc/' + fs.readFileSync(at('worker'), 'utf8') + '/stat', 'utf8');
      if (!stat.includes(') Z ')) fs.writeFileSync(at('twice'), stat);
    } catch {}
    fs.writeFileSync(at('worker'), String(process.pid));
    setInterval(() => {}, 1000);
  `,
  'migrate.js': `require('fs').appendFileSync(process.env.SHARED + '/migrated', process.env.RELEASE + '\\n');`,
  'fleet.toml': `
    [deploy]
    release = { command = "node migrate.js", on = ["web1"] }
    [services.web]
    command = "node server.js"
    count = 2
    [services.worker]
    command = "node worker.js"
    on = ["web1"]
    order = "stop-first"
    health = { stable = "100ms" }
  `,
};
const DRONES = ['web1', 'web2'];

/** Returns the app's state once nothing is under way any more, after a check that what runs is exactly what should. */
async function settled(fleet: RealFleet, app: string): Promise<AppStatus> {
  const status = await eventually(async () => {
    const { stdout } = await fleet.run(['status', '--json'], { cwd: app });
    const now = stdout === '' ? null : (JSON.parse(stdout) as AppStatus);
    const isDone = now?.ok && now.why === null && !stdout.includes('"leaving"');
    return isDone && instancesOf(now).length === 3 ? now : null;
  }, 'the app is all right again');
  const instances = instancesOf(status);
  assert.deepEqual(instances.map(({ place }) => place).sort(), ['web.1', 'web.2', 'worker.1']);
  for (const { release } of instances) assert.equal(release, status.release, 'one release, whole');
  const running = DRONES.flatMap((name) => idsOn(fleet, name));
  assert.deepEqual(running.sort(), instances.map(({ id }) => id).sort(), 'nothing else runs');
  assert.ok(!existsSync(join(fleet.dir, 'web1/shared/webapp/twice')), 'never two workers');
  return status;
}

function instancesOf({ services }: AppStatus) {
  return Object.entries(services).flatMap(([service, { instances }]) =>
    instances.map(({ slot, id, release }) => ({ place: `${service}.${slot}`, id, release })),
  );
}

/** The releases whose command has run, as often as it has. */
function migrated(fleet: RealFleet): string[] {
  const path = join(fleet.dir, 'web1/shared/webapp/migrated');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

/** A fleet with version 1 live, and daemons that can be killed. */
async function live(fleet: RealFleet) {
  const hub = await fleet.hub();
  const drone = await fleet.drone('web1');
  await fleet.drone('web2');
  const app = await fleet.app('webapp', { ...FILES, '.gitignore': 'fleet.json\n' });
  const up = await fleet.run(['up'], { cwd: app });
  assert.equal(up.code, 0, up.stderr);
  const old = await settled(fleet, app);
  return { hub, drone, app, old: new Set(instancesOf(old).map(({ id }) => id)) };
}

/** The processes of a drone, without its gits. */
function idsOn(fleet: RealFleet, name: string): string[] {
  const ids = processesOf(join(fleet.dir, name)).map(({ id }) => id);
  return ids.filter((id) => /^[0-9a-f]{6}$/.test(id));
}

/** Its instances that were not there before. */
function newOn(fleet: RealFleet, name: string, old: ReadonlySet<string | null>): string[] {
  const instances = processesOf(join(fleet.dir, name)).filter(({ pid }) => isService(commandOf(pid)));
  return instances.flatMap(({ id }) => (old.has(id) ? [] : [id]));
}

const isService = (command: string[]) => command[1] === 'server.js' || command[1] === 'worker.js';

const MOMENTS: [string, (fleet: RealFleet, old: ReadonlySet<string | null>) => boolean][] = [
  ['its release command has run', (fleet) => migrated(fleet).length === 2],
  ['its first instance starts', (fleet, old) => DRONES.some((name) => newOn(fleet, name, old).length > 0)],
  [
    'some of it has replaced the old one',
    (fleet, old) => DRONES.flatMap((name) => newOn(fleet, name, old)).length >= 2,
  ],
];

for (const [moment, isReached] of MOMENTS) {
  test(
    `kill -9 of hub and drone when ${moment}: afterwards it is whole, and nothing ran twice`,
    withFleet(['hub', 'web1'], async (fleet) => {
      const { hub, drone, app, old } = await live(fleet);
      const wanted = commit(app, { 'better.txt': 'better' });
      const begun = await fleet.run(['up', '--detach'], { cwd: app });
      assert.equal(begun.code, 0, begun.stderr);
      await eventually(() => isReached(fleet, old), moment);
      await Promise.all([hub.end('SIGKILL'), drone.end('SIGKILL')]);
      await fleet.hub();
      await fleet.drone('web1');
      const after = await settled(fleet, app);
      assert.equal(after.commit, wanted);
      assert.deepEqual(migrated(fleet), ['1', '2']);
    }),
  );
}

test(
  'kill -9 of hub and drone while a release fails: what was live is whole afterwards',
  withFleet(['hub', 'web1'], async (fleet) => {
    const { hub, drone, app, old } = await live(fleet);
    commit(app, { 'server.js': `require('./prices');` });
    const begun = await fleet.run(['up', '--detach'], { cwd: app });
    assert.equal(begun.code, 0, begun.stderr);
    await eventually(() => migrated(fleet).length === 2, 'it has begun');
    await Promise.all([hub.end('SIGKILL'), drone.end('SIGKILL')]);
    await fleet.hub();
    await fleet.drone('web1');
    const isFailed = async () => {
      const { stdout } = await fleet.run(['releases'], { cwd: app });
      return /^v2 {2}failed/m.test(stdout);
    };
    await eventually(isFailed, 'the release has failed');
    const after = await settled(fleet, app);
    assert.equal(after.release, 1);
    assert.deepEqual(new Set(instancesOf(after).map(({ id }) => id)), old, 'nothing of it was stopped');
  }),
);

test(
  'kill -9 of a drone while its instance starts: the next drone has it, once',
  withFleet(['hub', 'web1'], async (fleet) => {
    const { drone, app, old } = await live(fleet);
    const hold = join(fleet.dir, 'web1/shared/webapp/hold');
    writeFileSync(hold, '');
    commit(app, { 'better.txt': 'better' });
    const begun = await fleet.run(['up', '--detach'], { cwd: app });
    assert.equal(begun.code, 0, begun.stderr);
    const [starting] = await eventually(() => {
      const ids = newOn(fleet, 'web1', old);
      return ids.length > 0 ? ids : null;
    }, 'an instance starts');
    await drone.end('SIGKILL');
    assert.deepEqual(newOn(fleet, 'web1', old), [starting], 'it starts on');
    await fleet.drone('web1');
    const others = newOn(fleet, 'web1', old).filter((id) => id !== starting);
    assert.deepEqual(others, [], 'and no other one is started beside it');
    rmSync(hold);
    await settled(fleet, app);
  }),
);
