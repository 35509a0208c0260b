import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ClusterFleet } from '../fixtures/cluster-fleet.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { borrowed } from '../fixtures/nats.ts';
import { SECRET } from '../fixtures/real-fleet.ts';

const skip = 'missing' in borrowed ? borrowed.missing : false;
let on: ClusterFleet;

before(async () => {
  if (!skip) on = await ClusterFleet.open();
});
after(async () => on?.end());

const namesAt = async (name: string) => (await on.listed(name)).map((hub) => hub.name).join(' ');
const tokensAt = async (name: string) => (await on.at(name, 'token', 'ls')).stdout;

test('a hub that was alone takes its state along; hubs with the same engine are one', { skip }, async () => {
  const alone = await on.hub();
  const made = await on.run([
    'token',
    'create',
    'ci',
    '--can=read',
    `--hub=${on.address}`,
    `--secret=${SECRET}`,
  ]);
  assert.equal(made.code, 0, made.stderr);
  await alone.end('SIGTERM');
  await on.clusterHub('hub');
  await on.clusterHub('h2');
  await eventually(async () => (await namesAt('h2')) === 'h2 hub', 'both are listed');
  assert.equal(await namesAt('hub'), 'h2 hub');
  assert.match(await tokensAt('h2'), /^ci /m);
  const token = made.stdout.trim();
  const seen = await on.run(['ps', `--hub=127.0.0.1:${on.hubs.get('h2')?.port}`, `--secret=${token}`]);
  assert.equal(seen.code, 0, seen.stderr);
});

test('a token that is removed at one hub is refused at another', { skip }, async () => {
  const made = await on.at('hub', 'token', 'create', 'short', '--can=read');
  const token = made.stdout.trim();
  const at2 = () => on.run(['ps', `--hub=127.0.0.1:${on.hubs.get('h2')?.port}`, `--secret=${token}`]);
  await eventually(async () => (await at2()).code === 0, 'it is known at the other hub');
  await on.at('h2', 'token', 'rm', 'short');
  await eventually(async () => !(await tokensAt('hub')).includes('short'), 'it is gone at the first');
  assert.match((await at2()).stderr, /wrong secret|no such|refused/);
});

test('a name is that of one hub, and a directory that of one cluster', { skip }, async () => {
  const other = join(on.dir, 'other');
  mkdirSync(other);
  const start = (cwd: string, ...words: string[]) =>
    on.run(['hub', '--host=127.0.0.1', '--port=0', `--secret=${SECRET}`, ...words], { cwd });
  const twice = await start(other, `--cluster=${on.nats.urls}`, '--name=h2');
  assert.equal(twice.code, 1);
  assert.match(
    twice.stderr,
    /^fleet: a hub called h2 is in the cluster already; give this one another --name$/m,
  );
  await on.hubs.get('h2')?.running.end('SIGTERM');
  const alone = await start(join(on.dir, 'h2'));
  assert.match(alone.stderr, /is of a hub of a cluster; start it with --cluster=… as before/);
  await on.clusterHub('h2');
  await eventually(async () => (await namesAt('hub')) === 'h2 hub', 'it is back');
});

test('options of a cluster that make no sense say so in a line', { skip: false }, async () => {
  const fleet = on;
  if (!fleet) return;
  const run = (...words: string[]) => fleet.run(['hub', '--port=0', ...words]);
  for (const [words, line] of [
    [
      ['--cluster=http://h'],
      'fleet: --cluster=http://h is not a list of NATS servers; write it as nats://10.0.0.1:4222,10.0.0.2:4222',
    ],
    [['--name=h1'], 'fleet: --name is for one of several hubs; it needs --cluster=SERVERS'],
    [
      ['--cluster=nats://u:p@h'],
      'fleet: others can read what is typed: give credentials as a file, with --cluster-creds',
    ],
  ] as const) {
    const { code, stderr } = await run(...words);
    assert.deepEqual([code, stderr.trim()], [2, line]);
  }
});
