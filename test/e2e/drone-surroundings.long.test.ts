import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { childrenOf, startTime } from '../../src/system/procfs.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { BIN, type RealFleet, SECRET, withFleet } from '../fixtures/real-fleet.ts';
import { Running } from '../fixtures/running.ts';

const APP = {
  'limit.sh': 'ulimit -S -n; ulimit -H -n; [ "$1" != stay ] || exec sleep 300',
};

/** Starts a drone by a command line of sh, in which `"$@"` is the drone's. */
async function droneBy(line: string, fleet: RealFleet, name: string): Promise<Running> {
  const cwd = join(fleet.dir, name);
  mkdirSync(cwd, { recursive: true });
  fleet.droneDirs.add(cwd);
  const command = [BIN, 'drone', `--hub=${fleet.address}`, `--secret=${SECRET}`, `--name=${name}`];
  const drone = fleet.own(Running.start(['sh', '-c', line, 'sh', ...command], { cwd, env: fleet.env }));
  await drone.printed(/^connected to the hub$/m);
  return drone;
}

test(
  'what a drone starts has the limit on open files that the drone was started with, not the one that Node takes',
  { skip: spawnSync('prlimit', ['--version']).error ? 'there is no prlimit here' : false },
  withFleet([], async (fleet) => {
    await fleet.hub();
    await droneBy('ulimit -S -n 321; exec "$@"', fleet, 'web1');
    const app = await fleet.app('webapp', APP);
    assert.equal((await fleet.run(['deploy'], { cwd: app })).code, 0);
    const hard = spawnSync('sh', ['-c', 'ulimit -H -n'], { encoding: 'utf8' }).stdout.trim();
    const exec = await fleet.run(['exec', '--', 'sh', 'limit.sh'], { cwd: app });
    assert.deepEqual(exec.stdout.match(/(?<=^\[.*\] ).*$/gm), ['321', hard], exec.stdout + exec.stderr);
    const id = await fleet.spawn(app, 'web1', 'sh', 'limit.sh', 'stay');
    await eventually(async () => {
      const { stdout } = await fleet.run(['logs', id], { cwd: app });
      return stdout.includes('] 321\n');
    }, 'a process has it');
    for (const [file, why] of [
      ['nodee', 'spawn nodee: not found'],
      ['./limit.sh', 'spawn ./limit.sh: not allowed to run it'],
    ] as const)
      for (const command of ['spawn', 'exec']) {
        const failed = await fleet.run([command, '--', file], { cwd: app });
        assert.ok(failed.code === 1 && failed.stderr.includes(why), `${command} ${file}: ${failed.stderr}`);
      }
  }),
);

test(
  'a process that puts itself into the background is told that it must not, in ps and in its log',
  withFleet([], async (fleet) => {
    await fleet.hub();
    await fleet.drone('web1');
    const app = await fleet.app('webapp', APP);
    await fleet.run(['deploy'], { cwd: app });
    const id = await fleet.spawn(app, 'web1', 'sh', '-c', 'setsid sleep 300 & exit 0');
    const told = /exited, left pid \d+ running in the background; it must stay in the foreground/;
    await eventually(async () => {
      const { stdout } = await fleet.run(['logs', id], { cwd: app });
      return told.test(stdout);
    }, 'its log says so');
    const ps = await fleet.run(['ps'], { cwd: app });
    assert.match(ps.stdout, /last exit 0, left pid \d+ running in the background; it must stay/);
  }),
);

test(
  'a daemon that an exec has left behind goes on when the drone is killed; what an exec still runs then ends',
  withFleet(['web1'], async (fleet) => {
    await fleet.hub();
    const drone = await fleet.drone('web1');
    const app = await fleet.app('webapp', APP);
    await fleet.run(['deploy'], { cwd: app });
    const daemon = 'setsid sleep 300 >/dev/null 2>&1 & echo $!';
    const exec = await fleet.run(['exec', '--', 'sh', '-c', daemon], { cwd: app });
    const pid = Number(/\] (\d+)$/m.exec(exec.stdout)?.[1]);
    const client = fleet.start(['exec', '--', 'sh', '-c', 'echo $$; exec sleep 300'], { cwd: app });
    const running = Number((await client.printed(/\] (\d+)$/m))[1]);
    await drone.end('SIGKILL');
    assert.notEqual(startTime(running), null);
    await fleet.drone('web1');
    await eventually(() => startTime(running) === null, 'the exec whose client is gone ends');
    assert.notEqual(startTime(pid), null, 'the daemon goes on');
  }),
);

/** Traps SIGTERM, and takes its time. */
const GENTLE = 'trap "echo bye; exit 3" TERM; echo begun; while :; do sleep 0.05; done';

async function logs(fleet: RealFleet, id: string, app: string): Promise<string> {
  return (await fleet.run(['logs', id], { cwd: app })).stdout;
}

test(
  'when the machine shuts down, processes get SIGTERM; the next drone starts them again',
  withFleet([], async (fleet) => {
    const bin = join(fleet.dir, 'bin');
    mkdirSync(bin);
    const says = (state: string) =>
      writeFileSync(join(bin, 'systemctl'), `#!/bin/sh\necho ${state}\n`, { mode: 0o755 });
    await fleet.hub();
    const line = `PATH="${bin}:$PATH"; exec "$@"`;
    const app = await fleet.app('webapp', APP);
    says('running');
    const first = await droneBy(line, fleet, 'web1');
    await fleet.run(['deploy'], { cwd: app });
    const id = await fleet.spawn(app, 'web1', 'sh', '-c', GENTLE);
    await eventually(async () => (await logs(fleet, id, app)).includes('begun'), 'it runs');
    const pid = (await fleet.ps())['web1']?.[id]?.pid ?? 0;
    await first.end('SIGTERM');
    assert.notEqual(startTime(pid), null, 'a drone that is stopped leaves it running');
    says('stopping');
    const second = await droneBy(line, fleet, 'web1');
    assert.equal((await second.end('SIGTERM')).code, 0);
    assert.equal(startTime(pid), null, 'a machine that goes down ends it');
    await droneBy(line, fleet, 'web1');
    await eventually(async () => (await fleet.ps())['web1']?.[id]?.status === 'running', 'it runs again');
    assert.match(await logs(fleet, id, app), /begun\n(.*\n)?.*bye\n.*exited.*\)\n.*restarted\)\n/);
  }),
);

const mayUnshare = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0;

test(
  'a drone that is the first process of a container says that it needs an init, and ends its processes gently',
  { skip: mayUnshare ? false : 'unshare --pid is not allowed here' },
  withFleet([], async (fleet) => {
    await fleet.hub();
    const app = await fleet.app('webapp', APP);
    const drone = await droneBy('exec unshare --pid --fork --kill-child --mount-proc "$@"', fleet, 'web1');
    assert.match(drone.stderr, /^warning: this is process 1,.* docker run --init does$/m);
    await fleet.run(['deploy'], { cwd: app });
    const id = await fleet.spawn(app, 'web1', 'sh', '-c', GENTLE);
    await eventually(async () => (await logs(fleet, id, app)).includes('begun'), 'it runs');
    const [inner = 0] = childrenOf(drone.pid);
    process.kill(inner, 'SIGTERM');
    assert.equal((await drone.ended).code, 0);
    assert.match(drone.stdout, /\] bye\n\(exited .* with code 3/);
  }),
);

test(
  'hub and drone that nohup has started outlive the end of the terminal',
  withFleet([], async (fleet) => {
    const started = async (name: string, line: RegExp, args: string[]) => {
      const cwd = join(fleet.dir, name);
      mkdirSync(cwd);
      fleet.droneDirs.add(cwd);
      const command = ['sh', '-c', 'exec nohup "$@" >out 2>&1', 'sh', BIN, ...args];
      const running = fleet.own(Running.start(command, { cwd, env: fleet.env }));
      const out = join(cwd, 'out');
      const text = () => (existsSync(out) ? readFileSync(out, 'utf8') : '');
      const match = await eventually(() => line.exec(text()), `${name} has started`);
      return { running, text, match };
    };
    const ports = ['--host=127.0.0.1', '--port=0', `--secret=${SECRET}`];
    const hub = await started('hub', /control service listening on :(\d+)[\s\S]*git service/, [
      'hub',
      ...ports,
    ]);
    fleet.port = Number(hub.match[1]);
    const target = [`--hub=${fleet.address}`, `--secret=${SECRET}`, '--name=web1'];
    const drone = await started('web1', /^connected to the hub$/m, ['drone', ...target]);
    const app = await fleet.app('webapp', APP);
    for (const { running } of [drone, hub]) running.child.kill('SIGHUP');
    assert.equal((await fleet.run(['deploy'], { cwd: app })).code, 0);
    assert.equal((await fleet.run(['exec', '--', 'true'], { cwd: app })).code, 0);
    assert.doesNotMatch(drone.text(), /disconnected/);
    for (const { running } of [drone, hub]) assert.equal(running.child.exitCode, null);
  }),
);

const setpriv = (['/usr/bin/setpriv', '/bin/setpriv'] as const).find((path) => existsSync(path));
const isRoot = process.getuid?.() === 0;

test(
  'a child of another user is not reported as stopped if the drone may not end it',
  { skip: isRoot && setpriv ? false : 'it takes root and setpriv' },
  withFleet([], async (fleet) => {
    await fleet.hub();
    chmodSync(fleet.dir, 0o755);
    const own = join(fleet.dir, 'web1');
    mkdirSync(own);
    chownSync(own, 4242, 4242);
    await droneBy(`exec ${setpriv} --reuid=4242 --regid=4242 --clear-groups "$@"`, fleet, 'web1');
    const app = await fleet.app('webapp', APP);
    assert.equal((await fleet.run(['deploy'], { cwd: app })).code, 0);
    // As sudo does, but without a password.
    const become = join(fleet.dir, 'become');
    copyFileSync(setpriv ?? '', become);
    chmodSync(become, 0o4755);
    const script = `setsid ${become} --reuid=0 --regid=0 --clear-groups sleep 300 & echo "child $!"; exec sleep 300`;
    const id = await fleet.spawn(app, 'web1', 'sh', '-c', script);
    const child = await eventually(
      async () => /child (\d+)/.exec(await logs(fleet, id, app))?.[1],
      'it runs',
    );
    try {
      await eventually(() => statSync(`/proc/${child}`).uid === 0, 'it is root');
      const stop = await fleet.run(['stop', '--grace=200ms', id], { cwd: app });
      assert.equal(stop.code, 1);
      assert.match(
        stop.stderr,
        new RegExp(`pid ${child} belongs to another user, .*; as root: kill ${child}$`, 'm'),
      );
      assert.match((await fleet.run(['ps'], { cwd: app })).stdout, new RegExp(`pid#${id}`));
    } finally {
      process.kill(Number(child), 'SIGKILL');
    }
    await eventually(() => startTime(Number(child)) === null, 'the child has ended');
    assert.equal((await fleet.run(['stop', id], { cwd: app })).code, 0, 'it is stopped once that has ended');
  }),
);
