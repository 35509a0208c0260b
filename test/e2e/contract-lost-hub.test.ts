import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, processesOf } from '../fixtures/local-fleet.ts';
import type { Running } from '../fixtures/running.ts';
import { assertFailed, assertGave, stage } from '../fixtures/stage.ts';

const on = stage(['web1'], { 'a.txt': 'a' }, ['hub', 'web1']);

const start = (...args: string[]): Running => on.fleet.start(args, { cwd: on.app });
const processes = () => processesOf(join(on.fleet.dir, 'web1'));
const isConnected = () =>
  eventually(async () => /^drone#web1$/m.test((await on.cli('ps')).stdout), 'web1 is back');

/** The established TCP connections of a process, each as the number of bytes that it has not read (proc(5)). */
function connections(pid: number): number[] {
  const folder = `/proc/${pid}/fd`;
  const sockets = new Set(
    (existsSync(folder) ? readdirSync(folder) : []).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(join(folder, fd)))?.[1] ?? [];
      } catch {
        return []; // Closed meanwhile.
      }
    }),
  );
  const ESTABLISHED = '01';
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((row) => row.trim().split(/[\s:]+/))
    .filter((row) => row[5] === ESTABLISHED && sockets.has(row[13] ?? ''))
    .map((row) => Number.parseInt(row[7] ?? '', 16));
}

/** Starts a command, and waits until web1, which is stopped, has got an order for it. */
async function startOrder(...args: string[]): Promise<Running> {
  const unread = () => Math.max(0, ...connections(on.drones['web1']?.pid ?? 0));
  const before = unread();
  const running = start(...args);
  await eventually(() => unread() > before + 50, `${args[0]} reaches the drone`);
  return running;
}

/** Starts the hub anew, and waits for its drone. */
async function hubAgain(): Promise<void> {
  on.hub = await on.fleet.hub();
  await isConnected();
}

/** What is said by a command that finds no hub where there was one. */
const gone = () =>
  new RegExp(`^fleet: cannot reach the hub at ${on.fleet.address}: (nothing listens there|it hung up.*)$`);

test('exec ends with an error and a status, and its process is ended', async () => {
  const exec = start('exec', '--', 'sh', '-c', 'echo begun; exec sleep 300');
  await exec.printed(/begun/);
  await on.hub.end('SIGKILL');
  const { stdout } = exec;
  const line = 'fleet: the connection to the hub was lost; the processes of this exec are ended\n';
  assertGave(await exec.ended, 1, stdout, line);
  await eventually(() => processes().length === 0, 'it is ended');
  await hubAgain();
});

test('deploy, spawn and stop retry for as long as --timeout says, and then end with one line', async () => {
  const stubborn = await on.fleet.spawn(
    on.app,
    'web1',
    'sh',
    '-c',
    'trap "" TERM; while :; do sleep 0.1; done',
  );
  const short = '--timeout=800ms';
  const stopping = start('stop', short, '--grace=60s', stubborn);
  await eventually(async () => (await on.cli('ps')).stdout.includes(stubborn), 'it runs');
  on.drones['web1']?.kill('SIGSTOP');
  const commands = [
    await startOrder('deploy', short),
    await startOrder('spawn', short, '--', 'true'),
    stopping,
  ];
  await on.hub.end('SIGKILL');
  for (const command of commands) assertFailed(await command.ended, 1, gone());
  on.drones['web1']?.kill('SIGCONT');
  await hubAgain();
  await on.cli('stop', '--drone=*', '--all', '--grace=0');
});

test('a request is carried out once if the hub comes back in time, and its drones shortly after', async () => {
  on.drones['web1']?.kill('SIGSTOP');
  const spawning = await startOrder('spawn', '--drone=web1', '--', 'sleep', '300');
  await on.hub.end('SIGKILL');
  on.hub = await on.fleet.hub();
  on.drones['web1']?.kill('SIGCONT');
  const result = await spawning.ended;
  const [, id = ''] = /#([0-9a-f]{6})\)/.exec(result.stdout) ?? [];
  assertGave(result, 0, `(spawned web1#${id})\n`);
  assert.deepEqual(Object.keys((await on.fleet.ps())['web1'] ?? {}), [id]);
  assert.equal(processes().length, 1);
  await on.cli('stop', '--drone=*', '--all', '--grace=0');
});

test('a hub that hangs is noticed within --timeout, while connecting and while connected', async () => {
  const exec = start('exec', '--timeout=1s', '--', 'sh', '-c', 'echo begun; exec sleep 300');
  await exec.printed(/begun/);
  on.hub.kill('SIGSTOP');
  const answer = `fleet: no answer from the hub at ${on.fleet.address} within 0.5 s; is it the right address?`;
  assertFailed(await on.cli('ps', '--timeout=0.5'), 1, answer);
  const { code, stderr } = await exec.ended;
  assert.equal(code, 1);
  assert.match(stderr, /^fleet: the connection to the hub was lost[^\n]*\n$/);
  const waiting = start('ps');
  await eventually(() => connections(waiting.pid).length > 0, 'it is connected');
  await on.hub.end('SIGKILL');
  assertFailed(await waiting.ended, 1, gone());
  await hubAgain();
});

test('Ctrl-C ends every command at once, even one that waits for a hub', async () => {
  on.hub.kill('SIGSTOP');
  const commands = [
    ['ps'],
    ['deploy'],
    ['spawn', '--', 'true'],
    ['exec', '--', 'true'],
    ['monitor'],
    ['stop', 'ffffff'],
  ];
  const running = commands.map((command) => start(...command));
  for (const command of running) {
    await eventually(() => connections(command.pid).length > 0, 'it is connected');
    assert.deepEqual(await command.end('SIGINT'), { code: null, signal: 'SIGINT', stdout: '', stderr: '' });
  }
  on.hub.kill('SIGCONT');
});
