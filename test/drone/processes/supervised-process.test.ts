import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startTime } from '../../../src/system/procfs.ts';
import { eventually } from '../../fixtures/local-fleet.ts';
import { type Supervised, supervised } from '../../fixtures/supervised.ts';
import { instanceSpec } from '../instances/instance-spec.ts';

const LONG = 'exec sleep 300';
const STUBBORN = `trap '' TERM; echo ready; while :; do sleep 0.1; done`;
const STOPPED = { errors: {}, killed: [] };

/** Holds every checkout until it is let go. */
function hold(s: Supervised): { asked(): Promise<unknown>; letGo(): void } {
  let isAsked = false;
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  s.checkout = async () => {
    isAsked = true;
    await held;
    return join(s.dir, 'app');
  };
  return { asked: () => eventually(() => isAsked, 'a checkout is asked for'), letGo };
}

const runFolder = (s: Supervised) => readdirSync(join(s.dir, 'run'));

test(
  'a stop does not wait for a start that waits for its checkout: the spawn is refused, and nothing starts later',
  supervised(async (s) => {
    const checkout = hold(s);
    const spec = s.spec(['sleep', '300']);
    const spawn = assert.rejects(s.supervisor.spawn(spec), {
      code: 'ESPAWN',
      message: /was stopped before it ran/,
    });
    await checkout.asked();
    assert.deepEqual(await s.supervisor.stop([spec.id], 5000), { ...STOPPED, stopped: [spec.id] });
    await spawn;
    checkout.letGo();
    await new Promise(setImmediate);
    assert.deepEqual([s.supervisor.reports(), runFolder(s), s.events], [[], [], []]);
  }),
);

test(
  'a stop during a restart ends the process for good',
  supervised(async (s) => {
    const id = await s.spawn(LONG);
    const checkout = hold(s);
    process.kill(s.pid(id), 'SIGKILL');
    await checkout.asked();
    assert.deepEqual(await s.supervisor.stop([id], 5000), { ...STOPPED, stopped: [id] });
    checkout.letGo();
    await new Promise(setImmediate);
    assert.deepEqual([s.supervisor.reports(), runFolder(s)], [[], []]);
    assert.deepEqual(s.events, ['spawned', 'exited', 'stopped']);
  }),
);

test(
  'a restart that meets a stop does not claim to have restarted, whichever came first',
  supervised(async (s) => {
    for (const order of ['stop first', 'restart first']) {
      const id = await s.spawn(STUBBORN);
      await s.printed(id, /ready/);
      const pid = s.pid(id);
      const asks = [() => s.supervisor.stop([id], 100), () => s.supervisor.restart([id], 100)];
      if (order === 'restart first') asks.reverse();
      const answers = await Promise.all(asks.map((ask) => ask()));
      if (order === 'restart first') answers.reverse();
      const [stop, restart] = answers;
      assert.deepEqual(stop, { stopped: [], killed: [id], errors: {} });
      assert.deepEqual(restart, {
        ...{ stopped: [], killed: [] },
        errors: { [id]: { code: 'ENOPROCESS', message: 'not restarted: it was stopped meanwhile' } },
      });
      assert.equal(startTime(pid), null);
      assert.deepEqual(s.supervisor.reports(), []);
    }
  }),
);

test(
  'two restarts at once are one, and a restart during a start waits for that start',
  supervised(async (s) => {
    const id = await s.spawn(LONG);
    const both = await Promise.all([s.supervisor.restart([id], 5000), s.supervisor.restart([id], 5000)]);
    assert.deepEqual(
      both,
      [1, 2].map(() => ({ ...STOPPED, stopped: [id] })),
    );
    assert.equal(s.report(id)?.restarts, 1);

    const checkout = hold(s);
    const spec = s.spec(['sleep', '300']);
    const spawn = s.supervisor.spawn(spec);
    await checkout.asked();
    const restart = s.supervisor.restart([spec.id], 5000);
    checkout.letGo();
    assert.deepEqual(await restart, { ...STOPPED, stopped: [spec.id] });
    assert.equal(await spawn, spec.id);
    assert.equal(s.report(spec.id)?.restarts, 0);
  }),
);

test(
  'a restart whose start fails says why, and the process is retried',
  supervised(async (s) => {
    const id = await s.spawn(LONG);
    s.checkout = async () => {
      throw new Error('the disk is full');
    };
    const { errors } = await s.supervisor.restart([id], 5000);
    assert.equal(errors[id]?.message, 'the disk is full');
    const report = s.report(id);
    assert.deepEqual([report?.status, report?.lastExit?.error], ['respawning', 'the disk is full']);
  }),
);

test(
  'a second stop with less grace hurries the first one',
  supervised(async (s) => {
    const id = await s.spawn(STUBBORN);
    await s.printed(id, /ready/);
    const first = s.supervisor.stop([id], 600_000);
    const second = s.supervisor.stop([id], 0);
    const killed = { stopped: [], killed: [id], errors: {} };
    assert.deepEqual(await Promise.all([first, second]), [killed, killed]);
  }),
);

test(
  'a repeated stop of a process that is gone reports it as stopped',
  supervised(async (s) => {
    const id = await s.spawn(LONG);
    const once = await s.supervisor.stop([id], 5000);
    assert.deepEqual(await s.supervisor.stop([id], 5000), once);
    const { errors } = await s.supervisor.restart([id], 5000);
    assert.equal(errors[id]?.code, 'ENOPROCESS');
  }),
);

test(
  'a drone that exits during a start leaves the promise to the next one, which keeps it once',
  supervised(async (s) => {
    const checkout = hold(s);
    const spec = s.spec(['sleep', '300']);
    const spawn = assert.rejects(s.supervisor.spawn(spec), { code: 'ECLOSED' });
    await checkout.asked();
    s.again();
    await spawn;
    checkout.letGo();
    // Its hub asks again.
    assert.equal(await s.supervisor.spawn({ ...spec, id: 'ffffff' }), spec.id);
    await eventually(() => s.report(spec.id)?.status === 'running', 'it runs');
    assert.deepEqual(s.events, ['spawned']);
  }),
);

test(
  'a drone that exits during a stop leaves the process alone, and the next one ends it',
  supervised(async (s) => {
    const id = await s.spawn(STUBBORN);
    await s.printed(id, /ready/);
    const pid = s.pid(id);
    const { supervisor } = s;
    const stop = supervisor.stop([id], 60_000);
    supervisor.handOver();
    assert.equal((await stop).errors[id]?.code, 'ECLOSED');
    assert.notEqual(startTime(pid), null);
    assert.match(readFileSync(s.recordPath(id), 'utf8'), /"stopping":true/);
    s.again();
    await eventually(() => !s.report(id), 'it is gone');
    assert.equal(startTime(pid), null);
    assert.equal(existsSync(s.recordPath(id)), false);
  }),
);

test(
  'a start leaves no log open, whether it succeeds or fails',
  supervised(async (s) => {
    const logs = join(s.dir, 'log');
    const openLogs = () =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(logs);
        } catch {
          return false; // Closed meanwhile.
        }
      });
    await assert.rejects(s.supervisor.spawn(s.spec(['nodee'])), { code: 'ESPAWN' });
    const id = await s.spawn(LONG);
    await s.supervisor.restart([id], 5000);
    await eventually(() => openLogs().length === 0, 'every log is closed');
  }),
);

test(
  'an instance that has ended too often is given up, also by the next drone, and a restart counts anew',
  supervised(async (s) => {
    const maxRestarts = { count: 1, withinMs: 3_600_000 };
    const instance = instanceSpec({ served: false, health: null, maxRestarts });
    const command = ['sh', '-c', 'while [ -e ok ]; do sleep 0.05; done; exit 3'];
    const id = await s.supervisor.spawn({ ...s.spec(command), instance });
    await eventually(() => s.report(id)?.status === 'given up', 'it is given up');
    s.again();
    assert.equal(s.report(id)?.status, 'given up');
    writeFileSync(join(s.dir, 'app', 'ok'), '');
    assert.deepEqual(await s.supervisor.restart([id], 5000), { ...STOPPED, stopped: [id] });
    assert.equal(s.report(id)?.status, 'running');
    process.kill(s.pid(id), 'SIGKILL');
    await eventually(() => s.report(id)?.status === 'respawning', 'it is started again');
    assert.deepEqual(s.problems, []);
  }),
);
