import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitStatus, showLines, showRaw } from '../../src/cli/exec-output.ts';
import { colourOf, screenOf } from '../../src/cli/screen.ts';
import type { ExecChunk, ExecExit, Execution } from '../../src/client/types.ts';
import { makeIo } from './world.ts';

const WEB1 = { drone: 'web1', id: '00000a' };
const WEB2 = { drone: 'web2', id: '00000b' };

const chunk = (process: typeof WEB1, text: string, stream: ExecChunk['stream'] = 'stdout'): ExecChunk => ({
  ...process,
  stream,
  bytes: Buffer.from(text),
});
const exit = (process: typeof WEB1, code: number): ExecExit => ({
  ...process,
  code,
  signal: null,
  exited: true,
});

/** An exec that yields these items, and then ends, or fails. */
function makeExec(items: (ExecChunk | ExecExit)[], failure?: Error): Execution {
  return {
    processes: [WEB1, WEB2],
    failed: [],
    absent: {},
    kill: async () => {},
    resize: async () => {},
    async *[Symbol.asyncIterator]() {
      yield* items;
      if (failure) throw failure;
    },
  };
}

test('the exit status is the first that is not 0, and 128 + N for signal N', () => {
  const exit = (code: number | null, signal: string | null = null) => ({ code, signal });
  assert.equal(exitStatus(0, [exit(0), exit(0)]), 0);
  assert.equal(exitStatus(0, [exit(0), exit(3), exit(4)]), 3);
  assert.equal(exitStatus(0, [exit(null, 'SIGKILL')]), 137);
  assert.equal(exitStatus(0, [exit(null, 'SIGTERM')]), 143);
  assert.equal(exitStatus(1, [exit(0)]), 1, 'one did not start');
  assert.equal(exitStatus(0, [exit(null)]), 1, 'nobody knows');
});

test('lines of several processes do not mix, and the two streams stay separate', async () => {
  const io = makeIo('/');
  const items = [
    chunk(WEB1, 'a'),
    chunk(WEB2, 'x\ny'),
    chunk(WEB1, 'b\n'),
    chunk(WEB1, 'oops', 'stderr'),
    exit(WEB1, 3),
    exit(WEB2, 0),
  ];
  const exits = await showLines(makeExec(items), io);
  assert.equal(
    io.out,
    '[web2#00000b] x\n[web1#00000a] ab\n(web1#00000a exited 3)\n[web2#00000b] y\n(web2#00000b exited)\n',
  );
  assert.equal(io.err, '[web1#00000a] oops\n');
  assert.deepEqual(
    exits.map(({ code }) => code),
    [3, 0],
  );
});

test('the reason for a failed start is printed on standard error', async () => {
  const io = makeIo('/');
  await showLines(makeExec([{ ...exit(WEB1, 1), error: 'the drone is gone' }]), io);
  assert.equal(io.err, '[web1#00000a] the drone is gone\n');
});

test('an unfinished line is printed even if the connection is lost', async () => {
  const io = makeIo('/');
  const lost = new Error('lost');
  await assert.rejects(showLines(makeExec([chunk(WEB1, 'half')], lost), io), lost);
  assert.equal(io.out, '[web1#00000a] half\n');
});

test('on a terminal, lines are safe and have the colour of their drone', async () => {
  const io = makeIo('/', {}, true);
  await showLines(makeExec([chunk(WEB1, 'a\x1b[2J [x]\n'), exit(WEB1, 0)]), io);
  const prefix = screenOf(io.stdout, {}).paint(colourOf('web1'), '[web1#00000a]');
  assert.equal(io.out, `${prefix} a^[[2J [x]\n(web1#00000a exited)\n`);
});

test('raw output is exactly what the process wrote', async () => {
  const io = makeIo('/', {}, true);
  const exits = await showRaw(
    makeExec([chunk(WEB1, 'a\x1b[2J'), chunk(WEB1, 'b', 'stderr'), exit(WEB1, 0)]),
    io,
  );
  assert.deepEqual([io.out, io.err, exits.length], ['a\x1b[2J', 'b', 1]);
});

/** An exec whose items come one by one, when `next` is called. */
function stepped(items: (ExecChunk | ExecExit)[]) {
  let next = () => {};
  const exec = makeExec([]);
  exec[Symbol.asyncIterator] = async function* () {
    for (const item of items) {
      yield item;
      await new Promise<void>((resolve) => {
        next = resolve;
      });
    }
  };
  return { exec, next: () => next() };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a line whose end comes soon is printed whole', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const io = makeIo('/');
  const items = [chunk(WEB1, 'a\nPassword: '), chunk(WEB1, 'ok\nb'), exit(WEB1, 0)];
  const done = showLines(makeExec(items), io);
  await done;
  assert.equal(
    io.out,
    '[web1#00000a] a\n[web1#00000a] Password: ok\n[web1#00000a] b\n(web1#00000a exited)\n',
  );
});

test('an unfinished line is shown while the process waits, once, and ends if somebody else prints', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const io = makeIo('/');
  const { exec, next } = stepped([
    chunk(WEB1, 'Password: '),
    chunk(WEB1, 'ok\nName: '),
    chunk(WEB2, 'x\n'),
    chunk(WEB1, 'me'),
    exit(WEB1, 0),
  ]);
  const done = showLines(exec, io);
  await settled();
  assert.equal(io.out, '');
  t.mock.timers.tick(200);
  assert.equal(io.out, '[web1#00000a] Password: ');
  next();
  await settled();
  t.mock.timers.tick(200);
  assert.equal(io.out, '[web1#00000a] Password: ok\n[web1#00000a] Name: ');
  for (let step = 0; step < 4; step++) {
    next();
    await settled();
  }
  await done;
  const rest = '\n[web2#00000b] x\n[web1#00000a] me\n(web1#00000a exited)\n';
  assert.equal(io.out, `[web1#00000a] Password: ok\n[web1#00000a] Name: ${rest}`);
});
