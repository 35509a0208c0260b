import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commit, eventually, processesOf } from '../fixtures/local-fleet.ts';
import { type RealFleet, withFleet } from '../fixtures/real-fleet.ts';
import { fill, free, mountSmall, NO_SMALL_DISK, unmount } from '../fixtures/small-disk.ts';

/** Runs a test whose `name` directory is a small disk. */
function onSmallDisk(name: string, size: string, body: (fleet: RealFleet, disk: string) => Promise<void>) {
  return withFleet([name], async (fleet) => {
    const disk = join(fleet.dir, name);
    assert.equal(mountSmall(disk, size), null);
    try {
      await body(fleet, disk);
    } finally {
      await fleet.endAll();
      unmount(disk);
    }
  });
}

/** Fills the disk, and uses up the reserve. */
function fillAll(disk: string): void {
  fill(disk);
  rmSync(join(disk, 'reserve'), { recursive: true, force: true });
  fill(disk);
}

const hasReserve = (disk: string) =>
  eventually(() => existsSync(join(disk, 'reserve/spare')), 'it has a reserve');

const APP = {
  'sleep.sh': 'exec sleep 300',
  'talk.sh': 'while :; do echo word; sleep 0.2; done',
  'pages.sh': 'while :; do printf "%0500d\\n" 1; sleep 0.05; done',
};
const BIG = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`f${n}`, `${n}`.repeat(50_000)]));

/** What a fetch or a checkout that has failed has left. */
function leftIn(disk: string): string[] {
  const checkouts = readdirSync(join(disk, 'deploy')).filter((name) => name.startsWith('.tmp'));
  const names = readdirSync(join(disk, 'repos'), { recursive: true, encoding: 'utf8' });
  return [...checkouts, ...names.filter((name) => /tmp_|\.lock$/.test(name))];
}

test(
  'a full disk at a drone: deploy, spawn and logs report it, processes go on, and free space repairs it',
  { skip: NO_SMALL_DISK },
  onSmallDisk('web1', '4m', async (fleet, disk) => {
    await fleet.hub();
    const drone = await fleet.drone('web1', '--quiet', '--min-free=0');
    await fleet.drone('web2');
    const app = await fleet.app('webapp', APP);
    await fleet.run(['deploy'], { cwd: app });
    const id = await fleet.spawn(app, 'web1', 'sh', 'talk.sh');
    fillAll(disk);

    commit(app, BIG);
    const deploy = await fleet.run(['deploy'], { cwd: app });
    assert.equal(deploy.code, 1);
    assert.match(deploy.stderr, /^\[web1\] .*disk is full/m);
    assert.doesNotMatch(deploy.stderr, /web2/);
    // It tries again by itself meanwhile, and leaves nothing each time.
    await eventually(() => leftIn(disk).length === 0, 'what was fetched is gone');
    const spawn = await fleet.run(['spawn', '--drone=web1', '--commit=HEAD~1', '--', 'sh', 'sleep.sh'], {
      cwd: app,
    });
    assert.equal(spawn.code, 1);
    assert.match(spawn.stderr, /^\[web1\] .*(no space left|full)/im);
    assert.equal((await fleet.ps())['web1']?.[id]?.status, 'running');
    assert.equal(Object.keys((await fleet.ps())['web1'] ?? {}).length, 1);

    // A process that ends now is restarted, although nothing of it can be written down.
    process.kill((await fleet.ps())['web1']?.[id]?.pid as number, 'SIGKILL');
    await eventually(async () => {
      const now = (await fleet.ps())['web1']?.[id];
      return now?.status === 'running' && now.restarts === 1;
    }, 'a restart');
    await drone.end('SIGKILL');
    free(disk);
    await fleet.drone('web1', '--quiet');
    const ps = (await fleet.ps())['web1'] ?? {};
    assert.deepEqual(Object.keys(ps), [id]);
    await eventually(() => processesOf(disk).some(({ pid }) => pid === ps[id]?.pid), 'one runs');
    const { code } = await fleet.run(['spawn', '--drone=web1', '--commit=HEAD~1', '--', 'sh', 'sleep.sh'], {
      cwd: app,
    });
    assert.equal(code, 0);
  }),
);

test(
  'a commit that would leave too little of the disk free is refused in one line, and what is there goes on',
  { skip: NO_SMALL_DISK },
  onSmallDisk('web1', '8m', async (fleet, disk) => {
    await fleet.hub();
    const drone = await fleet.drone('web1', '--quiet');
    const app = await fleet.app('webapp', APP);
    await fleet.run(['deploy'], { cwd: app });
    const first = readdirSync(join(disk, 'deploy'));
    const two = 'x'.repeat(2_000_000);
    commit(app, { f1: two, f2: two, f3: two, f4: two });
    const deploy = await fleet.run(['deploy'], { cwd: app });
    assert.equal(deploy.code, 1);
    assert.match(
      deploy.stderr,
      /^\[web1\] checkout: web1 has 8\.\d MB free; the commit needs 8\.0 MB and --min-free keeps 419\.4 kB; fleet prune may free some\n$/,
    );
    assert.deepEqual(readdirSync(join(disk, 'deploy')), first);
    const spawn = ['spawn', '--commit=HEAD~1', '--', 'sh', 'sleep.sh'];
    assert.equal((await fleet.run(spawn, { cwd: app })).code, 0);

    commit(app, { f2: '', f3: '', f4: two });
    assert.equal((await fleet.run(['deploy'], { cwd: app })).stderr, '');
    await drone.end('SIGKILL');
    await fleet.drone('web1', '--quiet', '--min-free=50%');
    commit(app, { f1: 'tiny' });
    const { stderr } = await fleet.run(['deploy'], { cwd: app });
    assert.match(
      stderr,
      /^\[web1\] fetch: web1 has [34]\.\d MB free; --min-free keeps 4\.2 MB; fleet prune may free some\n$/,
    );
  }),
);

test(
  'on a full disk, a drone still takes down what is spawned and stopped, and logs go on, while its reserve lasts',
  { skip: NO_SMALL_DISK },
  onSmallDisk('web1', '4m', async (fleet, disk) => {
    await fleet.hub();
    const drone = await fleet.drone('web1', '--quiet');
    const app = await fleet.app('webapp', APP);
    await fleet.run(['deploy'], { cwd: app });
    const ids = await Promise.all(
      ['pages.sh', 'sleep.sh'].map((file) => fleet.spawn(app, 'web1', 'sh', file)),
    );
    await hasReserve(disk);
    fill(disk);
    const linesOf = async () => {
      const { stdout } = await fleet.run(['logs', `${ids[0]}`, '-n', '1000'], { cwd: app });
      return stdout.split('\n').length;
    };
    const before = await linesOf();
    await eventually(async () => (await linesOf()) > before + 20, 'more lines are in the log');
    const spawned = await fleet.spawn(app, 'web1', 'sh', 'sleep.sh');
    assert.equal((await fleet.run(['stop', `${ids[1]}`], { cwd: app })).code, 0);
    await drone.printed(/disk of .*web1 is full/);
    await drone.end('SIGKILL');
    await fleet.drone('web1', '--quiet');
    assert.deepEqual(Object.keys((await fleet.ps())['web1'] ?? {}).sort(), [ids[0], spawned].sort());
  }),
);

test(
  'on a full disk, a hub still takes down who may come in, and who came, while its reserve lasts',
  { skip: NO_SMALL_DISK },
  onSmallDisk('hub', '4m', async (fleet, disk) => {
    const hub = await fleet.hub();
    const app = await fleet.app('webapp', APP);
    await fleet.run(['deploy'], { cwd: app });
    await hasReserve(disk);
    fill(disk);
    const add = await fleet.run(['token', 'create', 'ci', '--can=read'], { cwd: app });
    assert.equal(add.code, 0, add.stderr);
    assert.match((await fleet.run(['audit'], { cwd: app })).stdout, /token/);
    await hub.end('SIGKILL');
    await fleet.hub();
    assert.match((await fleet.run(['token', 'ls'], { cwd: app })).stdout, /^ci\b/m);
  }),
);

test(
  'a full disk at the hub: whoever deploys is told, and everything else goes on',
  { skip: NO_SMALL_DISK },
  onSmallDisk('hub', '3m', async (fleet, disk) => {
    await fleet.hub();
    await fleet.drone('web1');
    const app = await fleet.app('webapp', APP);
    await fleet.run(['deploy'], { cwd: app });
    fill(disk);
    commit(app, {
      'big.bin': Buffer.from(Array.from({ length: 500_000 }, () => Math.random() * 256)).toString('base64'),
    });
    const deploy = await fleet.run(['deploy'], { cwd: app });
    assert.equal(deploy.code, 1);
    assert.match(deploy.stderr, /^fleet: .*(disk is full|no space left)/im);
    const spawn = await fleet.run(['spawn', '--commit=HEAD~1', '--', 'sh', 'sleep.sh'], { cwd: app });
    assert.equal(spawn.code, 0, spawn.stderr);
    assert.equal((await fleet.run(['ps'], { cwd: app })).code, 0);
    free(disk);
    const again = await fleet.run(['deploy'], { cwd: app });
    assert.equal(again.stderr, '');
    assert.equal(again.code, 0);
    assert.ok(existsSync(join(fleet.dir, 'web1/deploy')));
  }),
);

test(
  'a drone starts on a full disk: it adopts and restarts its processes, and removes leftovers to make room',
  { skip: NO_SMALL_DISK },
  onSmallDisk('web1', '4m', async (fleet, disk) => {
    await fleet.hub();
    const drone = await fleet.drone('web1', '--quiet');
    const app = await fleet.app('webapp', APP);
    const { stdout } = await fleet.run(['deploy'], { cwd: app });
    const id = await fleet.spawn(app, 'web1', 'sh', 'talk.sh');
    const ended = await fleet.spawn(app, 'web1', 'sh', 'sleep.sh');
    const pidOf = async (one: string) => (await fleet.ps())['web1']?.[one]?.pid as number;
    const pid = await pidOf(ended);
    await drone.end('SIGKILL');
    process.kill(pid, 'SIGKILL');
    const left = join(disk, 'deploy', `.tmp-${stdout.trim().split(/[ /]/).slice(1).join('.')}.1`);
    mkdirSync(left);
    writeFileSync(join(left, 'half'), Buffer.alloc(100_000));
    fill(disk);
    await fleet.drone('web1', '--quiet');
    await eventually(async () => (await pidOf(ended)) !== null && (await pidOf(ended)) !== pid, 'a restart');
    assert.equal((await fleet.ps())['web1']?.[id]?.status, 'running');
    assert.ok(!existsSync(left));
    const second = await fleet.startDrone('web1', '--quiet').ended;
    assert.match(second.stderr, /^fleet: a drone is already running in this directory \(pid \d+\)/m);
  }),
);

test(
  'a drone starts on a read-only disk: it adopts and restarts its processes, and reports what it cannot write',
  { skip: NO_SMALL_DISK },
  onSmallDisk('web1', '4m', async (fleet, disk) => {
    await fleet.hub();
    const drone = await fleet.drone('web1', '--quiet');
    const app = await fleet.app('webapp', APP);
    await fleet.run(['deploy'], { cwd: app });
    const id = await fleet.spawn(app, 'web1', 'sh', 'sleep.sh');
    const pidOf = async () => (await fleet.ps())['web1']?.[id]?.pid as number;
    const pid = await pidOf();
    await drone.end('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await eventually(() => processesOf(disk).length === 0, 'it is gone');
    assert.equal(spawnSync('mount', ['-o', 'remount,ro', disk]).status, 0);
    const again = await fleet.drone('web1', '--quiet');
    await eventually(async () => (await pidOf()) !== null && (await pidOf()) !== pid, 'a restart');
    assert.match(again.stderr, /read-only/);
    const { stderr } = await fleet.run(['deploy', '--commit=HEAD'], { cwd: app });
    assert.equal(stderr, '');
    commit(app, { 'new.txt': 'new' });
    const deploy = await fleet.run(['deploy'], { cwd: app });
    assert.match(deploy.stderr, /^\[web1\] .*read-only/m);
    spawnSync('mount', ['-o', 'remount,rw', disk]);
    assert.equal((await fleet.run(['deploy'], { cwd: app })).code, 0);
  }),
);

test(
  'a hub starts on a full disk and on a read-only one, and serves what it has',
  { skip: NO_SMALL_DISK },
  onSmallDisk('hub', '3m', async (fleet, disk) => {
    const hub = await fleet.hub();
    await fleet.drone('web1');
    const app = await fleet.app('webapp', APP);
    await fleet.run(['deploy'], { cwd: app });
    await hub.end('SIGKILL');
    fill(disk);
    const full = await fleet.hub();
    assert.match(full.stdout + full.stderr, /hub\.lock.*no space left/i);
    await fleet.drone('web2');
    assert.ok(await eventually(() => existsSync(join(fleet.dir, 'web2/deploy')), 'web2 has it'));
    await full.end('SIGKILL');
    assert.equal(spawnSync('mount', ['-o', 'remount,ro', disk]).status, 0);
    await fleet.hub();
    await fleet.drone('web3');
    assert.ok(await eventually(() => existsSync(join(fleet.dir, 'web3/deploy')), 'web3 has it'));
    spawnSync('mount', ['-o', 'remount,rw', disk]);
  }),
);
