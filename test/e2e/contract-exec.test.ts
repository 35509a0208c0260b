import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, processesOf } from '../fixtures/local-fleet.ts';
import { BIN } from '../fixtures/real-fleet.ts';
import { type Result, Running } from '../fixtures/running.ts';
import { assertFailed, assertGave, stage } from '../fixtures/stage.ts';

const on = stage(
  ['web1', 'web2'],
  {
    'mixed.js': `
    const fs = require('fs');
    for (let n = 0; n < 20000; n++) fs.writeSync(1 + (n % 2), 'line ' + n + ' of many, some of them longer: ' + 'x'.repeat(n % 200) + '\\n');
  `,
    'torn.js': `
    const bytes = Buffer.from('grün 漢字 🚀\\nhalf');
    let at = 0;
    const next = () => {
      if (at < bytes.length) process.stdout.write(bytes.subarray(at, ++at), () => setTimeout(next, 3));
    };
    next();
  `,
  },
  ['web2'],
);

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** The id in what an exec printed. */
function idIn(text: string): string {
  return /#([0-9a-f]{6})/.exec(text)?.[1] ?? 'none';
}

/** Runs an exec on web1, and compares all that it gave; `ID` stands for its id. */
async function assertExec(command: string[], code: number, stdout: string, stderr = ''): Promise<void> {
  const result = await on.cli('exec', '--drone=web1', '--', ...command);
  const fill = (text: string) => text.replaceAll('ID', idIn(result.stdout));
  assertGave(result, code, fill(stdout), fill(stderr));
}

/** Runs `fleet ARGS…` with bytes on its standard input, and gives the bytes of its standard output. */
function pipeThrough(input: Buffer, ...args: string[]): Promise<{ code: number | null; output: Buffer }> {
  const child = spawn(process.execPath, [BIN, ...args], { cwd: on.app, env: on.fleet.env });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, output: Buffer.concat(output) }));
  });
}

/** Runs a line of shell in which `$FLEET` is the real binary. */
function shell(line: string): Promise<Result> {
  const child = spawn('bash', ['-c', line], {
    cwd: on.app,
    env: { ...on.fleet.env, FLEET: `${process.execPath} ${BIN}`, DIR: on.fleet.dir },
  });
  child.stdin.end();
  return new Promise((resolve) => {
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Waits until nothing that this exec has started runs any more. */
function gone(running: Running | Result): Promise<unknown> {
  const id = idIn(running.stdout);
  const dir = join(on.fleet.dir, 'web1');
  return eventually(() => !processesOf(dir).some((one) => one.id === id), `${id} is gone`);
}

test('each line is printed whole after [DRONE#ID], stdout on stdout, stderr on stderr, and (exited) at the end', async () => {
  await assertExec(['echo', 'hi'], 0, '[web1#ID] hi\n(web1#ID exited)\n');
  const both = 'echo out; echo err >&2; printf "no newline"; printf "here neither" >&2';
  await assertExec(
    ['sh', '-c', both],
    0,
    '[web1#ID] out\n[web1#ID] no newline\n(web1#ID exited)\n',
    '[web1#ID] err\n[web1#ID] here neither\n',
  );
  await assertExec(['printf', '\\n\\na\\n'], 0, '[web1#ID] \n[web1#ID] \n[web1#ID] a\n(web1#ID exited)\n');
  await assertExec(['true'], 0, '(web1#ID exited)\n');
});

test('every line arrives once, whole and in order, even if it is split between chunks or inside characters', async () => {
  const many = await on.cli('exec', '--drone=web1', '--', 'node', 'mixed.js');
  const prefix = `[web1#${idIn(many.stdout)}] `;
  const line = (n: number) => `${prefix}line ${n} of many, some of them longer: ${'x'.repeat(n % 200)}\n`;
  const every = Array.from({ length: 20_000 }, (_, n) => line(n));
  assert.equal(many.stderr, every.filter((_, n) => n % 2 === 1).join(''));
  const even = every.filter((_, n) => n % 2 === 0).join('');
  assert.equal(many.stdout, `${even}(web1#${idIn(many.stdout)} exited)\n`);
  await assertExec(['node', 'torn.js'], 0, '[web1#ID] grün 漢字 🚀\n[web1#ID] half\n(web1#ID exited)\n');
});

test('the exit status is that of the command: 128 + N for signal N, and the first that is not 0 of several', async () => {
  await assertExec(['sh', '-c', 'exit 3'], 3, '(web1#ID exited 3)\n');
  await assertExec(['sh', '-c', 'exit 255'], 255, '(web1#ID exited 255)\n');
  await assertExec(['sh', '-c', 'kill -9 $$'], 137, '(web1#ID exited SIGKILL)\n');
  await assertExec(['sh', '-c', 'kill -TERM $$'], 143, '(web1#ID exited SIGTERM)\n');
  const some = 'case $DRONE_ID in web1) exit 0;; *) exit 7;; esac';
  const several = await on.cli('exec', '--drone=*', '--', 'sh', '-c', some);
  assert.match(several.stdout, /^\(web1#[0-9a-f]{6} exited\)$/m);
  assert.match(several.stdout, /^\(web2#[0-9a-f]{6} exited 7\)$/m);
  assertGave(several, 7, several.stdout);
  const half = await on.cli('exec', '--drone=*', '--', 'sh', '-c', 'kill -9 $$; exit 0');
  assert.equal(half.code, 137);
});

test('--cwd sets its directory, relative to the checkout', async () => {
  mkdirSync(join(on.fleet.dir, 'elsewhere'));
  const pwd = async (cwd: string) => {
    const { stdout } = await on.cli(
      'exec',
      '--drone=web1',
      `--cwd=${cwd}`,
      '--',
      'sh',
      '-c',
      'pwd; echo $PWD',
    );
    return [...stdout.matchAll(/\] (.*)$/gm)].map((match) => match[1]);
  };
  const elsewhere = join(on.fleet.dir, 'elsewhere');
  assert.deepEqual(await pwd(elsewhere), [elsewhere, elsewhere]);
  assert.deepEqual(await pwd('../../../elsewhere'), [elsewhere, elsewhere]);
  const missing = await on.cli('exec', '--drone=web1', '--cwd=nope', '--', 'pwd');
  assertFailed(missing, 1, /^\[web1\] spawn pwd: there is no directory \/.*\/nope$/);
});

test('standard input reaches a single process, and bytes are unchanged in both directions', async () => {
  const bytes = Buffer.concat([
    randomBytes(5_000_000),
    Buffer.from('\n\r\n\0\xff no newline at the end', 'latin1'),
  ]);
  const back = await pipeThrough(bytes, 'exec', '--raw', '--drone=web1', '--', 'cat');
  assert.deepEqual([back.code, back.output.length, sha256(back.output)], [0, bytes.length, sha256(bytes)]);
  const there = await pipeThrough(bytes, 'exec', '--drone=web1', '--', 'sha256sum');
  assert.match(
    String(there.output),
    new RegExp(`^\\[web1#......\\] ${sha256(bytes)}  -\n\\(web1#...... exited\\)\n$`),
  );
  const unread = await pipeThrough(bytes, 'exec', '--drone=web1', '--', 'sh', '-c', 'exit 4');
  assert.equal(unread.code, 4, 'a process that does not read its input');
});

test("in a shell's loop, -n leaves the rest of the input alone; without it, a warning says what happened", {
  skip: !existsSync('/proc/self') && 'there is no /proc',
}, async () => {
  const loop = async (option: string) => {
    const body = `"${process.execPath}" "${BIN}" exec --raw --drone=web1 ${option} -- cat; echo "after $n"`;
    const script = `printf '1\\n2\\n3\\n' | while read -r n; do ${body}; done`;
    const child = spawn('sh', ['-c', script], { cwd: on.app, env: on.fleet.env, stdio: 'pipe' });
    return on.fleet.own(new Running(child)).ended;
  };
  assertGave(await loop('-n'), 0, 'after 1\nafter 2\nafter 3\n');
  const eaten = await loop('');
  assert.equal(eaten.stdout, '2\n3\nafter 1\n');
  assert.match(
    eaten.stderr,
    /^warning: standard input was forwarded to the process, [^\n]*; -n leaves it alone\n$/,
  );
});

test('tar copies a directory there and back', async () => {
  const [from, to, back] = ['from', 'to', 'back'].map((name) => join(on.fleet.dir, name)) as [
    string,
    string,
    string,
  ];
  for (const dir of [from, to, back]) mkdirSync(dir);
  writeFileSync(join(from, 'script'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(from, 'bytes'), randomBytes(300_000));
  symlinkSync('bytes', join(from, 'link'));
  const there = await shell(
    `cd ../../from; tar c . | $FLEET exec --hub=${on.fleet.address} --secret=beepboop --repo=webapp --commit=$(git -C ../apps/webapp rev-parse HEAD) --drone=web1 -- tar x -C "$DIR/to"`,
  );
  assert.match(there.stdout, /^\(web1#[0-9a-f]{6} exited\)\n$/);
  assertGave(there, 0, there.stdout);
  const and = await shell('$FLEET exec --raw --drone=web1 --cwd="$DIR/to" -- tar c . | tar x -C "$DIR/back"');
  assertGave(and, 0, '');
  assert.deepEqual(readFileSync(join(back, 'link')), readFileSync(join(from, 'bytes')));
  assertGave(
    await shell('diff -r "$DIR/from" "$DIR/back" && ls -l "$DIR/back/script" | cut -c1-10'),
    0,
    '-rwxr-xr-x\n',
  );
});

test('--raw passes both streams on without prefixes, for a single process only', async () => {
  const both = ['--', 'sh', '-c', 'printf out; printf err >&2; exit 5'];
  assertGave(await on.cli('exec', '--raw', '--drone=web1', ...both), 5, 'out', 'err');
  assertFailed(
    await on.cli('exec', '--raw', '--drone=*', ...both),
    2,
    'fleet: --raw is for a single drone; these are: web1, web2',
  );
});

test('standard input reaches every process, as fast as the slowest reads; -n sends none', async () => {
  const bytes = randomBytes(5_000_000);
  // One reads a little, and only then goes on: what it has not taken waits here.
  const slow = 'if [ "$DRONE_ID" = web1 ]; then head -c 1000 | wc -c >&2; sleep 0.3; fi; sha256sum';
  const all = await pipeThrough(bytes, 'exec', '--drone=*', '--', 'sh', '-c', `(${slow})`);
  assert.equal(all.code, 0);
  assert.match(String(all.output), new RegExp(`^\\[web2#......\\] ${sha256(bytes)}  -$`, 'm'));
  assert.match(String(all.output), new RegExp(`^\\[web1#......\\] ${sha256(bytes.subarray(1000))}  -$`, 'm'));
  const early = 'if [ "$DRONE_ID" = web1 ]; then exit 0; fi; sha256sum';
  const one = await pipeThrough(bytes, 'exec', '--drone=*', '--', 'sh', '-c', early);
  assert.match(String(one.output), new RegExp(sha256(bytes)), 'one that has ended holds nobody up');
  const none = await pipeThrough(Buffer.from('x\n'), 'exec', '-n', '--drone=*', '--', 'wc', '-c');
  assert.match(String(none.output), /\] 0\n(.*\n)*.*\] 0\n/);
});

test('the remote process ends with Ctrl-C, and when the client is killed', async () => {
  const trap = 'trap "echo got INT >$OUT; exit 9" INT; echo ready; while :; do sleep 0.1; done';
  const out = join(on.fleet.dir, 'got');
  const start = (script: string) =>
    on.fleet.start(['exec', '--drone=web1', `--env.OUT=${out}`, '--', 'sh', '-c', script], { cwd: on.app });
  const interrupted = start(trap);
  await interrupted.printed(/ready/);
  const { signal } = await interrupted.end('SIGINT');
  assert.equal(signal, 'SIGINT', 'shells see 130');
  await gone(interrupted);
  assert.equal(readFileSync(out, 'utf8'), 'got INT\n');
  const loop = 'sleep 300 & echo ready; while :; do sleep 0.1; done';
  const ways: [NodeJS.Signals, string][] = [
    ['SIGKILL', `trap "" INT TERM HUP; ${loop}`],
    ['SIGKILL', loop],
    ['SIGTERM', loop],
    ['SIGINT', loop],
  ];
  await Promise.all(
    ways.map(async ([how, script]) => {
      const running = start(script);
      await running.printed(/ready/);
      await running.end(how);
      await gone(running);
    }),
  );
});

test('a reader that has read enough ends exec quietly, and the remote process too', async () => {
  const dir = join(on.fleet.dir, 'web1');
  for (const raw of ['', '--raw']) {
    const head = await shell(`$FLEET exec ${raw} --drone=web1 -- yes | head -1; echo "\${PIPESTATUS[@]}"`);
    assert.match(head.stdout, raw ? /^y\n0 0\n$/ : /^\[web1#[0-9a-f]{6}\] y\n0 0\n$/);
    assert.equal(head.stderr, '');
    await eventually(() => processesOf(dir).length === 0, 'yes is gone');
  }
});

test('a slow reader slows the process down, and loses nothing', async () => {
  const slow = await shell(
    `$FLEET exec --raw --drone=web1 -- seq 1 2000000 | (sleep 1; md5sum); seq 1 2000000 | md5sum`,
  );
  const [a, b] = slow.stdout.split('\n');
  assert.equal(a, b);
});

test('several execs and drones side by side each see all of their output', async () => {
  const runs = Array.from({ length: 4 }, (_, n) =>
    on.cli('exec', '--drone=*', '--', 'sh', '-c', `seq ${n}00000 ${n}02000`),
  );
  for (const [n, result] of (await Promise.all(runs)).entries()) {
    for (const drone of ['web1', 'web2']) {
      const mine = result.stdout.split('\n').filter((line) => line.startsWith(`[${drone}#`));
      const numbers = mine.map((line) => Number(line.split(' ')[1]));
      assert.deepEqual(
        numbers,
        Array.from({ length: 2001 }, (_, i) => n * 100_000 + i),
      );
    }
  }
});

test('a grandchild that keeps the output open does not keep exec waiting', async () => {
  await assertExec(['sh', '-c', 'sleep 300 & echo done'], 0, '[web1#ID] done\n(web1#ID exited)\n');
});

test('a lost drone is reported, with a status that is not 0', async () => {
  const running = on.fleet.start(
    ['exec', '--drone=web2', '--', 'sh', '-c', 'echo begun; printf half; sleep 300'],
    {
      cwd: on.app,
    },
  );
  await running.printed(/begun\n/);
  await on.drones['web2']?.end('SIGKILL');
  const result = await running.ended;
  const id = idIn(result.stdout + result.stderr);
  assert.deepEqual(result, {
    code: 1,
    signal: null,
    stdout: `[web2#${id}] begun\n${result.stdout.includes('half') ? `[web2#${id}] half\n` : ''}(web2#${id} exited)\n`,
    stderr: `[web2#${id}] the connection to the drone was lost\n`,
  });
  on.drones['web2'] = await on.fleet.drone('web2');
  await eventually(
    () => processesOf(join(on.fleet.dir, 'web2')).length === 0,
    'nobody knows it, so it is ended',
  );
  assert.ok(!existsSync(join(on.fleet.dir, 'web2/run', `${id}.json`)));
});
