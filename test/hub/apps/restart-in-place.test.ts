import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { AppService } from '../../../src/hub/apps/apps.ts';
import { InPlaceRestarts } from '../../../src/hub/apps/restart-in-place.ts';
import { up } from '../../../src/hub/apps/up.ts';
import { DEFAULT_GRACE_MS } from '../../../src/protocol/limits.ts';
import { eventually } from '../../fixtures/local-fleet.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { AppWorld } from './app-world.ts';

const COMMIT = 'a'.repeat(40);
const TOML = '[services.web]\ncommand = "node server.js"\ncount = 4\n';
const options = { canary: null, rebuild: false, force: false, strict: false, subject: '', wait: 0 };

/** An app whose four instances are ready, and their ids by drone. */
async function makeScene(t: TestContext) {
  const world = new AppWorld(temporaryFolder(t), { [COMMIT]: TOML }, 2);
  const service = await world.startHub();
  await up(service, { repo: 'webapp', stage: null, ...options, commit: COMMIT }, 'ada');
  await eventually(async () => liveOf(service) === 1, 'it is live');
  const ids = () => new Map(world.drones.map(({ name, processes }) => [name, [...processes.keys()]]));
  return { world, service, ids };
}

const liveOf = ({ apps }: AppService) => apps.byName('webapp')?.app.live;

test('instances of a service are restarted in place, each when the one before is ready', async (t) => {
  const { world, service, ids } = await makeScene(t);
  const away: number[] = [];
  for (const { restarted, processes } of world.drones)
    restarted.push = function push(...more: string[]) {
      const all = world.drones.flatMap((drone) => [...drone.processes.values()]);
      away.push(all.filter(({ instance }) => instance?.state !== 'ready').length);
      assert.ok(more.every((id) => processes.has(id)));
      return Array.prototype.push.apply(this, more);
    };
  const restarts = new InPlaceRestarts(service);
  const byDrone = ids();
  const taken = restarts.take(byDrone);
  assert.equal(byDrone.size, 0, 'all of them belong to the app');
  const results = await restarts.restart(taken, DEFAULT_GRACE_MS);
  assert.deepEqual(away, [0, 0, 0, 0]);
  for (const [drone, wanted] of ids()) assert.deepEqual(results[drone]?.stopped.sort(), wanted.sort());
});

test('if one is not ready afterwards, the others are left as they are', async (t) => {
  const { world, service, ids } = await makeScene(t);
  const [first = ''] = ids().get('web1') ?? [];
  const restarts = new InPlaceRestarts(service);
  const [asked, ...more] = restarts.take(ids());
  assert.equal(asked?.id, first);
  world.drones[0]?.broken.add(first);
  const results = await restarts.restart(asked ? [asked, ...more] : [], DEFAULT_GRACE_MS);
  assert.deepEqual(results['web1']?.stopped, [first]);
  const errors = Object.values(results).flatMap((one) => Object.values(one.errors));
  assert.equal(errors.length, 3);
  assert.match(
    errors[0]?.message ?? '',
    /^not restarted: web\.\d is not ready: given-up; see: fleet status$/,
  );
});

test('what is not an instance of a known app is not taken', async (t) => {
  const { service } = await makeScene(t);
  const byDrone = new Map([['web1', ['00000a']]]);
  assert.deepEqual(new InPlaceRestarts(service).take(byDrone), []);
  assert.deepEqual(byDrone.get('web1'), ['00000a']);
});
