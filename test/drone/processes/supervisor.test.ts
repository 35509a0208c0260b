import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startTime } from '../../../src/system/procfs.ts';
import { eventually } from '../../fixtures/local-fleet.ts';
import { supervised } from '../../fixtures/supervised.ts';

const LONG = 'echo pid $$; exec sleep 300';
const gone = (pid: number) => eventually(() => startTime(pid) === null, `pid ${pid} is gone`);
const pidOf = (match: RegExpExecArray) => Number(match[1]);

test(
  'a restarted drone adopts its processes: same id, same pid, none started twice',
  supervised(async (s) => {
    const ids = await Promise.all([1, 2, 3].map(() => s.spawn(LONG)));
    const pids = ids.map((id) => s.report(id)?.pid);
    s.again();
    assert.deepEqual(
      ids.map((id) => s.report(id)?.pid),
      pids,
    );
    assert.ok(ids.every((id) => s.report(id)?.status === 'running' && s.report(id)?.restarts === 0));
    assert.deepEqual(s.events, ['spawned', 'spawned', 'spawned']);
  }),
);

test(
  'an adopted process that dies is started again',
  supervised(async (s) => {
    const id = await s.spawn(LONG);
    s.again();
    const pid = s.pid(id);
    process.kill(pid, 'SIGKILL');
    const again = await eventually(() => {
      const report = s.report(id);
      return report?.restarts === 1 && report.pid !== null ? report : null;
    }, 'a restart');
    assert.notEqual(again.pid, pid);
  }),
);

test(
  'a process that died while there was no drone is started again, and that counts as a restart',
  supervised(async (s) => {
    const id = await s.spawn(LONG);
    const pid = s.pid(id);
    s.supervisor.handOver();
    process.kill(pid, 'SIGKILL');
    await gone(pid);
    s.again();
    await eventually(() => s.report(id)?.restarts === 1 && s.report(id)?.status === 'running', 'a restart');
  }),
);

test(
  'a drone that was killed right after starting a process finds it by its mark',
  supervised(async (s) => {
    const id = await s.spawn(LONG);
    const pid = s.pid(id);
    const file = join(s.dir, 'run', `${id}.json`);
    s.supervisor.handOver();
    await eventually(() => readFileSync(`/proc/${pid}/environ`).length > 0, 'its exec is over');
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), run: null }));
    s.again();
    assert.equal(s.report(id)?.pid, pid);
  }),
);

test(
  'a pid that belongs to another process by now is left alone',
  supervised(async (s) => {
    const id = await s.spawn(LONG);
    const pid = s.pid(id);
    s.supervisor.handOver();
    process.kill(pid, 'SIGKILL');
    await gone(pid);
    const file = join(s.dir, 'run', `${id}.json`);
    const state = JSON.parse(readFileSync(file, 'utf8'));
    // No pid comes back within a clock tick, by which the system tells when a process started; here it would.
    await eventually(
      () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 100 > state.run.started + 1,
      'a tick',
    );
    const stranger: ChildProcess = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
    try {
      writeFileSync(file, JSON.stringify({ ...state, run: { ...state.run, pid: stranger.pid } }));
      s.again();
      await eventually(() => s.report(id)?.status === 'running', 'a new process');
      assert.notEqual(s.report(id)?.pid, stranger.pid);
      await s.supervisor.stop([id], 0);
      assert.notEqual(startTime(stranger.pid ?? 0), null, 'the stranger lives');
    } finally {
      stranger.kill('SIGKILL');
    }
  }),
);

test(
  'after a reboot everything starts again',
  supervised(async (s) => {
    const id = await s.spawn(LONG);
    const pid = s.pid(id);
    s.supervisor.handOver();
    process.kill(pid, 'SIGKILL');
    await gone(pid);
    const file = join(s.dir, 'run', `${id}.json`);
    const state = JSON.parse(readFileSync(file, 'utf8'));
    // This test's own pid and start, but another boot: it must not be taken for the process.
    const run = { pid: process.pid, started: startTime(process.pid), boot: 'another boot' };
    writeFileSync(file, JSON.stringify({ ...state, run }));
    s.again();
    await eventually(() => s.report(id)?.status === 'running', 'a new process');
    assert.notEqual(s.report(id)?.pid, process.pid);
  }),
);

test(
  'stop ends everything that the process started, wherever it went',
  supervised(async (s) => {
    const id = await s.spawn(
      `sleep 301 & setsid sleep 302 & (setsid sh -c 'sleep 303 & exec sleep 304' &) ; echo ready; exec sleep 300`,
    );
    await s.printed(id, /ready/);
    const own = () =>
      readdirSync('/proc')
        .filter((pid) => /^\d+$/.test(pid))
        .filter((pid) => {
          try {
            return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`PROCESS_ID=${id}`);
          } catch {
            return false;
          }
        });
    await eventually(() => own().length >= 5, 'all of them run');
    assert.deepEqual(await s.supervisor.stop([id], 5000), { stopped: [id], killed: [], errors: {} });
    assert.deepEqual(own(), []);
    assert.equal(s.report(id), undefined);
  }),
);

test(
  'a process that is stopped while it starts is ended',
  supervised(async (s) => {
    const id = await s.spawn(LONG);
    const pid = s.pid(id);
    assert.deepEqual((await s.supervisor.stop([id], 5000)).stopped, [id]);
    assert.equal(startTime(pid), null);
  }),
);

test(
  'a process that ignores SIGTERM is killed after the grace period, and this is reported',
  supervised(async (s) => {
    const id = await s.spawn(`trap '' TERM; echo ready; while :; do sleep 0.1; done`);
    await s.printed(id, /ready/);
    const pid = s.pid(id);
    assert.deepEqual(await s.supervisor.stop([id], 100), { stopped: [], killed: [id], errors: {} });
    assert.equal(startTime(pid), null);
  }),
);

test(
  'a suspended process gets its SIGTERM too',
  supervised(async (s) => {
    const id = await s.spawn(`trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.05; done`);
    await s.printed(id, /ready/);
    process.kill(s.pid(id), 'SIGSTOP');
    assert.deepEqual((await s.supervisor.stop([id], 5000)).stopped, [id]);
    assert.match(await s.text(id), /bye/);
  }),
);

test(
  'a process that forks as it dies is ended together with what it forked',
  supervised(async (s) => {
    const id = await s.spawn(
      `trap 'setsid sleep 305 & exit 0' TERM; echo ready; while :; do sleep 0.05; done`,
    );
    await s.printed(id, /ready/);
    const { stopped, killed } = await s.supervisor.stop([id], 5000);
    assert.deepEqual([...stopped, ...killed], [id]);
    const left = readdirSync('/proc').filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1') === 'sleep\x00305\x00';
      } catch {
        return false;
      }
    });
    assert.deepEqual(left, []);
  }),
);

test(
  'a drone that was killed during a stop completes it',
  supervised(async (s) => {
    const id = await s.spawn(`trap '' TERM; echo ready; while :; do sleep 0.1; done`);
    await s.printed(id, /ready/);
    const pid = s.pid(id);
    void s.supervisor.stop([id], 60_000);
    await eventually(
      () => readFileSync(join(s.dir, 'run', `${id}.json`), 'utf8').includes('"stopping":true'),
      'the stop is noted',
    );
    s.again();
    await gone(pid);
    await eventually(() => !s.report(id), 'nothing is kept of it');
  }),
);

test(
  'a crash loop is a state: it waits longer each time, and says why',
  supervised(async (s) => {
    const id = await s.spawn('exit 3');
    const report = await eventually(() => {
      const seen = s.report(id);
      return seen?.status === 'respawning' ? seen : null;
    }, 'it waits');
    assert.deepEqual(report.lastExit, { code: 3, signal: null });
    assert.ok(report.respawnIn > 0 && report.respawnIn <= 1250, `${report.respawnIn} ms`);
    const second = await eventually(() => {
      const seen = s.report(id);
      return seen?.status === 'respawning' && seen.restarts === 1 ? seen : null;
    }, 'the second wait');
    assert.ok(second.respawnIn > 1250 && second.respawnIn <= 2500, `${second.respawnIn} ms`);
    assert.deepEqual(s.events.slice(0, 4), ['spawned', 'exited', 'spawned', 'exited']);
  }),
);

test(
  'a missing command is refused, and nothing is kept of it',
  supervised(async (s) => {
    await assert.rejects(s.supervisor.spawn(s.spec(['nodee'])), {
      code: 'ESPAWN',
      message: 'spawn nodee: not found',
    });
    assert.deepEqual(s.supervisor.reports(), []);
    assert.deepEqual(readdirSync(join(s.dir, 'run')), []);
  }),
);

test(
  'an executable that is missing at a restart is retried',
  supervised(async (s) => {
    const file = join(s.dir, 'app/serve');
    writeFileSync(file, '#!/bin/sh\nexec sleep 300\n');
    chmodSync(file, 0o755);
    const id = await s.supervisor.spawn(s.spec(['./serve']));
    renameSync(file, `${file}.away`);
    process.kill(s.pid(id), 'SIGKILL');
    const report = await eventually(() => {
      const seen = s.report(id);
      return seen?.lastExit?.error ? seen : null;
    }, 'a failed restart');
    assert.equal(report.status, 'respawning');
    assert.equal(report.lastExit?.error, 'spawn ./serve: not found');
    renameSync(`${file}.away`, file);
    await eventually(() => s.report(id)?.status === 'running', 'it runs again');
  }),
);

test(
  'restart starts a new process under the same id',
  supervised(async (s) => {
    const id = await s.spawn(LONG);
    const { pid, commit } = s.report(id) ?? {};
    assert.deepEqual(await s.supervisor.restart([id], 5000), { stopped: [id], killed: [], errors: {} });
    const after = s.report(id);
    assert.equal(after?.status, 'running');
    assert.equal(after?.restarts, 1);
    assert.equal(after?.commit, commit);
    assert.notEqual(after?.pid, pid);
  }),
);

test(
  'the same request, sent again, runs once',
  supervised(async (s) => {
    const spec = s.spec(['sleep', '300']);
    const [first, second] = await Promise.all([
      s.supervisor.spawn(spec),
      s.supervisor.spawn({ ...spec, id: 'ffffff' }),
    ]);
    assert.equal(second, first);
    assert.equal(await s.supervisor.spawn({ ...spec, id: 'eeeeee' }), first);
    assert.equal(s.supervisor.reports().length, 1);
  }),
);

test(
  'a process sees its own variables, and none of other processes or of fleet',
  supervised(async (s) => {
    const first = await s.spawn('env; exec sleep 300', { COLOR: 'red', ONLY: 'first' });
    const second = await s.spawn('env; exec sleep 300', { COLOR: 'blue' });
    await s.printed(first, /^COLOR=red$/m);
    await s.printed(second, /^COLOR=blue$/m);
    const text = await s.text(second);
    assert.doesNotMatch(text, /ONLY|FLEET_SECRET/);
    for (const line of ['REPO=webapp', `COMMIT=${'c'.repeat(40)}`, 'DRONE_ID=web1', `PROCESS_ID=${second}`]) {
      assert.ok(text.split('\n').includes(line), line);
    }
  }),
);

test(
  'stopping an unknown id is an error for that id only',
  supervised(async (s) => {
    const id = await s.spawn(LONG);
    const result = await s.supervisor.stop(['abcdef', id], 5000);
    assert.deepEqual(result.stopped, [id]);
    assert.equal(result.errors['abcdef']?.code, 'ENOPROCESS');
  }),
);

test(
  'what a process leaves behind when it dies does not run beside its successor',
  supervised(async (s) => {
    const id = await s.spawn('setsid sleep 306 & echo child $!; exit 1');
    const child = pidOf(await s.printed(id, /child (\d+)/));
    await gone(child);
  }),
);
