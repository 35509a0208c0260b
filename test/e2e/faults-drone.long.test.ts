import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startTime } from '../../src/system/procfs.ts';
import { eventually, processesOf } from '../fixtures/local-fleet.ts';
import { type RealFleet, withFleet } from '../fixtures/real-fleet.ts';

const APP = {
  'count.js': `
    let n = 0;
    setInterval(() => console.log('line ' + n++), 5);
  `,
  // Prints 100 MB once it is told to, and then goes on living.
  'flood.sh': `while ! [ -e go ]; do sleep 0.05; done; yes 0123456789012345678 | head -n 5000000; echo flooded; exec sleep 300`,
  'sleep.sh': 'exec sleep 300',
};

/** What really runs must be what `ps` says: nothing unknown, nothing twice. */
async function assertHonest(fleet: RealFleet, name: string): Promise<void> {
  const ps = (await fleet.ps())[name] ?? {};
  const real = processesOf(join(fleet.dir, name)).filter(({ pid, id }) => ps[id]?.pid === pid || !ps[id]);
  const said = Object.entries(ps).flatMap(([id, { pid, status }]) =>
    status === 'running' ? [{ pid, id }] : [],
  );
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
  assert.deepEqual(real.sort(byId), said.sort(byId));
}

test(
  'kill -9 of a drone: its processes go on, and the next drone adopts them',
  withFleet(['web1'], async (fleet) => {
    await fleet.hub();
    const drone = await fleet.drone('web1');
    const app = await fleet.app('webapp', APP);
    await fleet.run(['deploy'], { cwd: app });
    const ids = [
      await fleet.spawn(app, 'web1', 'sh', 'sleep.sh'),
      await fleet.spawn(app, 'web1', 'node', 'count.js'),
    ];
    const before = (await fleet.ps())['web1'] ?? {};
    await drone.end('SIGKILL');
    for (const id of ids) assert.notEqual(startTime(before[id]?.pid ?? 0), null, 'it goes on');
    const lost = await fleet.run(['ps'], { cwd: app });
    assert.match(lost.stdout, /^drone#web1 \(lost \d+s ago\)$/m);
    for (const id of ids)
      assert.match(lost.stdout, new RegExp(`pid#${id}`), 'its last known processes are shown');
    await fleet.drone('web1');
    const after = (await fleet.ps())['web1'] ?? {};
    for (const id of ids) {
      assert.equal(after[id]?.pid, before[id]?.pid);
      assert.equal(after[id]?.restarts, 0);
    }
    await assertHonest(fleet, 'web1');
    process.kill(before[ids[0] ?? '']?.pid as number, 'SIGKILL');
    await eventually(
      async () => (await fleet.ps())['web1']?.[ids[0] ?? '']?.restarts === 1,
      'it is still cared for',
    );
  }),
);

test(
  'a process that prints 100 MB while there is no drone is not held up, and all of it is in its log',
  withFleet(['web1'], async (fleet) => {
    await fleet.hub();
    const drone = await fleet.drone('web1', '--log-max=1G', '--quiet');
    const app = await fleet.app('webapp', APP);
    await fleet.run(['deploy'], { cwd: app });
    const id = await fleet.spawn(app, 'web1', 'sh', 'flood.sh');
    await drone.end('SIGKILL');
    await fleet.run(['version']);
    const [checkout = ''] = readdirSync(join(fleet.dir, 'web1/deploy'));
    const log = join(fleet.dir, 'web1/log', `${id}.log`);
    writeFileSync(join(fleet.dir, 'web1/deploy', checkout, 'go'), '');
    await eventually(() => existsSync(log) && statSync(log).size === 5_000_000 * 20 + 8, 'all is written');
    await fleet.drone('web1', '--log-max=1G', '--quiet');
    const { stdout } = await fleet.run(['logs', id, '-n', '2'], { cwd: app });
    assert.equal(stdout, `[web1#${id}] 0123456789012345678\n[web1#${id}] flooded\n`);
  }),
);

test(
  'SIGTERM and SIGHUP leave the processes running; --stop-on-exit does not',
  withFleet(['web1'], async (fleet) => {
    await fleet.hub();
    let drone = await fleet.drone('web1');
    const app = await fleet.app('webapp', APP);
    await fleet.run(['deploy'], { cwd: app });
    const id = await fleet.spawn(app, 'web1', 'sh', 'sleep.sh');
    const pid = (await fleet.ps())['web1']?.[id]?.pid ?? 0;
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
      assert.equal((await drone.end(signal)).code, 0);
      assert.notEqual(startTime(pid), null);
      drone = await fleet.drone('web1', ...(signal === 'SIGHUP' ? ['--stop-on-exit'] : []));
    }
    assert.equal((await drone.end('SIGTERM')).code, 0);
    assert.equal(startTime(pid), null);
  }),
);

test(
  'Ctrl-C prints how many processes run, stops them and exits; a second one leaves them running',
  withFleet(['web1'], async (fleet) => {
    await fleet.hub();
    const drone = await fleet.drone('web1');
    const app = await fleet.app('webapp', {
      ...APP,
      'stubborn.sh': `trap '' TERM; echo ready; while :; do sleep 0.1; done`,
    });
    await fleet.run(['deploy'], { cwd: app });
    await fleet.spawn(app, 'web1', 'sh', 'sleep.sh');
    const first = await drone.end('SIGINT');
    assert.equal(first.code, 0);
    assert.match(first.stderr, /stopping 1 process; press Ctrl-C again to leave it running/);
    assert.deepEqual(processesOf(join(fleet.dir, 'web1')), []);

    const again = await fleet.drone('web1');
    const id = await fleet.spawn(app, 'web1', 'sh', 'stubborn.sh');
    await again.printed(/ready/);
    again.kill('SIGINT');
    await again.printed(/press Ctrl-C again/);
    again.kill('SIGINT');
    assert.equal((await again.ended).signal, 'SIGINT');
    assert.ok(processesOf(join(fleet.dir, 'web1')).some((one) => one.id === id));
  }),
);

test(
  'of two drones in one directory, the second reports it and exits 1, and the first goes on',
  withFleet(['web1'], async (fleet) => {
    await fleet.hub();
    const first = await fleet.drone('web1');
    const second = await fleet.startDrone('web1').ended;
    assert.equal(second.code, 1);
    assert.match(
      second.stderr,
      new RegExp(`^fleet: a drone is already running in this directory \\(pid ${first.pid}\\)`),
    );
    await first.end('SIGKILL');
    await fleet.drone('web1'); // A dead one's lock is no obstacle.
  }),
);

test(
  'a drone that is killed repeatedly while it spawns leaves nothing unknown and runs nothing twice',
  withFleet(['web1'], async (fleet) => {
    await fleet.hub();
    let drone = await fleet.drone('web1');
    const app = await fleet.app('webapp', APP);
    await fleet.run(['deploy'], { cwd: app });
    for (let round = 0; round < 4; round++) {
      const spawns = Array.from({ length: 5 }, () =>
        fleet.run(['spawn', '--drone=web1', '--timeout=5', '--', 'sh', 'sleep.sh'], { cwd: app }),
      );
      await drone.printed(/\(spawned/);
      await drone.end('SIGKILL');
      drone = await fleet.drone('web1');
      for (const { stdout } of await Promise.all(spawns)) {
        const id = /#([0-9a-f]{6})\)/.exec(stdout)?.[1];
        if (id) assert.ok((await fleet.ps())['web1']?.[id], `${id} was promised, and is there`);
      }
    }
    await eventually(
      async () => Object.values((await fleet.ps())['web1'] ?? {}).every(({ status }) => status === 'running'),
      'all run',
    );
    await assertHonest(fleet, 'web1');
    await fleet.run(['stop', '--all'], { cwd: app });
    assert.deepEqual(processesOf(join(fleet.dir, 'web1')), []);
  }),
);

test(
  'a drone that is killed during a stop: the process is gone, and stays gone',
  withFleet(['web1'], async (fleet) => {
    await fleet.hub();
    const drone = await fleet.drone('web1');
    const app = await fleet.app('webapp', {
      's.sh': `trap '' TERM; echo ready; while :; do sleep 0.1; done`,
    });
    await fleet.run(['deploy'], { cwd: app });
    const id = await fleet.spawn(app, 'web1', 'sh', 's.sh');
    await drone.printed(/ready/);
    const stop = fleet.start(['stop', id, '--grace=60s', '--timeout=5'], { cwd: app });
    const file = join(fleet.dir, 'web1/run', `${id}.json`);
    await eventually(() => readFileSync(file, 'utf8').includes('"stopping":true'), 'the stop has begun');
    await drone.end('SIGKILL');
    await fleet.drone('web1');
    await stop.ended;
    await eventually(async () => Object.keys((await fleet.ps())['web1'] ?? {}).length === 0, 'it is gone');
    assert.deepEqual(processesOf(join(fleet.dir, 'web1')), []);
  }),
);

test(
  'a drone that is killed while it cuts a log loses no line that should be kept',
  withFleet(['web1'], async (fleet) => {
    await fleet.hub();
    let drone = await fleet.drone('web1', '--log-max=64K', '--quiet');
    const app = await fleet.app('webapp', {
      'n.js': 'let n = 0; setInterval(() => { for (let i = 0; i < 200; i++) console.log(n++); }, 2);',
    });
    await fleet.run(['deploy'], { cwd: app });
    const id = await fleet.spawn(app, 'web1', 'node', 'n.js');
    const begin = () => JSON.parse(readFileSync(join(fleet.dir, 'web1/log', `${id}.json`), 'utf8')).start;
    for (let round = 0; round < 5; round++) {
      const before = begin();
      await eventually(() => begin() > before + 100_000, 'it is cut, and cut again');
      await drone.end('SIGKILL');
      drone = await fleet.drone('web1', '--log-max=64K', '--quiet');
    }
    const { stdout } = await fleet.run(['logs', id, '-n', '100000'], { cwd: app });
    const [said = '', ...lines] = stdout.trimEnd().split('\n');
    const dropped = Number(
      /… ([\d,]+) lines older than this were dropped …/.exec(said)?.[1]?.replaceAll(',', ''),
    );
    const numbers = lines.map((line) => Number(line.split('] ')[1]));
    assert.equal(numbers[0], dropped, 'the first line kept follows the last one dropped');
    assert.ok(
      numbers.every((n, i) => i === 0 || n === (numbers[i - 1] ?? 0) + 1),
      'no line is missing or doubled',
    );
  }),
);

test(
  'a drone that is killed during a deploy completes it when it is back',
  withFleet(['web1'], async (fleet) => {
    await fleet.hub();
    let drone = await fleet.drone('web1');
    const files = Object.fromEntries(
      Array.from({ length: 300 }, (_, n) => [`file${n}`, `${n}\n`.repeat(200)]),
    );
    const app = await fleet.app('webapp', files);
    const deploy = fleet.start(['deploy'], { cwd: app });
    const folder = join(fleet.dir, 'web1/deploy');
    // Whatever speed the disk has, the git is in the middle of it when the drone dies, and long after.
    const git = await eventually(
      () => (existsSync(folder) ? processesOf(join(fleet.dir, 'web1'))[0] : undefined),
      'the checkout has begun',
    );
    process.kill(git.pid, 'SIGSTOP');
    await drone.end('SIGKILL');
    const { code, stderr } = await deploy.ended;
    assert.equal(code, 1);
    assert.match(stderr, /^\[web1\] /m);
    drone = await fleet.drone('web1');
    await drone.printed(/\(deployed webapp\//);
    assert.equal(startTime(git.pid), null, 'the git that was left behind is gone');
    const [checkout = '', ...rest] = readdirSync(folder);
    assert.deepEqual(rest, [], 'nothing half done is left');
    assert.equal(readdirSync(join(folder, checkout)).length, 301);
  }),
);
