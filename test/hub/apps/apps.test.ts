import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Principal } from '../../../src/hub/access/principal.ts';
import { appHandlers } from '../../../src/hub/apps/app-service.ts';
import { scale, setVariables } from '../../../src/hub/apps/app-settings.ts';
import type { AppService } from '../../../src/hub/apps/apps.ts';
import { rollback } from '../../../src/hub/apps/rollback.ts';
import { up } from '../../../src/hub/apps/up.ts';
import { EMPTY } from '../../../src/rpc/frames.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { AppWorld } from './app-world.ts';

const APP = { repo: 'webapp', stage: null };
const toml = (release: string) => `
[deploy]
release = "node migrate.js"
[services.web]
command = "node server.js ${release}"
count = 3
[services.worker]
command = "node worker.js"
order = "stop-first"
count = 2
`;
const GOOD = 'a'.repeat(40);
const BETTER = 'b'.repeat(40);
const BAD = 'bad0'.padEnd(40, '0');
const SOURCES = { [GOOD]: toml('1'), [BETTER]: toml('2'), [BAD]: toml('3') };
const options = { canary: null, rebuild: false, force: false, strict: false, subject: '', wait: 0 };

async function settled({ apps }: AppService): Promise<void> {
  const conductor = apps.get(APP);
  for (let n = 0; n < 2_000; n++) {
    const isQuiet = conductor.underWay === null && !conductor.errands.isBusy;
    const { live, undecided } = conductor.app;
    const here = conductor.world.instances;
    if (isQuiet && undecided === null && here.every((one) => one.release === live && one.isGood)) return;
    await sleep(1);
  }
  assert.fail(`does not settle: ${JSON.stringify(conductor.app)}`);
}

function expected(release: number): string[] {
  return ['web.1', 'web.2', 'web.3', 'worker.1', 'worker.2'].map((slot) => `${slot} v${release}`);
}

const atOnce = async () => {};
/** Much else happens while another machine stores something. */
const later = async () => {
  for (let n = 0; n < 3; n++) await new Promise(setImmediate);
};
const SCENES = [
  ['a release', BETTER, 'live', expected(2), atOnce],
  ['a release that fails', BAD, 'failed', expected(1), atOnce],
  ['a release that is stored elsewhere and fails', BAD, 'failed', expected(1), later],
] as const;

for (const [what, commit, state, running, beforeSave] of SCENES) {
  test(`${what} ends whole, whichever of its records is the hub's last`, async (t) => {
    let saves = 1;
    for (let last = 0; last < saves; last++) {
      const world = new AppWorld(temporaryFolder(t), SOURCES, 3);
      world.beforeSave = beforeSave;
      const first = await world.startHub();
      await up(first, { ...APP, ...options, commit: GOOD }, 'ada');
      await settled(first);
      world.savesLeft = last;
      const begun = await up(first, { ...APP, ...options, commit }, 'ada').then(
        () => true,
        () => false,
      );
      for (let n = 0; n < 300 && world.savesLeft >= 0; n++) await sleep(1);
      // It was not killed before the end: there are no more records than that.
      if (world.savesLeft < 0) saves = last + 2;
      world.savesLeft = Number.POSITIVE_INFINITY;
      const second = await world.startHub();
      await settled(second);
      const { app } = second.apps.get(APP);
      if (begun) {
        assert.equal(app.releases.at(-1)?.state, state, `killed after ${last} records`);
        assert.deepEqual(world.running, running, `killed after ${last} records`);
      } else assert.deepEqual(world.running, expected(1));
      for (const { runs } of world.drones) for (const count of runs.values()) assert.equal(count, 1);
      await second.apps.close();
    }
    assert.ok(saves > 5, `${saves} records`);
  });
}

test('a rollback is a new release of the one before, and a second one goes back further', async (t) => {
  const world = new AppWorld(temporaryFolder(t), SOURCES, 2);
  const service = await world.startHub();
  for (const commit of [GOOD, BETTER]) {
    await up(service, { ...APP, ...options, commit }, 'ada');
    await settled(service);
  }
  const begun = await rollback(service, { ...APP, release: null, keepEnv: false, wait: 0 }, 'bob');
  await settled(service);
  assert.equal(begun.release, 3);
  assert.deepEqual(world.running, expected(3));
  const { app } = service.apps.get(APP);
  assert.equal(app.releases.at(-1)?.commit, GOOD);
  assert.equal(app.releases.at(-1)?.of, 1);
  await assert.rejects(
    rollback(service, { ...APP, release: null, keepEnv: false, wait: 0 }, 'bob'),
    /no earlier release/,
  );
  await service.apps.close();
});

test('a release is refused if its environment cannot be opened, and nothing is under way then', async (t) => {
  const dir = temporaryFolder(t);
  const world = new AppWorld(dir, SOURCES, 2);
  const first = await world.startHub();
  await setVariables(first, { ...APP, env: { A: '1' }, unset: [], roll: true, wait: 0 }, 'ada');
  await up(first, { ...APP, ...options, commit: GOOD }, 'ada');
  await settled(first);
  writeFileSync(join(dir, 'hub.key'), '');
  const second = await world.startHub();
  await settled(second);
  const refused = up(second, { ...APP, ...options, commit: BETTER }, 'ada');
  await assert.rejects(refused, { code: 'ECONFIG', message: /hub\.key is not a key/ });
  assert.equal(second.apps.get(APP).underWay, null);
  assert.deepEqual(world.running, expected(1));
  await second.apps.close();
});

test('a call that comes again with its key is answered as it was, also by the next hub, and changes nothing more', async (t) => {
  const dir = temporaryFolder(t);
  const world = new AppWorld(dir, SOURCES, 2);
  let service = await world.startHub();
  const who = { name: 'ada', repo: null, isValid: () => true } as unknown as Principal;
  const call = () => appHandlers(service, { who, gone: new Promise(() => {}) });
  /** Makes a call twice, and once more at a hub that was started again; returns the release that it was about. */
  const thrice = async (act: (key: string) => Promise<unknown>, meanwhile = async () => {}) => {
    const key = randomBytes(16).toString('hex');
    const answers = await Promise.all([act(key), act(key)]);
    await meanwhile();
    service = await world.startHub();
    answers.push(await act(key));
    const releases = answers.map((one) => (one as { release: number }).release);
    assert.equal(new Set(releases).size, 1, JSON.stringify(answers));
    return releases[0];
  };
  const settle = () => settled(service);
  const wanted = { ...APP, ...options, commit: GOOD };
  assert.equal(await thrice(async (key) => call()['app.up']({ ...wanted, key }, EMPTY), settle), 1);
  const canary = { ...APP, ...options, commit: BETTER, canary: 1 };
  const rests = async () => {
    while (service.apps.get(APP).underWay?.state !== 'canary') await sleep(1);
  };
  assert.equal(await thrice(async (key) => call()['app.up']({ ...canary, key }, EMPTY), rests), 2);
  await rests();
  assert.equal(await thrice(async (key) => call()['app.promote']({ ...APP, key }, EMPTY), settle), 2);
  const back = { ...APP, release: null, keepEnv: false, wait: 0 };
  assert.equal(await thrice(async (key) => call()['app.rollback']({ ...back, key }, EMPTY), settle), 3);
  const env = { ...APP, env: { A: '1' }, unset: [], roll: true, wait: 0 };
  assert.equal(await thrice(async (key) => call()['app.env.set']({ ...env, key }, EMPTY), settle), 4);
  const all = { ...APP, services: [], wait: 0 };
  assert.equal(await thrice(async (key) => call()['app.restart']({ ...all, key }, EMPTY), settle), 5);
  assert.deepEqual(world.running, expected(5));
  await call()['app.up']({ ...wanted, force: true }, EMPTY);
  // Cancelled, and not rolled back once more after that.
  const over = async () => {
    while (service.apps.get(APP).underWay) await sleep(1);
  };
  assert.equal(await thrice(async (key) => call()['app.rollback']({ ...back, key }, EMPTY), over), 6);
  assert.equal(await thrice(async (key) => call()['app.down']({ ...APP, wait: 0, key }, EMPTY)), 5);
  assert.equal(service.apps.get(APP).app.last, 6);
  await service.apps.close();
});

test('variables are set and unset once by a call that comes again, also if no release brings them', async (t) => {
  const world = new AppWorld(temporaryFolder(t), SOURCES, 2);
  const service = await world.startHub();
  const who = { name: 'ada', repo: null, isValid: () => true } as unknown as Principal;
  const handlers = appHandlers(service, { who, gone: new Promise(() => {}) });
  const set = async (key: string, env: Record<string, string>, unset: string[] = []) =>
    handlers['app.env.set']({ ...APP, env, unset, roll: false, wait: 0, key }, EMPTY);
  const value = async () => handlers['app.env.get']({ ...APP, name: 'A' }, EMPTY);
  await set('1'.repeat(32), { A: '1' });
  await set('2'.repeat(32), { A: '2' });
  assert.equal(await set('1'.repeat(32), { A: '1' }), null);
  assert.deepEqual(await value(), { value: '2' });
  for (let n = 0; n < 2; n++) assert.equal(await set('3'.repeat(32), {}, ['A']), null);
  assert.deepEqual(await value(), { value: null });
  await service.apps.close();
});

test('what keeps a release from going on is printed once', async (t) => {
  const dir = temporaryFolder(t);
  const world = new AppWorld(dir, SOURCES, 2);
  const first = await world.startHub();
  await setVariables(first, { ...APP, env: { A: '1' }, unset: [], roll: true, wait: 0 }, 'ada');
  await up(first, { ...APP, ...options, commit: GOOD }, 'ada');
  writeFileSync(join(dir, 'hub.key'), '');
  const second = await world.startHub();
  const conductor = second.apps.get(APP);
  for (let n = 0; n < 20; n++) {
    conductor.look();
    await new Promise(setImmediate);
  }
  assert.match(
    world.printed.join('\n'),
    /^webapp: .*hub\.key is not a key; put the right one back, or remove it$/,
  );
  await second.apps.close();
});

test('drones that are on their way from a hub that is gone are waited for, and not left out of a release', async (t) => {
  const world = new AppWorld(temporaryFolder(t), SOURCES, 2);
  const service = await world.startHub();
  await up(service, { ...APP, ...options, commit: GOOD }, 'ada');
  await settled(service);
  await up(service, { ...APP, ...options, commit: BETTER }, 'ada');
  world.rejoining.isOpen = true;
  const [, web2] = world.drones;
  web2?.leave();
  const conductor = service.apps.get(APP);
  for (let n = 0; n < 20; n++) {
    conductor.look();
    await new Promise(setImmediate);
  }
  assert.notEqual(conductor.underWay, null);
  world.rejoining.isOpen = false;
  web2?.join(service.parts.directory);
  conductor.look();
  await settled(service);
  const live = world.events.findLast((event) => event.type === 'release' && event.state === 'live');
  assert.deepEqual(live?.type === 'release' && [live.release, live.lost], [2, []]);
  assert.deepEqual(world.running, expected(2));
  await service.apps.close();
});

test('a scale during a release is told of the release that is live in the end, when all instances are there', async (t) => {
  for (const [commit, isGood] of [
    [BETTER, true],
    [BAD, false],
  ] as const) {
    const world = new AppWorld(temporaryFolder(t), SOURCES, 3);
    const service = await world.startHub();
    await up(service, { ...APP, ...options, commit: GOOD }, 'ada');
    await settled(service);
    await up(service, { ...APP, ...options, commit }, 'ada');
    const begun = await scale(service, { ...APP, scale: { web: 5 } });
    assert.equal(begun.release, 2, 'the one to look at meanwhile');
    await settled(service);
    await service.apps.get(APP).telling.settled();
    const ends = world.events.flatMap((event) =>
      event.type === 'release' && ['live', 'failed', 'scaled'].includes(event.state)
        ? [[event.state, event.release, event.services['web']?.ready]]
        : [],
    );
    const outcome = isGood ? ['live', 2, 5] : ['failed', 2, 5];
    assert.deepEqual(ends.slice(1), [outcome, ['scaled', isGood ? 2 : 1, 5]]);
    await service.apps.close();
  }
});

test('what is live is released again if it shall be built anew, and otherwise not', async (t) => {
  const service = await new AppWorld(temporaryFolder(t), SOURCES, 2).startHub();
  await up(service, { ...APP, ...options, commit: GOOD }, 'ada');
  await settled(service);
  assert.ok('live' in (await up(service, { ...APP, ...options, commit: GOOD }, 'ada')));
  const begun = await up(service, { ...APP, ...options, commit: GOOD, rebuild: true }, 'ada');
  assert.deepEqual('release' in begun && begun.release, 2);
  await settled(service);
  await service.apps.close();
});

test('a hub whose directory is an old copy starts and stops nothing until somebody decides', async (t) => {
  const dir = temporaryFolder(t);
  const copy = temporaryFolder(t);
  const world = new AppWorld(dir, SOURCES, 2);
  const first = await world.startHub();
  await up(first, { ...APP, ...options, commit: GOOD }, 'ada');
  await settled(first);
  cpSync(dir, copy, { recursive: true });
  await settled(await world.startHub());
  const third = await world.startHub();
  await scale(third, { ...APP, scale: { web: 1 } });
  const scaled = ['web.1 v1', 'worker.1 v1', 'worker.2 v1'];
  while (world.running.join() !== scaled.join()) await sleep(1);
  const restored = await world.startHub(copy);
  const conductor = restored.apps.get(APP);
  while (!world.printed.some((line) => line.includes('obeys another hub'))) await sleep(1);
  assert.notEqual(conductor.world.newerHubAt, null);
  assert.deepEqual(world.running, scaled);
  await rollback(restored, { ...APP, release: 1, keepEnv: false, wait: 0 }, 'ada');
  await settled(restored);
  assert.deepEqual([conductor.world.newerHubAt, world.running], [null, expected(2)]);
  await restored.apps.close();
  // It counts on from there.
  const next = await world.startHub(copy);
  assert.equal(next.apps.get(APP).world.newerHubAt, null);
  await next.apps.close();
});

test('an app of which nothing could be stored is not there', async (t) => {
  const world = new AppWorld(temporaryFolder(t), SOURCES, 2);
  const service = await world.startHub();
  const { apps } = service;
  const params = { ...APP, env: { A: '1' }, unset: [], roll: true, wait: 0 };
  world.savesLeft = 0;
  await assert.rejects(setVariables(service, params, 'ada'));
  await assert.rejects(up(service, { ...APP, ...options, commit: GOOD }, 'ada'));
  assert.deepEqual([apps.find(APP), apps.all()], [undefined, []]);
  assert.throws(() => apps.get(APP), { code: 'ENORELEASE', message: /there is no app webapp yet; .* it$/ });
  world.savesLeft = Number.POSITIVE_INFINITY;
  await setVariables(service, params, 'ada');
  assert.deepEqual(Object.keys(apps.get(APP).app.env), ['A']);
  await service.apps.close();
});
