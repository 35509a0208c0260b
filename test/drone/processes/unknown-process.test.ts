import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startTime } from '../../../src/system/procfs.ts';
import { eventually } from '../../fixtures/local-fleet.ts';
import { type Supervised, supervised } from '../../fixtures/supervised.ts';

const LONG = 'echo pid $$; exec sleep 300';
const gone = (pid: number) => eventually(() => startTime(pid) === null, `pid ${pid} is gone`);

/** Ways to lose a record, each with whether any other fleet could read it. */
const LOSSES: [string, (text: string) => string, boolean][] = [
  ['cut in half', (text) => text.slice(0, 60), true],
  ['of a newer version', (text) => JSON.stringify({ ...JSON.parse(text), version: 2 }), false],
];

/** Spawns a process, loses its record while no drone is there, and starts the next drone. */
async function spawnAndLose(s: Supervised, lose: (text: string) => string, script = LONG): Promise<string> {
  const id = await s.spawn(script);
  const pid = s.pid(id);
  await eventually(() => readFileSync(`/proc/${pid}/environ`).length > 0, 'its exec is over');
  s.supervisor.handOver();
  writeFileSync(s.recordPath(id), lose(readFileSync(s.recordPath(id), 'utf8')));
  s.again();
  return id;
}

for (const [name, lose, damaged] of LOSSES) {
  test(
    `a process survives a record that is ${name}: it is shown as unknown, and can be stopped`,
    supervised(async (s) => {
      const other = await s.spawn(LONG);
      const id = await spawnAndLose(s, lose);
      const { pid, ...report } = s.report(id) ?? assert.fail('it is shown');
      assert.deepEqual(
        { ...report, uptime: 0 },
        {
          ...{ id, key: id.padEnd(32, '0'), status: 'unknown', repo: 'webapp', commit: 'c'.repeat(40) },
          ...{ command: ['sleep', '300'], restarts: 0, lastExit: null, uptime: 0, respawnIn: 0 },
        },
      );
      assert.equal(s.report(other)?.status, 'running');
      assert.match(s.problems.join('\n'), new RegExp(`${id}.json cannot be understood .*left running`));

      const { errors } = await s.supervisor.restart([id], 5000);
      assert.match(errors[id]?.message ?? '', /cannot be understood; fleet stop/);
      assert.notEqual(startTime(pid ?? 0), null, 'a restart that cannot be done ends nothing');
      s.again();
      s.again();
      assert.equal(s.report(id)?.pid, pid, 'it is known to every drone that comes');
      assert.equal(existsSync(s.recordPath(id)), true);

      assert.deepEqual(await s.supervisor.stop([id], 5000), { stopped: [id], killed: [], errors: {} });
      assert.equal(startTime(pid ?? 0), null);
      assert.equal(s.report(id), undefined);
      assert.deepEqual(readdirSync(join(s.dir, 'run')), [`${other}.json`]);
      assert.deepEqual(s.events, ['spawned', 'spawned', 'exited', 'stopped']);
    }),
  );

  test(
    `a process whose record is ${name} is not started again when it ends, and this is reported`,
    supervised(async (s) => {
      const id = await spawnAndLose(s, lose);
      process.kill(s.pid(id), 'SIGKILL');
      await eventually(() => !s.report(id), 'it is not shown any more');
      assert.match(s.problems.join('\n'), new RegExp(`the process ${id} has ended and is not started again`));
      // A newer fleet that comes back finds its own record where it was.
      assert.deepEqual(readdirSync(join(s.dir, 'run')), [damaged ? `${id}.json.broken` : `${id}.json`]);
    }),
  );

  test(
    `a process whose record is ${name} and that does not run is not started, and this is reported`,
    supervised(async (s) => {
      const id = await s.spawn(LONG);
      const pid = s.pid(id);
      s.supervisor.handOver();
      process.kill(pid, 'SIGKILL');
      await gone(pid);
      writeFileSync(`${s.recordPath(id)}.broken`, 'an older one');
      writeFileSync(s.recordPath(id), lose(readFileSync(s.recordPath(id), 'utf8')));
      s.again();
      assert.equal(s.report(id), undefined);
      assert.match(
        s.problems.join('\n'),
        new RegExp(`the process ${id} is not started: .*cannot be understood`),
      );
      const kept = damaged ? `${id}.json.broken-1` : `${id}.json`;
      assert.deepEqual(readdirSync(join(s.dir, 'run')).sort(), [`${id}.json.broken`, kept].sort());
      assert.equal(readFileSync(`${s.recordPath(id)}.broken`, 'utf8'), 'an older one');
    }),
  );
}

test(
  'a process under an unreadable record is ended with everything that it started',
  supervised(async (s) => {
    const id = await spawnAndLose(s, () => '', 'setsid sleep 307 & echo child $!; exec sleep 300');
    const [, child] = await s.printed(id, /child (\d+)/);
    const pid = s.pid(id);
    await s.supervisor.stop([id], 5000);
    assert.deepEqual([startTime(pid), startTime(Number(child))], [null, null]);
  }),
);

test(
  'when the first process of an unreadable record ends, its descendants are still known',
  supervised(async (s) => {
    const id = await spawnAndLose(s, () => '', 'setsid sleep 308 & echo child $!; exec sleep 300');
    const [, child] = await s.printed(id, /child (\d+)/);
    process.kill(s.pid(id), 'SIGKILL');
    await eventually(() => s.report(id)?.pid === Number(child), 'its child is shown');
    await s.supervisor.stop([id], 5000);
    assert.equal(startTime(Number(child)), null);
  }),
);

test(
  'a record that cannot be opened says nothing about its process: it is left where it is',
  supervised(async (s) => {
    const id = await s.spawn(LONG);
    s.supervisor.handOver();
    const { mkdirSync, renameSync, rmdirSync } = await import('node:fs');
    renameSync(s.recordPath(id), `${s.recordPath(id)}.away`);
    mkdirSync(s.recordPath(id));
    s.again();
    assert.equal(s.report(id)?.status, 'unknown');
    rmdirSync(s.recordPath(id));
    renameSync(`${s.recordPath(id)}.away`, s.recordPath(id));
    s.again();
    assert.equal(s.report(id)?.status, 'running');
  }),
);
