import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from '../../src/index.ts';
import { ClusterFleet } from '../fixtures/cluster-fleet.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { borrowed } from '../fixtures/nats.ts';
import { SECRET } from '../fixtures/real-fleet.ts';

const skip = 'missing' in borrowed ? borrowed.missing : false;

async function two(t: { after(end: () => Promise<void>): void }): Promise<ClusterFleet> {
  const on = await ClusterFleet.open();
  t.after(() => on.end());
  for (const name of ['h1', 'h2']) await on.clusterHub(name);
  await eventually(async () => (await on.listed('h1')).length === 2, 'they know each other');
  return on;
}

test('the audit trails of all hubs are read, and checked, at any of them', { skip }, async (t) => {
  const on = await two(t);
  for (const name of ['h1', 'h2']) await on.at(name, 'token', 'create', `by-${name}`, '--can=read');
  for (const name of ['h1', 'h2']) {
    const { stdout, stderr, code } = await on.at(name, 'audit');
    assert.deepEqual([code, stderr], [0, '']);
    const made = stdout.split('\n').filter((line) => line.includes('token.create'));
    assert.match(made[0] ?? '', /^\S+Z h1: secret@127\.0\.0\.1 token\.create by-h1 .*: ok$/);
    assert.match(made[1] ?? '', /^\S+Z h2: secret@127\.0\.0\.1 token\.create by-h2 .*: ok$/);
    assert.equal((await on.at(name, 'audit', '-n', '1')).stdout.trim().split('\n').length, 1);
  }
  const checked = await on.at('h2', 'audit', 'verify');
  const [, first = '', second = ''] =
    /^h1: nothing was changed .*\nlast: (h1:\d+:\w+)\nh2: nothing was changed .*\nlast: (h2:\d+:\w+)$/m.exec(
      checked.stdout,
    ) ?? [];
  assert.notEqual(first, '', checked.stdout + checked.stderr);
  assert.equal((await on.at('h1', 'audit', 'verify', `--expect=${first}`, `--expect=${second}`)).code, 0);
  const wrong = await on.at('h1', 'audit', 'verify', `--expect=${second.replace(/\w+$/, 'f'.repeat(64))}`);
  assert.match(wrong.stderr, /^fleet: h2: .*it, or the one before it, was changed/m);
  assert.deepEqual([wrong.code, /^h1: nothing was changed/m.test(wrong.stdout)], [1, true]);
  const exported = join(on.dir, 'exported');
  writeFileSync(exported, (await on.at('h1', 'audit', '--json')).stdout);
  assert.match((await on.run(['audit', 'verify', exported])).stdout, /^h1: .*\n.*\nh2: nothing/m);
  assert.equal((await on.at('h2', 'repos')).code, 0);
  on.hubs.get('h2')?.running.kill('SIGSTOP');
  const alone = await on.at('h1', 'audit', '--timeout=30');
  assert.match(alone.stderr, /^fleet: the entries of h2 are missing: /);
  assert.deepEqual([alone.code, /by-h1/.test(alone.stdout)], [1, true]);
});

test('a hub that was held up steps aside for one that has its name meanwhile', { skip }, async (t) => {
  const on = await two(t);
  const old = on.hubs.get('h2')?.running;
  old?.kill('SIGSTOP');
  const cwd = join(on.dir, 'another');
  mkdirSync(cwd);
  const again = on.start(
    ['hub', '--host=127.0.0.1', '--port=0', `--secret=${SECRET}`, `--cluster=${on.nats.urls}`, '--name=h2'],
    { cwd },
  );
  const [, port] = await again.printed(/control service listening on :(\d+)/);
  const listed = async () => (await on.listed('h1')).map(({ name, address }) => `${name} ${address}`);
  const right = (lines: string[]) => lines.length === 2 && lines[1] === `h2 http://127.0.0.1:${port}`;
  await eventually(async () => right(await listed()), 'the new one is listed', 20_000);
  old?.kill('SIGCONT');
  let isOver = false;
  const ended = old?.ended.finally(() => {
    isOver = true;
  });
  while (!isOver) assert.ok(right(await listed()), 'never two of a name');
  const result = await ended;
  assert.equal(result?.code, 1);
  assert.match(
    result?.stderr ?? '',
    /^fleet: another hub was started as h2 while this one did not answer, and has its name now; this one has ended$/m,
  );
  assert.ok(right(await listed()));
  assert.equal((await on.run(['ps', `--hub=127.0.0.1:${port}`, `--secret=${SECRET}`])).code, 0);
});

/** The hub of two that leads, and what commands name that go to the other one, which has a drone. */
async function besideLeader(on: ClusterFleet): Promise<{ leads: string; target: string[] }> {
  const leads = await eventually(
    async () => (await on.listed('h1')).find((hub) => hub.leads)?.name ?? null,
    'a hub leads',
  );
  on.use(leads === 'h1' ? 'h2' : 'h1');
  await on.drone('web1');
  return { leads, target: [`--hub=${on.address}`, `--secret=${SECRET}`] };
}

test('who scales at a hub that does not lead hears of its end, also if the one that leads is killed', {
  skip,
}, async (t) => {
  const on = await two(t);
  const { leads, target } = await besideLeader(on);
  const app = await on.app('webapp', {
    'fleet.toml': '[services.worker]\ncommand = "sleep 1000"\ncount = 1\n',
  });
  const up = await on.run(['up', ...target], { cwd: app });
  assert.equal(up.code, 0, up.stderr);
  const scaling = on.start(['scale', 'worker=3', ...target], { cwd: app });
  const isScaled = async () => /worker\.3/.test((await on.run(['status', ...target], { cwd: app })).stdout);
  await eventually(isScaled, 'it has begun');
  await on.hubs.get(leads)?.running.end('SIGKILL');
  const { code, stdout, stderr } = await scaling.ended;
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^v1 scaled {2}worker 3\/3/m);
});

test('a scale that cannot settle ends with the reason, also if the hub that leads is killed', {
  skip,
}, async (t) => {
  const on = await two(t);
  const { leads, target } = await besideLeader(on);
  const sick = join(on.dir, 'sick');
  const app = await on.app('webapp', {
    'fleet.toml': `[services.web]\ncommand = "node web.js"\nhealth = { path = "/", interval = "1s", within = "10s" }\n`,
    'web.js': `require('http').createServer((_, answer) => {
      answer.statusCode = require('fs').existsSync(${JSON.stringify(sick)}) ? 500 : 200;
      answer.end();
    }).listen(process.env.PORT);`,
  });
  const up = await on.run(['up', ...target], { cwd: app });
  assert.equal(up.code, 0, up.stderr);
  writeFileSync(sick, '');
  const scaling = on.start(['scale', 'web=2', ...target], { cwd: app });
  const isScaled = async () => /web\.2/.test((await on.run(['status', ...target], { cwd: app })).stdout);
  await eventually(isScaled, 'it has begun');
  await on.hubs.get(leads)?.running.end('SIGKILL');
  const { code, stdout, stderr } = await scaling.ended;
  assert.equal(code, 1, stderr);
  assert.match(stdout, /^v1 scaled {2}web 0\/2 .*web\.\d GET \/ answered 500/m);
});

const AHEAD = 'const now = Date.now; Date.now = () => now() + 60_000;';

test('who looks on goes on at a hub whose clock is a minute ahead, and at one that is behind: nothing comes twice', {
  skip,
}, async (t) => {
  const on = await ClusterFleet.open();
  t.after(() => on.end());
  writeFileSync(join(on.dir, 'ahead.cjs'), AHEAD);
  on.environments.set('h2', { NODE_OPTIONS: `--require ${join(on.dir, 'ahead.cjs')}` });
  for (const name of ['h1', 'h2']) await on.clusterHub(name);
  const drones = [on.clusterDrone('web1'), on.clusterDrone('web2')];
  for (const drone of drones) await drone.printed(/^connected to the hub$/m);
  const hubs = ['h1', 'h2'].map((name) => `127.0.0.1:${on.hubs.get(name)?.port}`).join(',');
  const target = [`--hub=${hubs}`, `--secret=${SECRET}`];
  on.use('h1');
  const app = await on.app('webapp', { 'a.txt': 'a' });
  const deployed = await on.run(['deploy', ...target], { cwd: app });
  assert.equal(deployed.code, 0, deployed.stderr);
  const list = hubs.split(',');
  const monitors = await Promise.all(list.concat(list).map(() => monitorOf(t, hubs)));
  const spawned: string[] = [];
  const spawn = async () => {
    // Of a drone whose hub is killed just now, nobody knows.
    const id = await eventually(async () => {
      const { stdout } = await on.run(['spawn', ...target, '--', 'sleep', '1000'], { cwd: app });
      return /#([0-9a-f]{6})\)/.exec(stdout)?.[1] ?? null;
    }, 'it is spawned');
    spawned.push(id);
    return id;
  };
  const isSeen = (id: string) => monitors.every(({ keys }) => keys.some((key) => key.includes(id)));
  await eventually(async () => {
    const id = await spawn();
    return eventually(() => isSeen(id), 'seen', 2_000).catch(() => false);
  }, 'all listen');
  spawned.splice(0);
  for (const name of ['h2', 'h1', 'h2']) {
    await spawn();
    await on.hubs.get(name)?.running.end('SIGKILL');
    await spawn();
    await on.clusterHub(name);
    await eventually(async () => {
      const { stdout } = await on.at(name, 'drones', '--json');
      const all = JSON.parse(stdout || '[]') as { lost: number | null }[];
      return all.length === 2 && all.every(({ lost }) => lost === null);
    }, `${name} knows the drones`);
    await spawn();
  }
  await eventually(() => spawned.every(isSeen), 'everybody has seen all');
  for (const { keys } of monitors)
    assert.deepEqual(
      keys.filter((key, n) => keys.indexOf(key) !== n),
      [],
    );
});

/** Somebody who looks on, at whichever of the hubs is there, and what tells the spawns and joins apart that they have seen. */
async function monitorOf(t: { after(end: () => void): void }, hubs: string): Promise<{ keys: string[] }> {
  const client = await connect({ hub: hubs, secret: SECRET });
  t.after(() => client.close());
  const keys: string[] = [];
  void (async () => {
    for await (const item of client.monitor()) {
      const event = item.kind === 'event' ? item.event : null;
      if (event?.type === 'spawned') keys.push(`spawned ${event.id}`);
      if (event?.type === 'joined') keys.push(`joined ${event.drone} ${event.connection}`);
    }
  })().catch(() => {});
  return { keys };
}
