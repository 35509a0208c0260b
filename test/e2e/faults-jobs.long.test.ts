import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { JobReport } from '../../src/protocol/instance.ts';
import { ORDERS } from '../../src/protocol/orders.ts';
import { Caller } from '../../src/rpc/calls.ts';
import type { Peer } from '../../src/rpc/peer.ts';
import { eventually, headOf } from '../fixtures/local-fleet.ts';
import { type RealFleet, SECRET, withFleet } from '../fixtures/real-fleet.ts';
import { RpcHost } from '../fixtures/rpc-host.ts';
import { jobOf, preparationOf } from '../fixtures/workshop.ts';

/** A hub that gives a drone its orders one by one, and hears of its jobs. */
class JobHub {
  readonly reports: JobReport[] = [];
  private peer: Peer | null = null;
  private readonly host = new RpcHost({
    onPeer: (peer) => {
      peer.serve(({ method, params }) => {
        const { jobs = [] } = params as { jobs?: JobReport[] };
        if (method === 'join') this.reports.push(...jobs);
        if (method === 'job') this.reports.push(params as JobReport);
        if (method !== 'join') return null;
        this.peer = peer;
        return { name: 'web1', deploy: [], watch: { all: false, ids: [], repos: [] } };
      });
      void peer.closed.then(() => {
        this.peer = null;
      });
    },
  });

  async start(): Promise<this> {
    await this.host.start();
    return this;
  }

  /** A drone in the directory `web1` that has joined. */
  async drone(fleet: RealFleet) {
    const args = ['drone', `--hub=${this.host.address}`, `--secret=${SECRET}`, '--name=web1'];
    const drone = fleet.startDaemon('web1', args);
    await drone.printed(/connected to the hub/);
    return drone;
  }

  async call<K extends 'prepare' | 'job.start'>(
    order: K,
    params: Parameters<Caller<typeof ORDERS>['call']>[1],
  ) {
    const { peer } = this;
    assert.ok(peer, 'a drone is there');
    return (await new Caller(peer, ORDERS, 'the drone').call(order, params as never)).result;
  }

  ends(key: string): JobReport[] {
    return this.reports.filter((report) => report.key === key && report.state !== 'running');
  }

  end(): Promise<void> {
    return this.host.end();
  }
}

/** A drone that has a commit of `webapp`, prepared, and its hub. */
async function begun(fleet: RealFleet) {
  await fleet.hub();
  const first = await fleet.drone('web1');
  const app = await fleet.app('webapp', { 'a.txt': 'a' });
  const { code, stderr } = await fleet.run(['deploy'], { cwd: app });
  assert.equal(code, 0, stderr);
  await first.end('SIGTERM');
  const hub = await new JobHub().start();
  const drone = await hub.drone(fleet);
  const commit = headOf(app);
  assert.deepEqual(await hub.call('prepare', preparationOf('webapp', commit)), { job: null, why: null });
  const log = (id: string) => {
    const path = join(fleet.dir, 'web1/log', `${id}.log`);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  return { hub, drone, commit, log };
}

for (const when of ['before', 'after'] as const) {
  test(
    `a drone is killed during a job, and the next one reports its end, which was ${when} the start`,
    withFleet(['web1'], async (fleet) => {
      const { hub, drone, commit, log } = await begun(fleet);
      try {
        const flag = join(fleet.dir, 'go');
        const script = `echo begun; until test -e ${flag}; do sleep 0.05; done; echo done; exit 4`;
        const job = jobOf('webapp', commit, script);
        await hub.call('job.start', job);
        await eventually(() => log(job.id) === 'begun\n', 'it runs');
        await drone.end('SIGKILL');
        if (when === 'before') {
          writeFileSync(flag, '');
          const file = join(fleet.dir, 'web1/job', `${job.id}.exit`);
          await eventually(() => existsSync(file), 'it has ended');
        }
        await hub.drone(fleet);
        writeFileSync(flag, '');
        const [end] = await eventually(
          () => (hub.ends(job.key).length > 0 ? hub.ends(job.key) : null),
          'its end',
        );
        assert.equal(end?.why, 'exited with code 4');
        const { state } = (await hub.call('job.start', job)) as JobReport;
        assert.equal(state, 'failed');
        assert.equal(log(job.id), 'begun\ndone\n', 'it ran once');
      } finally {
        await hub.end();
      }
    }),
  );
}

test(
  'a drone is killed during a build, and the next one continues it',
  withFleet(['web1'], async (fleet) => {
    const { hub, drone, commit } = await begun(fleet);
    try {
      const flag = join(fleet.dir, 'go');
      const made = join(fleet.dir, 'web1/deploy', `webapp@pr-1.${commit}`, 'made');
      const script = `echo begun >> made; until test -e ${flag}; do sleep 0.05; done`;
      const wanted = preparationOf('webapp@pr-1', commit, { script });
      hub.call('prepare', wanted).catch(() => {}); // Its drone is killed.
      await eventually(() => existsSync(made), 'it builds');
      await drone.end('SIGKILL');
      await hub.drone(fleet);
      const prepared = hub.call('prepare', wanted);
      writeFileSync(flag, '');
      assert.equal(((await prepared) as { why: string | null }).why, null);
      assert.equal(readFileSync(made, 'utf8'), 'begun\n', 'it was built once');
    } finally {
      await hub.end();
    }
  }),
);
