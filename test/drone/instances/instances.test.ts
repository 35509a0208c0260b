import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Instances } from '../../../src/drone/instances/instances.ts';
import { claimPort } from '../../../src/drone/instances/port-claims.ts';
import { UsageWatch } from '../../../src/drone/instances/usage-watch.ts';
import type { HealthCheck, InstanceReport, InstanceSpec } from '../../../src/protocol/instance.ts';
import type { ProcessReport } from '../../../src/protocol/process.ts';
import { startTime } from '../../../src/system/procfs.ts';
import type { Usage } from '../../../src/system/usage.ts';
import { eventually } from '../../fixtures/local-fleet.ts';
import { readPid } from '../../fixtures/pid-file.ts';
import { type Supervised, supervised } from '../../fixtures/supervised.ts';
import { instanceSpec } from './instance-spec.ts';

const SERVER = `require('node:http').createServer((request, response) => {
  response.writeHead(require('node:fs').existsSync('bad') ? 500 : 200).end();
}).listen(process.env.PORT);`;
const CHECK: HealthCheck = {
  ...{ path: '/', host: 'localhost', command: null },
  ...{ intervalMs: 20, timeoutMs: 5000, withinMs: 30_000, restartAfterMs: null },
};

const WHY = 'uses 65M of memory, more than 64M';

/** Away from those that other drones of this machine may use. */
const FIRST_PORT = 10_000 + 100 * randomInt(90);
const PORTS = { first: FIRST_PORT, last: FIRST_PORT + 99 };

/** What watches a supervisor's instances, as a drone does. */
function watching(s: Supervised, usage?: UsageWatch): Instances {
  const { dir, supervisor, starts } = s;
  const restarts = { restartAloneAfterMs: 0, ...(usage && { usage }) };
  const instances = new Instances({ dir, supervisor, starts, ports: PORTS, ...restarts });
  supervisor.on('changed', (report) => instances.follow(report));
  supervisor.on('gone', (id) => instances.forget(id));
  instances.on('problem', (line) => s.problems.push(line));
  instances.adopt();
  return instances;
}

/** Runs a test with a supervisor and what watches its instances; `again` is what a drone that was killed leaves to the next. */
function instances(
  body: (s: Supervised, watch: { now: Instances; again(): void }) => Promise<void>,
): () => Promise<void> {
  return supervised(async (s) => {
    const watch = {
      now: watching(s),
      again: () => {
        s.again();
        watch.now.close();
        watch.now = watching(s);
      },
    };
    try {
      await body(s, watch);
    } finally {
      watch.now.close();
    }
  });
}

const server = (s: Supervised, more: Partial<InstanceSpec>, env: Record<string, string> = {}) => ({
  ...s.spec([process.execPath, '-e', SERVER], env),
  instance: instanceSpec({ health: CHECK, ...more }),
});

function reportOf(instances: Instances, id: string): ProcessReport & { instance: InstanceReport } {
  const report = instances.reports().find((one) => one.id === id);
  if (!report?.instance) throw new Error(`${id} is not there`);
  return { ...report, instance: report.instance };
}

const becomes = (instances: Instances, id: string, state: string) =>
  eventually(() => reportOf(instances, id).instance.state === state, `it is ${state}`);

test(
  'an instance keeps its process, slot, port and readiness when its drone is killed, and is looked at again',
  instances(async (s, watch) => {
    const id = await watch.now.spawn(server(s, { slot: 3, health: { ...CHECK, withinMs: 0 } }));
    await becomes(watch.now, id, 'ready');
    const before = reportOf(watch.now, id);
    assert.ok(before.instance.port);
    watch.again();
    const after = reportOf(watch.now, id);
    assert.deepEqual([after.pid, after.instance], [before.pid, before.instance]);
    writeFileSync(join(s.dir, 'app', 'bad'), '');
    await becomes(watch.now, id, 'not-ready');
    process.kill(s.pid(id), 'SIGKILL');
    await eventually(() => reportOf(watch.now, id).pid !== after.pid, 'it is started again');
    await eventually(() => reportOf(watch.now, id).pid, 'it runs');
    const { state, port } = reportOf(watch.now, id).instance;
    assert.deepEqual([state, port], ['starting', before.instance.port], 'a new run has to be checked');
  }),
);

test(
  'no other drone of the machine gets the port of an instance that is restarted and does not listen yet',
  instances(async (s, watch) => {
    const go = join(s.dir, 'app', 'go');
    writeFileSync(go, '');
    const program = `const timer = setInterval(() => {
      if (!require('node:fs').existsSync('go')) return;
      clearInterval(timer);
      ${SERVER}
    }, 5);`;
    const spec = { ...server(s, {}), command: [process.execPath, '-e', program] };
    const id = await watch.now.spawn(spec);
    await becomes(watch.now, id, 'ready');
    const { port } = reportOf(watch.now, id).instance;
    assert.ok(port);
    for (const end of [() => s.supervisor.restart([id], 5000), () => process.kill(s.pid(id), 'SIGKILL')]) {
      const before = s.pid(id);
      rmSync(go);
      await end();
      await eventually(() => ![before, null].includes(reportOf(watch.now, id).pid), 'it runs again');
      assert.equal(claimPort(port), false);
      writeFileSync(go, '');
      await becomes(watch.now, id, 'ready');
    }
  }),
);

test(
  'a check that outlives its drone ends, and is not taken for its instance',
  instances(async (s, watch) => {
    const command = ['sh', '-c', 'echo $$ > check.pid; exec sleep 300'];
    const id = await watch.now.spawn(server(s, { health: { ...CHECK, path: null, command } }));
    const check = await eventually(() => readPid(join(s.dir, 'app', 'check.pid')), 'the check runs');
    const pid = s.pid(id);
    s.supervisor.handOver();
    process.kill(pid, 'SIGKILL');
    s.again();
    assert.notEqual(s.report(id)?.pid, check);
    await s.supervisor.cleared;
    assert.equal(startTime(check), null);
  }),
);

test(
  'a command has the directory and the environment that its instance was started with',
  instances(async (s, watch) => {
    // The instance goes elsewhere, and hides what it was started with.
    const program = `process.chdir('/'); process.title = 'x'.repeat(20_000); ${SERVER}`;
    const command = ['sh', '-c', 'echo "$WORD $PORT $(pwd)" > seen'];
    const spec = server(s, { health: { ...CHECK, path: null, command } }, { WORD: 'word' });
    const id = await watch.now.spawn({ ...spec, command: [process.execPath, '-e', program] });
    await becomes(watch.now, id, 'ready');
    const { port } = reportOf(watch.now, id).instance;
    assert.equal(readFileSync(join(s.dir, 'app', 'seen'), 'utf8'), `word ${port} ${join(s.dir, 'app')}\n`);
  }),
);

test(
  'an instance that uses too much memory for ten seconds is to be restarted, which its drone does if the hub does not',
  supervised(async (s) => {
    let memoryBytes = 100;
    const usageOf = (pids: Iterable<number>) =>
      new Map([...pids].map((pid): [number, Usage] => [pid, { cpuSeconds: 1, memoryBytes }]));
    const usage = new UsageWatch({ reports: () => s.supervisor.reports(), usageOf });
    const watch = watching(s, usage);
    try {
      const id = await watch.spawn({
        ...s.spec(['sleep', '300']),
        instance: instanceSpec({ served: false, health: null, memoryBytes: 64 << 20 }),
      });
      const { pid } = reportOf(watch, id);
      const measure = (...seconds: number[]) => {
        for (const second of seconds) usage.look(second * 1000);
      };
      measure(0, 5);
      memoryBytes = 65 << 20;
      measure(10, 15);
      memoryBytes = 100;
      measure(20);
      memoryBytes = 65 << 20;
      measure(25, 30);
      assert.deepEqual(s.problems, []);
      const told = once(watch, 'changed');
      measure(35);
      const [{ instance }] = (await told) as [ProcessReport];
      assert.deepEqual([instance?.state, instance?.restart], ['starting', WHY]);
      assert.deepEqual(s.problems, [`web.1 is to be restarted: it ${WHY}`]);
      await eventually(() => reportOf(watch, id).restarts === 1, 'it is restarted');
      assert.notEqual(reportOf(watch, id).pid, pid);
      assert.equal(reportOf(watch, id).instance.restart, undefined);
      const exit = { code: null, signal: 'SIGTERM', error: `restarted because it ${WHY}` };
      assert.deepEqual(reportOf(watch, id).lastExit, exit);
      await s.supervisor.restart([id], 5000);
      assert.equal(reportOf(watch, id).lastExit?.error, undefined, 'the next end has no such reason');
    } finally {
      watch.close();
    }
  }),
);
