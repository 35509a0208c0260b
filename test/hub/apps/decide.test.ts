import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parallelOf } from '../../../src/app-file/parallel.ts';
import { releaseOf } from '../../../src/hub/apps/app-record.ts';
import { decide } from '../../../src/hub/apps/decide.ts';
import { makeApp, makeDrone, makeRelease, makeWorld } from './records.ts';
import { fileOf, SimulatedApp } from './simulated-app.ts';

interface WantedService {
  name: string;
  count: number;
  order: 'start-first' | 'stop-first';
  parallel: number;
}

const service = (name: string) =>
  fc.record({
    name: fc.constant(name),
    count: fc.integer({ min: 0, max: 5 }),
    order: fc.constantFrom('start-first' as const, 'stop-first' as const),
    parallel: fc.integer({ min: 1, max: 3 }),
  });
const services = fc
  .tuple(service('web'), service('worker'), fc.boolean())
  .map(([web, worker, hasWorker]) => (hasWorker ? [web, worker] : [web]));
const releases = fc.array(
  fc.record({ services, fate: fc.constantFrom('good' as const, 'good' as const, 'bad' as const) }),
  { minLength: 1, maxLength: 6 },
);

const tomlOf = (wanted: WantedService[]) =>
  wanted
    .map(
      ({ name, count, order, parallel }) =>
        `[services.${name}]\ncommand = "x"\ncount = ${count}\norder = "${order}"\nparallel = ${parallel}\n`,
    )
    .join('\n');

/** What runs for a service, by slot. */
function slotsIn(simulated: SimulatedApp, name: string) {
  const here = simulated.instances.filter((one) => one.service === name);
  return { here, good: new Set(here.filter((one) => one.isGood).map(({ slot }) => slot)) };
}

test('releases keep what they promise, whatever comes first', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      releases,
      fc.infiniteStream(fc.nat(1000)),
      (drones, all, order) => {
        const simulated = new SimulatedApp(drones);
        for (const { services: wanted, fate } of all) {
          const before = releaseOf(simulated.app, simulated.app.live);
          const old = before ? fileOf(before).services : [];
          const goodBefore = new Map(old.map(({ name }) => [name, slotsIn(simulated, name).good.size]));
          simulated.up(tomlOf(wanted), fate);
          simulated.settle(
            () => order.next().value ?? 0,
            () => {
              for (const { name, count, order: how, parallel } of wanted) {
                const { here, good } = slotsIn(simulated, name);
                const had = old.find((one) => one.name === name);
                const most = Math.max(count, Number(had?.count ?? 0));
                const allowed = Math.max(parallel, had ? parallelOf(had, most) : 0);
                assert.ok(here.length <= most + allowed, `${here.length} of ${name} for ${most}`);
                const staying = Math.min(count, goodBefore.get(name) ?? 0);
                const missing = how === 'stop-first' || had?.order === 'stop-first' ? allowed : 0;
                assert.ok(good.size >= staying - missing, `${good.size} good of ${name}, of ${staying}`);
                const current = here.filter((one) => !one.isLeaving);
                const places = current.map((one) => `${one.slot} ${one.release}`);
                assert.equal(new Set(places).size, places.length, 'two in one place');
              }
            },
          );
          const last = simulated.app.releases.at(-1);
          const isNothing = wanted.every(({ count }) => count === 0);
          assert.equal(last?.state, fate === 'good' || isNothing ? 'live' : 'failed');
          const live = releaseOf(simulated.app, simulated.app.live);
          assert.ok(simulated.instances.every((one) => one.isGood && one.release === live?.release));
          const should = live ? fileOf(live).services : [];
          for (const { name, count } of should) assert.equal(slotsIn(simulated, name).good.size, count);
          assert.deepEqual(simulated.look(), [], 'a plan that was carried out leaves nothing to plan');
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('a restart of one service replaces its instances one by one, and leaves the others as they are', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.infiniteStream(fc.nat(1000)), (drones, order) => {
      const simulated = new SimulatedApp(drones);
      const settle = (each: () => void) => simulated.settle(() => order.next().value ?? 0, each);
      const idsOf = (name: string) =>
        simulated.instances.filter((one) => one.service === name).map(({ id }) => id);
      simulated.up('[services.web]\ncommand = "x"\ncount = 3\n[services.worker]\ncommand = "x"\n', 'good');
      settle(() => {});
      const [web, worker] = [idsOf('web'), idsOf('worker')];
      // A worker that is not well does not keep web from being restarted.
      for (const one of simulated.instances) if (one.service === 'worker') one.isGood = false;
      simulated.restart('web');
      settle(() => assert.ok(slotsIn(simulated, 'web').good.size === 3, 'each is ready before the next'));
      assert.equal(simulated.app.live, 2);
      assert.deepEqual(idsOf('worker'), worker);
      assert.equal(idsOf('web').filter((id) => web.includes(id)).length, 0);
      for (const one of simulated.instances) one.isGood = true;
      assert.deepEqual(simulated.look(), [], 'and nothing is left to do');
      simulated.restart('worker');
      settle(() => {});
      assert.equal(idsOf('worker').filter((id) => worker.includes(id)).length, 0);
      assert.deepEqual(simulated.look(), []);
    }),
    { numRuns: 50 },
  );
});

test('the release command is not run for a release that cannot reach one of its services', () => {
  const toml = '[deploy]\nrelease = "node migrate.js"\n[services.web]\ncommand = "x"\n';
  const building = makeRelease(1, { state: 'building', toml });
  const app = makeApp([building], { underWay: 1, placement: { web: { 1: 'd1' } } });
  const next = (isConnected: boolean) =>
    decide({ app, world: makeWorld([makeDrone('d1', { isConnected }), makeDrone('d2')]), fileOf }).change;
  assert.deepEqual(next(true), { to: 'releasing', why: null });
  assert.deepEqual(next(false), { to: 'failed', why: 'none of the drones of web is connected' });
});
