import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { FaultProxy } from '../fixtures/fault-proxy.ts';
import { commit, eventually, processesOf } from '../fixtures/local-fleet.ts';
import { RealFleet, SECRET } from '../fixtures/real-fleet.ts';
import type { Running } from '../fixtures/running.ts';

const APP = { 'sleep.sh': 'exec sleep 300', 'talk.sh': 'while :; do echo word; sleep 0.2; done' };

const fleet = new RealFleet([]);
let proxy: FaultProxy;
let web1: Running;
let app = '';

before(async () => {
  await fleet.hub();
  web1 = await fleet.drone('web1');
  proxy = await FaultProxy.start(() => fleet.port);
  app = await fleet.app('webapp', APP);
  await fleet.run(['deploy'], { cwd: app });
});
after(async () => {
  proxy.close();
  await fleet.end();
});

/** Runs a client command through the proxy. */
const through = (...args: string[]) => {
  const [name = '', ...rest] = args;
  const options = [`--hub=${proxy.address}`, `--secret=${SECRET}`, '--timeout=3'];
  return fleet.run([name, ...options, ...rest], { cwd: app });
};

/** How many processes on the drone have this in their environment. */
const withMark = (mark: string) =>
  new Set(
    processesOf(join(fleet.dir, 'web1'))
      .filter(({ pid }) => {
        try {
          return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`MARK=${mark}\0`);
        } catch {
          return false;
        }
      })
      .map(({ id }) => id),
  ).size;

test('on a slow network everything works, slowly', async () => {
  proxy.latency = 100;
  try {
    commit(app, { a: 'slow' });
    const deploy = await through('deploy');
    assert.match(deploy.stdout, /^deployed webapp\//, deploy.stderr);
    assert.match((await through('spawn', '--', 'sh', 'sleep.sh')).stdout, /^\(spawned web1#/);
    assert.match((await through('ps')).stdout, /status: {3}running/);
    const exec = await through('exec', '--', 'sh', '-c', 'seq 1 1000; exit 7');
    assert.equal(exec.code, 7);
    assert.equal(exec.stdout.split('\n').length, 1002);
    assert.match((await through('stop', '--all')).stdout, /stopped/);
  } finally {
    proxy.latency = 0;
  }
});

test('a spawn over a breaking connection: what was reported is true, and nothing runs twice', async () => {
  let told = 0;
  for (let n = 0; n < 12; n++) {
    // The first connection breaks sooner or later; the next ones hold.
    let first = true;
    const most = 200 + n * 120;
    proxy.resetAfter = () => {
      const limit = first ? most : Number.POSITIVE_INFINITY;
      first = false;
      return limit;
    };
    const { code, stdout, stderr } = await through('spawn', `--env.MARK=${n}`, '--', 'sh', 'sleep.sh');
    const count = withMark(String(n));
    if (code === 0) {
      told++;
      assert.match(stdout, /^\(spawned web1#[0-9a-f]{6}\)\n$/);
      assert.equal(count, 1, `spawn ${n}`);
    } else {
      assert.match(stderr, /^fleet: .+\n$/);
      assert.ok(count <= 1, `spawn ${n}`);
    }
  }
  proxy.resetAfter = () => Number.POSITIVE_INFINITY;
  assert.ok(told > 0, 'some got through');
  await fleet.run(['stop', '--all'], { cwd: app });
});

test('a deploy over a breaking connection ends with a correct answer or a clear error, and the next one works', async () => {
  for (const most of [300, 700, 1500, 50_000]) {
    const made = commit(app, { big: `${most}${Math.random().toString(36).repeat(30_000)}` });
    proxy.resetAfter = () => most;
    const { code, stdout, stderr } = await through('deploy');
    if (code === 0) assert.equal(stdout, `deployed webapp/${made}\n`);
    else assert.match(stderr, /^fleet: .+$/m);
    proxy.resetAfter = () => Number.POSITIVE_INFINITY;
    assert.equal((await through('deploy')).stdout, `deployed webapp/${made}\n`);
  }
});

test('an exec over a breaking connection reports it, and its process is gone', async () => {
  const exec = fleet.start(
    ['exec', `--hub=${proxy.address}`, `--secret=${SECRET}`, '--env.MARK=exec', '--', 'sh', 'talk.sh'],
    { cwd: app },
  );
  await exec.printed(/word/);
  proxy.resetAll();
  const { code, stderr } = await exec.ended;
  assert.equal(code, 1);
  assert.match(stderr, /^fleet: the connection to the hub was lost/m);
  await eventually(() => withMark('exec') === 0, 'its process is gone');
});

test('on a network that goes silent midway, each command ends within its timeout with a clear error', async () => {
  const exec = fleet.start(
    ['exec', `--hub=${proxy.address}`, `--secret=${SECRET}`, '--timeout=2', '--', 'sh', 'talk.sh'],
    { cwd: app },
  );
  await exec.printed(/word/);
  proxy.silent = true;
  try {
    const commands = [['ps'], ['deploy'], ['spawn', '--', 'sh', 'sleep.sh'], ['stop', 'abcdef'], ['logs']];
    const results = await Promise.all(commands.map((command) => through(...command)));
    for (const [at, { code, stderr }] of results.entries()) {
      assert.equal(code, 1, commands[at]?.join(' '));
      assert.match(stderr, /^fleet: .*within 3 s/m);
    }
    const { code, stderr } = await exec.ended;
    assert.equal(code, 1);
    assert.match(stderr, /^fleet: the connection to the hub was lost/m);
  } finally {
    proxy.silent = false;
    proxy.resetAll();
  }
});

test('a drone whose connection breaks repeatedly keeps its name and its processes', async () => {
  const cwd = join(fleet.dir, 'web1');
  const id = await fleet.spawn(app, 'web1', 'sh', 'sleep.sh');
  const pid = (await fleet.ps())['web1']?.[id]?.pid;
  await web1.end('SIGTERM');
  const drone = fleet.start(['drone', `--hub=${proxy.address}`, `--secret=${SECRET}`], { cwd });
  for (let round = 0; round < 4; round++) {
    const mark = drone.stdout.length;
    await drone.printed(/connected to the hub/, round === 0 ? 0 : mark);
    proxy.resetAll();
    await drone.printed(/reconnecting to the hub/, mark);
  }
  await eventually(async () => {
    const ps = (await fleet.run(['ps'], { cwd: app })).stdout;
    return ps.startsWith('drone#web1\n') && ps.includes(`pid#${id}`);
  }, 'it is back');
  const after = await fleet.ps();
  assert.equal(after['web1']?.[id]?.pid, pid);
  assert.deepEqual(Object.keys(after), ['web1']);
});
