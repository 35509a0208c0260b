import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { scale } from '../../../src/hub/apps/app-settings.ts';
import type { AppService } from '../../../src/hub/apps/apps.ts';
import { planDown, planPromote, planRollback, planScale } from '../../../src/hub/apps/plans.ts';
import { down, promote, rollback } from '../../../src/hub/apps/rollback.ts';
import { planUp, up } from '../../../src/hub/apps/up.ts';
import type { ReleasePlan } from '../../../src/protocol/plans.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { AppWorld } from './app-world.ts';

const APP = { repo: 'webapp', stage: null };
const toml = (release: string) => `
[services.web]
command = "node server.js ${release}"
count = 3
[services.worker]
command = "node worker.js"
order = "stop-first"
`;
const [GOOD, BETTER] = ['a'.repeat(40), 'b'.repeat(40)];
const options = { canary: null, rebuild: false, force: false, strict: false, subject: '', wait: 0 };
const newest = { ...APP, release: null, keepEnv: false, wait: 0 };

/** An app with a live release on two drones. */
async function live(t: TestContext): Promise<{ world: AppWorld; service: AppService }> {
  const world = new AppWorld(temporaryFolder(t), { [GOOD]: toml('1'), [BETTER]: toml('2') }, 2);
  const service = await world.startHub();
  t.after(() => service.apps.close());
  await up(service, { ...APP, ...options, commit: GOOD }, 'ada');
  await quiet(service);
  return { world, service };
}

/** Resolves when nothing is on its way, or a canary rests. */
async function quiet({ apps }: AppService): Promise<void> {
  const conductor = apps.get(APP);
  for (let n = 0; n < 2_000; n++) {
    const rests = conductor.underWay === null || conductor.underWay.state === 'canary';
    const here = conductor.world.instances;
    if (rests && !conductor.errands.isBusy && here.every((one) => one.isGood && !one.isLeaving)) return;
    await sleep(1);
  }
  assert.fail('does not settle');
}

/** What runs, by id. */
const runningOf = (service: AppService) =>
  new Map(service.apps.get(APP).world.instances.map((one) => [one.id, `${one.service}.${one.slot}`]));

/** Does what was planned, and checks that just what the plan says came of it. */
async function comesTrue(service: AppService, plan: ReleasePlan, act: () => unknown): Promise<void> {
  const before = runningOf(service);
  await act();
  await quiet(service);
  for (let n = 0; n < 500 && runningOf(service).size !== expectedSize(before, plan); n++) await sleep(1);
  const after = runningOf(service);
  const ended = [...before.keys()].filter((id) => !after.has(id));
  const begun = [...after].filter(([id]) => !before.has(id)).map(([, name]) => name);
  const [starts, ends] = [startsOf(plan), endsOf(plan)];
  assert.deepEqual([ended.sort(), begun.sort()], [ends.sort(), starts.sort()]);
  const { app } = service.apps.get(APP);
  assert.equal(app.releases.at(-1)?.release, Math.max(plan.release, app.last));
}

const startsOf = ({ steps }: ReleasePlan) =>
  steps.filter((step) => step.do !== 'stop').map(({ service, slot }) => `${service}.${slot}`);
const endsOf = ({ steps }: ReleasePlan) => steps.flatMap(({ id }) => (id === null ? [] : [id]));
const expectedSize = (before: ReadonlyMap<unknown, unknown>, plan: ReleasePlan) =>
  before.size + startsOf(plan).length - endsOf(plan).length;

test('what the plan of a release says comes true', async (t) => {
  const { service } = await live(t);
  const params = { ...APP, ...options, commit: BETTER };
  const plan = await planUp(service, params, 'ada');
  assert.deepEqual([plan.release, plan.begin?.by, plan.steps.length], [2, 'ada', 4]);
  await comesTrue(service, plan, () => up(service, params, 'ada'));
});

test('what the plans of a canary, and of its end, say comes true', async (t) => {
  const { service } = await live(t);
  const params = { ...APP, ...options, commit: BETTER, canary: 1 };
  const canary = await planUp(service, params, 'ada');
  assert.equal(canary.end?.services['web']?.canary, 1);
  await comesTrue(service, canary, () => up(service, params, 'ada'));
  await assert.rejects(planUp(service, params, 'ada'), { code: 'EBUSY' });
  await assert.rejects(planDown(service, { ...APP, forget: false }), { code: 'EBUSY' });
  const back = await planRollback(service, newest, 'ada');
  assert.deepEqual([back.release, back.begin, back.end?.state], [2, null, 'cancelled']);
  await comesTrue(service, back, () => rollback(service, newest, 'ada'));

  await up(service, params, 'ada');
  await quiet(service);
  const further = await planPromote(service, APP);
  assert.equal(further.steps.filter((step) => step.do === 'stop').length, 1);
  await comesTrue(service, further, () => promote(service, APP));
});

test('what the plans of a scale, a rollback and the end of an app say comes true', async (t) => {
  const { service } = await live(t);
  const more = { ...APP, scale: { web: 4 } };
  const scaled = await planScale(service, more);
  assert.deepEqual(scaled.end?.services, { web: { ready: 4, count: 4, file: 3 } });
  await comesTrue(service, scaled, () => scale(service, more));
  await assert.rejects(planRollback(service, newest, 'ada'), { code: 'ENORELEASE' });
  await up(service, { ...APP, ...options, commit: BETTER }, 'ada');
  await quiet(service);
  const back = await planRollback(service, newest, 'bob');
  assert.deepEqual([back.begin?.of, back.begin?.by, back.begin?.drones], [1, 'bob', ['web1', 'web2']]);
  await comesTrue(service, back, () => rollback(service, newest, 'bob'));
  const stop = await planDown(service, { ...APP, forget: false });
  assert.equal(stop.steps.length, 5);
  await comesTrue(service, stop, () => down(service, { ...APP, wait: 0 }));
  await assert.rejects(planDown(service, { ...APP, forget: false }), { code: 'ENORELEASE' });
  assert.deepEqual((await planDown(service, { ...APP, forget: true })).steps, []);
});

test('the plan of what is live already is its status, and no app comes of a plan', async (t) => {
  const { service } = await live(t);
  const params = { ...APP, ...options, commit: GOOD };
  const plan = await planUp(service, params, 'ada');
  assert.deepEqual([plan.release, plan.steps, plan.live?.ok], [1, [], true]);
  assert.equal((await planUp(service, { ...params, force: true }, 'ada')).steps.length, 4);
  await planUp(service, { ...params, stage: 'pr-1' }, 'ada');
  assert.equal(service.apps.byName('webapp@pr-1'), undefined);
});
