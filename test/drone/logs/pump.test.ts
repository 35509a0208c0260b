import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startPump } from '../../../src/drone/logs/pump.ts';
import { eventually } from '../../fixtures/local-fleet.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

interface Piped {
  path: string;
  process: ChildProcess;
  exited: Promise<unknown>;
  ended: Promise<void>;
}

/** Starts a shell whose output goes through a pump to a log. */
async function piped(t: TestContext, script: string, path = join(temporaryFolder(t), 'log')): Promise<Piped> {
  const { input, ended } = await startPump(() => openSync(path, 'a'), '');
  const process = spawn('sh', ['-c', script], { stdio: ['ignore', input, input] });
  // Nobody waits for a pump, so neither does node.
  const awake = setInterval(() => {}, 1000);
  t.after(() => {
    clearInterval(awake);
    process.kill('SIGKILL');
  });
  closeSync(input);
  const exited = new Promise((resolve) => process.once('exit', (code, signal) => resolve(code ?? signal)));
  return { path, process, exited, ended };
}

/** The processes that have this file open. */
function holdersOf(path: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === path);
      } catch {
        return false;
      }
    })
    .map(Number);
}

test('a process that opens its output again loses nothing, and all of it is in the log once it has ended', async (t) => {
  const script =
    'for i in 1 2 3; do echo out$i; echo err$i >/dev/stderr; echo file$i >/proc/self/fd/1; printf "tee$i\\n" | tee /dev/stderr >/dev/null; done';
  const { path, exited, ended } = await piped(t, script);
  await exited;
  await ended;
  const lines = [1, 2, 3].flatMap((i) => [`out${i}`, `err${i}`, `file${i}`, `tee${i}`]);
  assert.equal(readFileSync(path, 'utf8'), `${lines.join('\n')}\n`);
});

test('a million lines arrive, each once, in order', async (t) => {
  const { path, ended } = await piped(t, 'seq 1000000');
  await ended;
  const { stdout } = spawnSync('seq', ['1000000'], { maxBuffer: 1e8 });
  assert.ok(readFileSync(path).equals(stdout));
});

test('it ends with the last one who could write, not with the process', async (t) => {
  const { path, exited, ended } = await piped(t, '(sleep 0.3; echo late) & echo soon');
  await exited;
  await eventually(() => readFileSync(path, 'utf8') === 'soon\n', 'what the process wrote is in the log');
  await ended;
  assert.equal(readFileSync(path, 'utf8'), 'soon\nlate\n');
});

test('a process whose copiers are killed neither ends nor stands still, and loses nothing', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const go = join(temporaryFolder(t), 'go');
  const wait = `while [ ! -e ${go} ]; do sleep 0.05; done`;
  const { path, exited, ended } = await piped(t, `echo one; ${wait}; seq 200000; echo end`);
  await eventually(() => existsSync(path) && statSync(path).size === 4, 'it has begun');
  await eventually(() => holdersOf(path).length === 2, 'sh and cat copy');
  for (const pid of holdersOf(path)) process.kill(pid, 'SIGKILL');
  spawnSync('touch', [go]);
  assert.equal(await exited, 0);
  await ended;
  const { stdout } = spawnSync('seq', ['200000'], { maxBuffer: 1e8 });
  assert.equal(readFileSync(path, 'utf8'), `one\n${stdout}end\n`);
});

test('a disk that takes nothing does not hold up the process', {
  skip: !existsSync('/dev/full'),
}, async (t) => {
  const { exited, ended } = await piped(t, 'seq 300000; exit 7', '/dev/full');
  assert.equal(await exited, 7);
  await ended;
});

/** What a pipe to a log holds for this user, in bytes. */
const PIPE_BYTES = process.getuid?.() === 0 ? 1024 * 1024 : 256 * 1024;

test('a Node process that prints as much as the pipe holds, and exits at once, is not cut short', {
  skip: spawnSync('perl', ['-e', '1']).status !== 0,
}, async (t) => {
  const print = `process.stdout.write("x".repeat(${PIPE_BYTES})); process.exit(0);`;
  const { path, ended } = await piped(t, `exec node -e 'setTimeout(() => { ${print} }, 500)'`);
  await ended;
  assert.equal(statSync(path).size, PIPE_BYTES);
});

test('one that makes its output wait, as the manual says, loses nothing', async (t) => {
  const bytes = 4 * PIPE_BYTES;
  const wait = 'process.stdout._handle?.setBlocking?.(true);';
  const print = `${wait} process.stdout.write("x".repeat(${bytes})); process.exit(0);`;
  const { path, ended } = await piped(t, `exec node -e '${print}'`);
  await ended;
  assert.equal(statSync(path).size, bytes);
});
