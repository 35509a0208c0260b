import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { AppStatus } from '../../src/protocol/apps.ts';
import { ClusterFleet } from '../fixtures/cluster-fleet.ts';
import { commit, eventually, processesOf } from '../fixtures/local-fleet.ts';
import { borrowed } from '../fixtures/nats.ts';
import { SECRET } from '../fixtures/real-fleet.ts';

const skip = 'missing' in borrowed ? borrowed.missing : false;
const HUBS = ['h1', 'h2', 'h3'] as const;
const DRONES = ['web1', 'web2'];
const FILES = {
  'server.js': `require('http').createServer((q, s) => s.end('ok')).listen(process.env.PORT);`,
  'migrate.js': `require('fs').appendFileSync(process.env.SHARED + '/migrated', process.env.RELEASE + '\\n');`,
  'fleet.toml': `
    [deploy]
    release = { command = "node migrate.js", on = ["web1"] }
    [services.web]
    command = "node server.js"
    count = 3
  `,
  '.gitignore': 'fleet.json\n',
};

/** Three hubs that are one, two drones, and an app whose first release is live. */
async function live(t: TestContext) {
  const on = await ClusterFleet.open();
  t.after(() => on.end());
  for (const name of HUBS) await on.clusterHub(name);
  const leads = await leading(on, 'h1');
  on.use(follower(leads));
  for (const name of DRONES) await on.clusterDrone(name).printed(/^connected to the hub$/m);
  const app = await on.app('webapp', FILES);
  const begun = await at(on, follower(leads), app, 'up');
  assert.equal(begun.code, 0, begun.stderr);
  return { on, app, leads };
}

const follower = (leads: string) => HUBS.find((name) => name !== leads) ?? '';

/** Runs a command in the app's checkout, at a hub. */
const at = (on: ClusterFleet, hub: string, cwd: string, ...words: string[]) =>
  on.run([...words, `--hub=127.0.0.1:${on.hubs.get(hub)?.port}`, `--secret=${SECRET}`], { cwd });

/** The hub that leads, as another one says. */
async function leading(on: ClusterFleet, asked: string): Promise<string> {
  return eventually(async () => {
    const listed = await on.listed(asked).catch(() => []);
    return listed.find(({ leads }) => leads)?.name ?? null;
  }, 'a hub leads');
}

/** The app's state at a hub once nothing is under way, after a check that what runs is exactly what should. */
async function settled(on: ClusterFleet, hub: string, app: string): Promise<AppStatus> {
  const status = await eventually(async () => {
    const { stdout } = await at(on, hub, app, 'status', '--json');
    const now = stdout === '' ? null : (JSON.parse(stdout) as AppStatus);
    const isDone = now?.ok && now.why === null && !stdout.includes('"leaving"');
    return isDone && instancesOf(now).length === 3 ? now : null;
  }, `the app is all right at ${hub}`);
  const ids = instancesOf(status).map(({ id }) => id);
  for (const { release } of instancesOf(status)) assert.equal(release, status.release, 'one release, whole');
  await eventually(
    () =>
      DRONES.flatMap((name) => idsOn(on, name))
        .sort()
        .join() === ids.sort().join(),
    'nothing else runs',
  );
  return status;
}

const instancesOf = ({ services }: AppStatus) => services['web']?.instances ?? [];
const idsOn = (on: ClusterFleet, name: string) =>
  processesOf(join(on.dir, name))
    .map(({ id }) => id)
    .filter((id) => /^[0-9a-f]{6}$/.test(id));

function migrated(on: ClusterFleet): string[] {
  const path = join(on.dir, 'web1/shared/webapp/migrated');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

test('every hub says the same of a release that was begun at one that does not lead', { skip }, async (t) => {
  const { on, app, leads } = await live(t);
  for (const name of HUBS) {
    const { stdout, code } = await at(on, name, app, 'releases');
    assert.equal(code, 0);
    assert.match(stdout, /^v1 {2}live /m, name);
    assert.equal((await settled(on, name, app)).release, 1);
  }
  const scaled = await at(on, follower(leads), app, 'scale', 'web=2');
  assert.equal(scaled.code, 0, scaled.stderr);
  assert.match(scaled.stdout, /^v1 scaled {2}web 2\/2/);
  const back = await at(on, follower(leads), app, 'scale', 'web=auto');
  assert.equal(back.code, 0, back.stderr);
  await settled(on, leads, app);
});

type Moment = [string, (on: ClusterFleet, old: ReadonlySet<string>) => boolean];
const MOMENTS: Moment[] = [
  ['it has begun', () => true],
  ['its release command has run', (on) => migrated(on).length === 2],
  ['its first instance starts', (on, old) => started(on, old) >= 1],
  ['some of it has replaced the old one', (on, old) => started(on, old) >= 2],
];

const started = (on: ClusterFleet, old: ReadonlySet<string>) =>
  DRONES.flatMap((name) => idsOn(on, name)).filter((id) => !old.has(id)).length;

for (const signal of ['SIGKILL', 'SIGSTOP'] as const)
  for (const [moment, isReached] of MOMENTS)
    test(`${signal} of the hub that leads when ${moment}: another goes on, and who looks on sees it live`, {
      skip,
    }, async (t) => {
      const { on, app, leads } = await live(t);
      const other = follower(leads);
      const old = new Set(instancesOf(await settled(on, other, app)).map(({ id }) => id ?? ''));
      const wanted = commit(app, { 'better.txt': 'better' });
      const up = at(on, other, app, 'up');
      const seen = async () => (await at(on, other, app, 'releases')).stdout;
      await eventually(async () => /^v2 /m.test(await seen()), 'it has a number');
      await eventually(() => isReached(on, old), moment);
      const leader = on.hubs.get(leads)?.running;
      const at0 = performance.now();
      leader?.kill(signal);
      const next = await eventually(async () => {
        const name = await leading(on, other);
        return name === leads ? null : name;
      }, 'another hub leads');
      t.diagnostic(`${next} led ${Math.round(performance.now() - at0)} ms later`);
      const { code, stdout, stderr } = await up;
      t.diagnostic(`it ended ${Math.round(performance.now() - at0)} ms later`);
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /^v2 live {2}web 3\/3/m);
      assert.equal((await settled(on, other, app)).commit, wanted);
      assert.deepEqual(migrated(on), ['1', '2']);
      if (signal === 'SIGKILL') return;
      leader?.kill('SIGCONT');
      await eventually(async () => (await on.listed(leads).catch(() => [])).length === 3, 'it is back');
      assert.equal((await settled(on, leads, app)).commit, wanted);
      assert.deepEqual(migrated(on), ['1', '2'], 'nothing ran twice');
    });
