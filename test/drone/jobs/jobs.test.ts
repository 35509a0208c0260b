import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Jobs } from '../../../src/drone/jobs/jobs.ts';
import { Supervisor } from '../../../src/drone/processes/supervisor.ts';
import { listProcesses } from '../../../src/system/procfs.ts';
import { eventually, LocalFleet } from '../../fixtures/local-fleet.ts';
import { jobOf, preparationOf, Workshop } from '../../fixtures/workshop.ts';

const fleet = new LocalFleet();
const DRONE = join(fleet.dir, 'web1');
let shop: Workshop;
let commit = '';
before(async () => {
  await fleet.startHub();
  const client = await fleet.connect();
  ({ commit } = await client.deploy({ dir: fleet.app('webapp', { 'a.txt': 'one\n' }) }));
  shop = new Workshop(fleet, DRONE);
  await shop.releases.prepare(preparationOf('webapp', commit));
});
after(async () => {
  await shop?.end();
  await fleet.end();
});

/** As a drone that was killed, and started again. */
async function again(): Promise<void> {
  await shop.close();
  shop = new Workshop(fleet, DRONE);
}

const job = (script: string, more: Parameters<typeof jobOf>[3] = {}) => jobOf('webapp', commit, script, more);
const reportOf = (id: string) => shop.jobs.reports().find((one) => one.id === id);
const runningOf = (id: string) => listProcesses(`FLEET_RUN=${shop.mark}.`).filter(({ mark }) => mark === id);
const has = (id: string, text: string) =>
  eventually(() => existsSync(join(DRONE, 'log', `${id}.log`)) && shop.logOf(id).includes(text), text);

test('a job runs once, in the checkout of its app, with its environment and a log', async () => {
  const one = job('echo "$APP v$RELEASE $REPO $PROCESS_ID $WORD $SHARED"; pwd', { env: { WORD: 'hello' } });
  assert.equal(shop.jobs.start(one).state, 'running');
  assert.deepEqual(await shop.jobs.outcome(one.id), { state: 'ok', why: null });
  const said = [
    `webapp v1 webapp ${one.id} hello ${DRONE}/shared/webapp`,
    `${DRONE}/deploy/webapp.${commit}`,
    '',
  ];
  assert.equal(shop.logOf(one.id), said.join('\n'));
  const states = shop.reports.filter(({ id }) => id === one.id).map(({ state }) => state);
  assert.deepEqual(states, ['running', 'ok']);
});

test('a job that is sent again does not run again: the answer is how it ended, also from the next drone', async () => {
  const one = job('echo x; exit 3');
  shop.jobs.start(one);
  await shop.jobs.outcome(one.id);
  for (const report of [shop.jobs.start(one), shop.jobs.start({ ...one, id: 'abcdef' })]) {
    assert.equal(report.id, one.id);
    assert.equal(report.why, 'exited with code 3');
  }
  await again();
  assert.equal(shop.jobs.start(one).why, 'exited with code 3');
  assert.equal(shop.logOf(one.id), 'x\n');
});

test('only the drone’s user can read the record of a job, and its environment is removed when it has ended', async () => {
  const one = job('true', { env: { PASSWORD: 'secret-word' } });
  shop.jobs.start(one);
  const file = join(DRONE, 'job', `${one.id}.json`);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  await shop.jobs.outcome(one.id);
  assert.doesNotMatch(readFileSync(file, 'utf8'), /secret-word/);
});

test('a job that takes too long is ended with everything that it has started', async () => {
  const one = job('trap "" TERM; sleep 300 & sleep 300', { timeoutMs: 300 });
  shop.jobs.start(one);
  assert.equal((await shop.jobs.outcome(one.id)).why, 'took longer than 300ms');
  assert.deepEqual(runningOf(one.id), []);
});

test('a job that the hub ends was stopped; ending it again changes nothing', async () => {
  const one = job('echo begun; sleep 300');
  shop.jobs.start(one);
  await has(one.id, 'begun');
  shop.jobs.end(one.key);
  assert.equal((await shop.jobs.outcome(one.id)).why, 'was stopped');
  shop.jobs.end(one.key);
  assert.equal(reportOf(one.id)?.why, 'was stopped');
});

test('a job that is ended before its checkout exists never starts', async () => {
  let arrive = (_: string) => {};
  const jobs = new Jobs({
    ...{ dir: join(fleet.dir, 'web2'), mark: shop.mark, name: () => 'web2', logs: shop.logs },
    checkout: () =>
      new Promise((resolve) => {
        arrive = resolve;
      }),
    shared: () => fleet.dir,
  });
  const file = join(fleet.dir, 'it ran');
  const one = job(`touch '${file}'`);
  jobs.start(one);
  await eventually(() => jobs.active().length === 1, 'it waits');
  jobs.end(one.key);
  assert.equal((await jobs.outcome(one.id)).why, 'was stopped');
  arrive(fleet.dir);
  await shop.jobs.outcome(shop.jobs.start(job('true')).id);
  assert.ok(!existsSync(file));
});

test('a job that is killed was ended by that signal', async () => {
  const one = job('kill -KILL $$');
  shop.jobs.start(one);
  assert.equal((await shop.jobs.outcome(one.id)).why, 'was ended by SIGKILL');
});

test('a job of a drone that is root runs as the user of the app, who cannot touch its exit status', {
  skip: process.getuid?.() === 0 ? false : 'needs root',
}, async () => {
  chmodSync(fleet.dir, 0o711);
  const script = `id -un; touch ${DRONE}/job/mine 2>/dev/null; kill -9 $PPID 2>/dev/null; exit 9`;
  const one = job(script, { user: 'nobody' });
  shop.jobs.start(one);
  assert.equal((await shop.jobs.outcome(one.id)).why, 'exited with code 9');
  assert.equal(shop.logOf(one.id), 'nobody\n');
  assert.ok(!existsSync(join(DRONE, 'job/mine')));
});

test('processes that a job leaves behind end with it', async () => {
  const one = job('sleep 300 & exit 0');
  shop.jobs.start(one);
  assert.equal((await shop.jobs.outcome(one.id)).why, null);
  assert.deepEqual(runningOf(one.id), []);
});

test('the next drone adopts a job: it is not started again, and its end is known', async () => {
  const flag = join(fleet.dir, 'go');
  const one = job(`echo begun; until test -e ${flag}; do sleep 0.05; done; exit 5`);
  shop.jobs.start(one);
  await has(one.id, 'begun');
  await again();
  assert.equal(reportOf(one.id)?.state, 'running');
  // A drone ends at its start what it does not know.
  const supervisor = new Supervisor({
    ...{ dir: DRONE, mark: shop.mark, hooks: [] },
    isKnown: (id) => shop.jobs.isActive(id),
  });
  supervisor.start();
  await supervisor.cleared;
  supervisor.handOver();
  writeFileSync(flag, '');
  assert.equal((await shop.jobs.outcome(one.id)).why, 'exited with code 5');
  assert.equal(shop.logOf(one.id), 'begun\n');
});

test('a job that ended while no drone ran is known by its exit status', async () => {
  const one = job('echo begun; sleep 0.1; exit 6');
  shop.jobs.start(one);
  await has(one.id, 'begun');
  await shop.close();
  await eventually(() => runningOf(one.id).length === 0, 'it has ended');
  shop = new Workshop(fleet, DRONE);
  assert.equal((await shop.jobs.outcome(one.id)).why, 'exited with code 6');
});

test('a job that ended without an exit status has failed, and does not run again', async () => {
  const one = job('echo begun; sleep 300');
  shop.jobs.start(one);
  await has(one.id, 'begun');
  await shop.close();
  for (const { pid } of runningOf(one.id)) process.kill(pid, 'SIGKILL');
  await eventually(() => runningOf(one.id).length === 0, 'it has ended');
  shop = new Workshop(fleet, DRONE);
  assert.equal((await shop.jobs.outcome(one.id)).why, 'ended, but nobody knows how');
  assert.equal(shop.jobs.start(one).state, 'failed');
  assert.equal(shop.logOf(one.id), 'begun\n');
});

test('a restart of the drone does not extend the time limit of a job', async () => {
  const one = job('echo begun; sleep 300', { timeoutMs: 1_500 });
  shop.jobs.start(one);
  await has(one.id, 'begun');
  await again();
  assert.equal((await shop.jobs.outcome(one.id)).why, 'took longer than 1500ms');
});

test('a job of a commit that was never prepared for its app fails', async () => {
  const one = jobOf('webapp@pr-1', commit, 'true');
  shop.jobs.start(one);
  const { why } = await shop.jobs.outcome(one.id);
  assert.equal(why, `could not be started: webapp@pr-1 ${commit.slice(0, 7)} is not prepared here`);
});

test('the next preparation joins a build that has outlived its drone', async () => {
  const flag = join(fleet.dir, 'go on');
  const script = `echo begun >> made; until test -e '${flag}'; do sleep 0.05; done`;
  const wanted = preparationOf('webapp@joined', commit, { script });
  void shop.releases.prepare(wanted);
  const made = join(DRONE, 'deploy', `webapp@joined.${commit}`, 'made');
  await eventually(() => existsSync(made), 'it builds');
  await again();
  // The order is sent again, and what it asks for is under way.
  const prepared = shop.releases.prepare({ ...wanted, rebuild: true });
  assert.equal(
    await shop.releases.ensure('webapp', commit, wanted.app),
    dirname(made),
    'nobody waits by hand',
  );
  writeFileSync(flag, '');
  assert.equal((await prepared).why, null);
  assert.equal(readFileSync(made, 'utf8'), 'begun\n');
});

test('a drone keeps the last 1,000 jobs of a week, and puts a damaged record aside', async () => {
  const record = JSON.parse(
    readFileSync(
      join(DRONE, 'job', readdirSync(join(DRONE, 'job')).find((one) => one.endsWith('.json')) ?? ''),
      'utf8',
    ),
  ) as { job: object; endedAt: number };
  await shop.close();
  const ids = Array.from({ length: 1_005 }, (_, at) => `f${at.toString(16).padStart(5, '0')}`);
  for (const [at, id] of ids.entries()) {
    const one = { ...record, job: { ...record.job, id, key: id.padEnd(32, 'f') }, endedAt: Date.now() + at };
    writeFileSync(join(DRONE, 'job', `${id}.json`), JSON.stringify(one));
  }
  const old = { ...record, job: { ...record.job, id: 'eeeeee' }, endedAt: Date.now() - 8 * 86_400_000 };
  writeFileSync(join(DRONE, 'job', 'eeeeee.json'), JSON.stringify(old));
  writeFileSync(join(DRONE, 'job', 'dddddd.json'), '{ "half');
  shop = new Workshop(fleet, DRONE);
  assert.equal(readdirSync(join(DRONE, 'job')).filter((one) => one.endsWith('.json')).length, 1_000);
  assert.ok(!shop.jobs.has('eeeeee') && !shop.jobs.has('f00000') && shop.jobs.has('f003ec'));
  assert.ok(existsSync(join(DRONE, 'job', 'dddddd.json.broken')));
});
