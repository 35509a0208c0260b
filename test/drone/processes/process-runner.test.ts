import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessHook } from '../../../src/drone/processes/hooks/hook.ts';
import type { Input } from '../../../src/drone/processes/phases.ts';
import { ProcessRunner } from '../../../src/drone/processes/process-runner.ts';
import { ProcessTable, type Run } from '../../../src/drone/processes/process-table.ts';
import { signal } from '../../../src/drone/processes/terminate.ts';
import { eventually } from '../../fixtures/local-fleet.ts';

const MARK = `runner-test-${process.pid}`;

/** The runner of one process, and everything that it tells. */
class Told {
  readonly runner: ProcessRunner;
  private readonly emitter = new EventEmitter();
  private readonly inputs: Input[] = [];

  constructor(t: TestContext, id: string, script: string, hooks: ProcessHook[] = []) {
    const spec = {
      ...{ id, key: '0'.repeat(32), repo: 'webapp', commit: 'c'.repeat(40) },
      ...{ command: ['sh', '-c', script], env: {} },
    };
    const { PATH = '' } = process.env;
    const marked: ProcessHook = { beforeStart: () => ({ env: { PATH, FLEET_RUN: `${MARK}.${id}` } }) };
    const options = { hooks: [marked, ...hooks], table: new ProcessTable(MARK), boot: 'this boot' };
    this.runner = new ProcessRunner(spec, options, (input) => {
      this.inputs.push(input);
      this.emitter.emit('told');
    });
    const awake = setInterval(() => {}, 1_000); // As a drone's connection does: no child keeps node alive.
    t.after(() => {
      clearInterval(awake);
      for (const { process } of new ProcessTable(MARK).marked()) signal(process.pid, 'SIGKILL');
    });
  }

  /** The next thing that it tells. */
  async next(): Promise<Input> {
    if (this.inputs.length === 0) await once(this.emitter, 'told');
    return this.inputs.shift() as Input;
  }

  get hasMore(): boolean {
    return this.inputs.length > 0;
  }

  /** The types of all that it has told and nobody has asked for. */
  rest(): string[] {
    return this.inputs.splice(0).map(({ type }) => type);
  }

  async run(): Promise<Run> {
    const input = await this.next();
    assert.equal(input.type, 'started');
    return (input as Input & { type: 'started' }).run;
  }
}

test('a start is told with its run, and so is the exit of that run', async (t) => {
  const told = new Told(t, 'aaaaaa', 'exit 3');
  told.runner.start();
  const run = await told.run();
  assert.ok(told.runner.isOwn(run));
  assert.ok(!told.runner.isOwn({ ...run }), 'a run that another drone has started is not its own');
  assert.deepEqual(await told.next(), { type: 'exited', run, exit: { code: 3, signal: null } });
});

test('a process that puts itself into the background leaves another behind', async (t) => {
  const told = new Told(
    t,
    'aabbcc',
    'setsid sleep 300 & while [ "$(cat /proc/$!/comm)" != sleep ]; do :; done',
  );
  told.runner.start();
  const run = await told.run();
  const exited = await told.next();
  const left = new ProcessTable(MARK).marked().map(({ process }) => process.pid);
  assert.equal(left.length, 1);
  assert.deepEqual(exited, { type: 'exited', run, exit: { code: 0, signal: null }, left });
});

test('a start that fails is told with its reason', async (t) => {
  const error = new Error('the disk is full');
  const failing: ProcessHook = { beforeStart: () => Promise.reject(error) };
  const told = new Told(t, 'bbbbbb', 'exit 0', [failing]);
  told.runner.start();
  assert.deepEqual(await told.next(), { type: 'start failed', error });
});

test('the next start waits until nothing is left of the previous run', async (t) => {
  const told = new Told(t, 'cccccc', 'exec sleep 300');
  told.runner.start();
  const first = await told.run();
  told.runner.startAfter(first);
  const after = [await told.next(), await told.next()];
  assert.deepEqual(after.map(({ type }) => type).sort(), ['exited', 'started']);
  const pids = membersOf('cccccc').map(({ pid }) => pid);
  assert.equal(pids.length, 1);
  assert.ok(!pids.includes(first.pid));
});

test('an end is told after the exit, and says if SIGKILL was needed', async (t) => {
  const table: [string, string, boolean, NodeJS.Signals][] = [
    ['dddddd', 'exec sleep 300', false, 'SIGTERM'],
    ['eeeeee', "trap '' TERM; while :; do sleep 300; done", true, 'SIGKILL'],
  ];
  for (const [id, script, killed, by] of table) {
    const told = new Told(t, id, script);
    told.runner.start();
    const run = await told.run();
    if (killed) await untilIgnored(run.pid);
    await told.runner.end(killed ? 0 : 60_000, () => ({ leader: run, live: run }));
    assert.deepEqual(await told.next(), { type: 'exited', run, exit: { code: null, signal: by } });
    assert.deepEqual(await told.next(), { type: 'ended', killed });
  }
});

test('an end gives up the start in progress, which is told first', async (t) => {
  const reached = new EventEmitter();
  const waiting: ProcessHook = {
    beforeStart: async (_, __, givenUp) => {
      reached.emit('it');
      await once(givenUp, 'abort');
      throw givenUp.reason;
    },
  };
  const told = new Told(t, 'abcdef', 'exit 0', [waiting]);
  const isReached = once(reached, 'it');
  told.runner.start();
  await isReached;
  const before: boolean[] = [];
  await told.runner.end(0, () => {
    before.push(told.hasMore);
    return { leader: null, live: null };
  });
  assert.deepEqual(before, [true], 'what there is to end is known once the start has settled');
  assert.deepEqual(told.rest(), ['start failed', 'ended']);
});

test('a start that can no longer be given up is told, and then ended', async (t) => {
  const id = 'abcde1';
  const told = new Told(t, id, 'exec sleep 300');
  told.runner.start();
  // In this turn of the event loop the process is there, and its start is not known yet.
  for (let n = 0; n < 100 && membersOf(id).length === 0; n++) await Promise.resolve();
  assert.deepEqual([membersOf(id).length, told.hasMore], [1, false]);
  let run: Run | null = null;
  const ended = told.runner.end(60_000, () => ({ leader: run, live: run }));
  run = await told.run();
  await ended;
  assert.deepEqual(told.rest(), ['exited', 'ended']);
  assert.deepEqual(membersOf(id), []);
});

/** What a process has printed takes a while to be read. */
const slow: ProcessHook = { beforeStart: () => ({ taken: () => sleep(200) }) };

test('an exit that is known only after the process is gone is told before the end', async (t) => {
  const told = new Told(t, 'abcde2', 'exec sleep 300', [slow]);
  told.runner.start();
  const run = await told.run();
  await told.runner.end(60_000, () => ({ leader: run, live: run }));
  assert.deepEqual(told.rest(), ['exited', 'ended']);
});

test('an end that is replaced or let go while it waits for the exit is not told', async (t) => {
  for (const [id, replaced] of [
    ['abcde3', true],
    ['abcde4', false],
  ] as const) {
    const pipe = new EventEmitter();
    const unread: ProcessHook = {
      beforeStart: () => ({ taken: async () => void (await once(pipe, 'read')) }),
    };
    const told = new Told(t, id, 'exec sleep 300', [unread]);
    told.runner.start();
    const run = await told.run();
    const first = told.runner.end(60_000, () => ({ leader: run, live: run }));
    await eventually(() => membersOf(id).length === 0, 'it is gone');
    await sleep(100); // Sooner, it would be replaced while it still looks for what is left.
    const second = replaced ? told.runner.end(0, () => ({ leader: run, live: run })) : told.runner.letGo();
    pipe.emit('read');
    await Promise.all([first, second]);
    assert.deepEqual(told.rest(), replaced ? ['exited', 'ended'] : ['exited']);
  }
});

test('a later end replaces the one in progress, and only the later one is told', async (t) => {
  const told = new Told(t, 'fedcba', "trap '' TERM; while :; do sleep 300; done");
  told.runner.start();
  const run = await told.run();
  await untilIgnored(run.pid);
  const patient = told.runner.end(60_000, () => ({ leader: run, live: run }));
  await told.runner.end(0, () => ({ leader: run, live: run }));
  await patient;
  assert.equal((await told.next()).type, 'exited');
  assert.deepEqual(await told.next(), { type: 'ended', killed: true });
});

const membersOf = (id: string) => new ProcessTable(MARK).membersOf(id, null);

/** Waits until a process ignores SIGTERM (SigIgn in proc(5)). */
async function untilIgnored(pid: number): Promise<void> {
  await eventually(() => {
    const ignored = /^SigIgn:\s+([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
    return (Number.parseInt(ignored, 16) & (1 << 14)) !== 0;
  }, `${pid} ignores SIGTERM`);
}
