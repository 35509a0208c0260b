import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { scale } from '../../../src/hub/apps/app-settings.ts';
import type { AppService } from '../../../src/hub/apps/apps.ts';
import { FollowedApps } from '../../../src/hub/apps/followed-apps.ts';
import { up } from '../../../src/hub/apps/up.ts';
import type { FenceSource } from '../../../src/hub/start-count.ts';
import { FileStore } from '../../../src/hub/store/file-store.ts';
import type { Store } from '../../../src/hub/store/store.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import type { Fence } from '../../../src/protocol/fence.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { AppWorld } from './app-world.ts';

const APP = { repo: 'webapp', stage: null };
const GOOD = 'a'.repeat(40);
const BETTER = 'b'.repeat(40);
const toml = (release: string) => `
[deploy]
release = "node migrate.js"
[services.web]
command = "node server.js ${release}"
count = 3
`;
const options = { canary: null, rebuild: false, force: false, strict: false, subject: '', wait: 0 };

/** What a hub believes: it leads with this fence. */
class Belief implements FenceSource {
  fence: Fence | null = null;
  of = () => this.fence;
  raiseAbove = () => {};
  refused = async () => 'elsewhere' as const;
}

/** Hubs that share a store and drones; each leads when it is told to. */
async function hubs(t: TestContext, count: number) {
  const dir = temporaryFolder(t);
  const world = new AppWorld(dir, { [GOOD]: toml('1'), [BETTER]: toml('2') }, 2);
  const store = new FileStore(dir, assert.fail);
  const directory = world.directory();
  let taken = 0;
  const make = async () => {
    const belief = new Belief();
    const service = await world.join(store, (events) => ({ fences: belief, events }), directory);
    const followed = new FollowedApps(service.apps, service.records, store, assert.fail);
    t.after(() => {
      followed.close();
      return service.apps.close();
    });
    const lead = async () => {
      belief.fence = { created: 1, count: ++taken };
      await followed.confirm();
      service.apps.lead();
    };
    return { ...service, belief, lead };
  };
  return { world, hubs: await Promise.all(Array.from({ length: count }, make)) };
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let n = 0; n < 5_000 && !isSo(); n++) await sleep(1);
  assert.ok(isSo(), what);
}

const isLive = ({ apps }: AppService, release: number) => apps.find(APP)?.app.live === release;

test('what one hub stores of an app is known to the others, which change nothing', async (t) => {
  const { hubs: all } = await hubs(t, 2);
  const [leader, other] = all as [(typeof all)[0], (typeof all)[0]];
  await leader.lead();
  await up(leader, { ...APP, ...options, commit: GOOD }, 'ada');
  await until(() => isLive(leader, 1) && isLive(other, 1), 'both know that it is live');
  const seen = other.apps.get(APP);
  assert.deepEqual(
    seen.world.instances.map(({ slot, isGood }) => [slot, isGood]).sort(),
    [1, 2, 3].map((slot) => [slot, true]),
  );
  await assert.rejects(scale(other, { ...APP, scale: { web: 1 } }), { code: 'ECLOSED' });
  await scale(leader, { ...APP, scale: { web: 1 } });
  await until(() => other.apps.get(APP).app.scale['web'] === 1, 'the other knows the scale');
  await until(() => leader.apps.get(APP).world.instances.length === 1, 'it is scaled');
  await leader.apps.remove(leader.apps.get(APP));
  await until(() => other.apps.find(APP) === undefined, 'the other has forgotten it');
});

test('a hub that takes over goes on with a release, whichever record of the one before was the last', async (t) => {
  let saves = 1;
  for (let last = 0; last < saves; last++) {
    const { world, hubs: all } = await hubs(t, 2);
    const [first, second] = all as [(typeof all)[0], (typeof all)[0]];
    await first.lead();
    await up(first, { ...APP, ...options, commit: GOOD }, 'ada');
    await until(() => isLive(first, 1), 'it is live');
    world.savesLeft = last;
    const begun = await up(first, { ...APP, ...options, commit: BETTER }, 'ada').catch(() => null);
    for (let n = 0; n < 300 && world.savesLeft >= 0; n++) await sleep(1);
    if (world.savesLeft < 0) saves = last + 2;
    world.savesLeft = Number.POSITIVE_INFINITY;
    // The first one still believes that it leads.
    await second.lead();
    await until(() => isLive(second, begun ? 2 : 1), `the release goes on after ${last} records`);
    await assert.rejects(scaleStale(first), { code: /ECLOSED|ESTALE/ });
    const running = [1, 2, 3].map((slot) => `web.${slot} v${begun ? 2 : 1}`);
    await until(() => world.running.join() === running.join(), `${world.running}`);
    for (const { runs } of world.drones) for (const count of runs.values()) assert.equal(count, 1);
  }
  assert.ok(saves > 4, `${saves} records`);
});

/** A hub that notices, while it is about to store something, that it leads no more. */
async function scaleStale(hub: AppService & { belief: Belief }) {
  const decided = scale(hub, { ...APP, scale: { web: 7 } });
  hub.belief.fence = null;
  return decided;
}

test('what cannot be read of an app when the store tells of it is read again, and said once', async () => {
  const lines: string[] = [];
  let hint = (_key: string) => {};
  let read = () => {};
  const isRead = new Promise<void>((resolve) => {
    read = resolve;
  });
  const away = () => Promise.reject(new FleetError('ECLUSTER', 'the cluster has no majority'));
  const answers = [away, away];
  const apps = { all: () => [], byName: () => undefined, reread: async () => (answers.shift() ?? read)() };
  const watched: Pick<Store, 'watch'> = {
    watch: (_prefix, told) => {
      hint = (key) => told(key, null);
      return () => {};
    },
  };
  const followed = new FollowedApps(apps, { load: async () => [] }, watched, (line) => lines.push(line));
  hint('app.webapp');
  await isRead;
  followed.close();
  assert.deepEqual(lines, ['webapp: the cluster has no majority']);
});
