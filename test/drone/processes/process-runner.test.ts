import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
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
  const pids = new ProcessTable(MARK).membersOf('cccccc', null).map(({ pid }) => pid);
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
  let reached = () => {};
  const isReached = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const waiting: ProcessHook = {
    beforeStart: (_, __, givenUp) => {
      reached();
      return new Promise((_resolve, reject) =>
        givenUp.addEventListener('abort', () => reject(givenUp.reason as Error)),
      );
    },
  };
  const told = new Told(t, 'abcdef', 'exit 0', [waiting]);
  told.runner.start();
  await isReached;
  await told.runner.end(0, () => ({ leader: null, live: null }));
  assert.equal((await told.next()).type, 'start failed');
  assert.deepEqual(await told.next(), { type: 'ended', killed: false });
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

/** Waits until a process ignores SIGTERM (SigIgn in proc(5)). */
async function untilIgnored(pid: number): Promise<void> {
  await eventually(() => {
    const ignored = /^SigIgn:\s+([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
    return (Number.parseInt(ignored, 16) & (1 << 14)) !== 0;
  }, `${pid} ignores SIGTERM`);
}
