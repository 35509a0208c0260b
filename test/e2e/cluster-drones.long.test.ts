import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ClusterFleet } from '../fixtures/cluster-fleet.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { borrowed } from '../fixtures/nats.ts';

const skip = 'missing' in borrowed ? borrowed.missing : false;
let on: ClusterFleet;
let app: string;

const SERVER = `console.log('begun'); setInterval(() => console.log('line'), 100);`;

before(async () => {
  if (skip) return;
  on = await ClusterFleet.open();
  await on.clusterHub('h1');
  await on.clusterHub('h2');
  on.use('h1');
  app = await on.app('webapp', { 'server.js': SERVER, 'echo.js': 'process.stdin.pipe(process.stdout)' });
  await on.drone('web');
  on.use('h2');
  // Another machine of that name.
  const twin = on.startDrone('twin', '--name=web');
  await twin.printed(/^connected to the hub$/m);
  const deployed = await on.run(['deploy', ...to('h1')], { cwd: app });
  assert.match(deployed.stdout + deployed.stderr, /web/);
});
after(async () => on?.end());

function to(name: string): string[] {
  return [`--hub=127.0.0.1:${on.hubs.get(name)?.port}`, '--secret=beepboop'];
}

const dronesAt = async (name: string) => {
  const { stdout } = await on.at(name, 'drones', '--json');
  return (JSON.parse(stdout) as { name: string; lost: number | null }[]).map((one) => [
    one.name,
    one.lost === null,
  ]);
};

test('every hub has the drones of all, each with a name of its own', { skip }, async () => {
  const both = [
    ['web', true],
    ['web-1', true],
  ];
  for (const name of ['h1', 'h2'])
    await eventually(async () => JSON.stringify(await dronesAt(name)) === JSON.stringify(both), name);
});

test('a process is started, followed, run beside and stopped through another hub', { skip }, async () => {
  const spawned = await on.run(['spawn', '--drone=web', ...to('h2'), '--', 'node', 'server.js'], {
    cwd: app,
  });
  const id = /^\(spawned web#([0-9a-f]{6})\)$/m.exec(spawned.stdout)?.[1];
  assert.ok(id, spawned.stdout + spawned.stderr);
  assert.match((await on.at('h2', 'ps')).stdout, new RegExp(id));
  const logs = on.start(['logs', '-f', id, ...to('h2')]);
  await logs.printed(/begun.*line.*line/s);
  await logs.end();
  const exec = ['exec', '--drone=web', ...to('h2'), '--'];
  const echo = await on.run([...exec, 'node', 'echo.js'], { cwd: app, stdin: 'x'.repeat(3_000_000) });
  assert.equal(echo.stdout.replaceAll(/[^x]/g, '').length, 3_000_001, 'and that of `exited`');
  const failed = await on.run([...exec, 'node', '-e', 'process.exit(7)'], { cwd: app });
  assert.equal(failed.code, 7);
  const stopped = await on.at('h2', 'stop', id);
  assert.equal(stopped.code, 0, stopped.stderr);
  await eventually(async () => !(await on.at('h1', 'ps')).stdout.includes(id), 'it is gone at its own hub');
});

test('a killed hub takes its drones along until they are back, under their names', { skip }, async () => {
  await on.hubs.get('h1')?.running.end('SIGKILL');
  const only2 = JSON.stringify([
    ['web', false],
    ['web-1', true],
  ]);
  await eventually(async () => JSON.stringify(await dronesAt('h2')) === only2, 'lost');
  await on.clusterHub('h1');
  const both = only2.replace('false', 'true');
  for (const name of ['h2', 'h1'])
    await eventually(async () => JSON.stringify(await dronesAt(name)) === both, name);
});
