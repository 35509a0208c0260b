import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { pushCommit } from '../../src/git/push.ts';
import { hubRemote } from '../../src/git/remote.ts';
import type { Client, TokenLimits } from '../../src/index.ts';
import { dial } from '../../src/rpc/dial.ts';
import { FakeDrone, report } from '../fixtures/fake-drone.ts';
import { headOf, LocalFleet, SECRET } from '../fixtures/local-fleet.ts';

const fleet = new LocalFleet();
const drones: FakeDrone[] = [];
let owner: Client;

const instance = (id: string, app: string) =>
  report(id, {
    instance: { app, service: 'web', slot: 1, release: 1, port: null, state: 'up', why: null },
  });
/** By hand, and of three apps, on one drone; by hand, and of one of these apps, on another. */
const REPORTS = {
  web1: [
    report('000001'),
    instance('000002', 'webapp@pr-12'),
    instance('000003', 'webapp@staging'),
    instance('000004', 'webapp'),
  ],
  db1: [report('000005'), instance('000006', 'webapp@pr-7')],
};

before(async () => {
  await fleet.startHub();
  owner = await fleet.connect();
  for (const [name, reports] of Object.entries(REPORTS)) {
    const drone = await FakeDrone.join(fleet.address, SECRET, name, reports);
    drone.answer = ({ method, params }) => {
      const { ids } = params as { ids?: string[] };
      if (method === 'logs.list') return { logs: reports.map(logOf) };
      if (method === 'stop') return { stopped: ids ?? [], killed: [], errors: {} };
      return null;
    };
    drones.push(drone);
  }
  await owner.droneLabel('db1', { role: 'db' });
});
after(() => {
  for (const drone of drones) drone.peer.close();
  return fleet.end();
});

const logOf = ({ id, repo, commit, command }: ReturnType<typeof report>) => ({
  ...{ id, repo, commit, command, start: 0, end: 0, dropped: 0 },
});

let count = 0;
const tokenFor = (limits: TokenLimits, repo?: string) =>
  owner.tokenCreate({
    ...{ name: `t${count++}`, can: ['read', 'deploy', 'exec'], limits },
    ...(repo === undefined ? {} : { repo }),
  });

/** What a token sees, in each of the ways in which there is something to see. */
async function seenWith(secret: string) {
  const client = await fleet.connect(secret);
  const heard = new Set<string>();
  const target = { hub: fleet.address, secret };
  const peer = await dial({ target, role: 'client', timeout: 10_000, pingEvery: 5_000, deadAfter: 60_000 });
  peer.serve(({ params }) => void heard.add((params as { id: string }).id));
  const output = { all: true, ids: [], repos: [] };
  await peer.call('subscribe', { events: true, output, drones: null });
  for (const [at, reports] of Object.values(REPORTS).entries())
    for (const one of reports) {
      const { id, repo, commit, command } = one;
      await drones[at]?.tell('event', { type: 'stopped', id, repo, commit, command });
      const piece = { id, repo, commit, from: 0, to: 2, time: 1, dropped: 0 };
      await drones[at]?.tell('output', piece, 'x\n');
    }
  for (const drone of drones) await drone.heard();
  // What was told before comes before this answer.
  await peer.call('drones', {});
  peer.close();
  const ps = await client.ps();
  const logs = await client.logList();
  const all = Object.values(REPORTS).flatMap((reports) => reports.map(({ id }) => id));
  const stopped = await client.stop(all, { force: true });
  const idsOf = (of: Record<string, { id: string }[]>) =>
    Object.values(of).flatMap((some) => some.map(({ id }) => id));
  const seen = {
    drones: (await client.drones()).map(({ name }) => name),
    ps: Object.values(ps).flatMap(({ processes }) => Object.keys(processes)),
    logs: idsOf(logs),
    stopped: Object.values(stopped.drones).flatMap((one) => one.stopped),
    heard: [...heard],
  };
  client.close();
  return seen;
}

/** The ids in every list. */
const everywhere = (ids: string[]) => ({ ps: ids, logs: ids, stopped: ids, heard: ids });

test('a token for stages sees and stops what is of these, on every drone', async () => {
  const { drones: names, ...seen } = await seenWith(await tokenFor({ stage: 'pr-*' }, 'webapp'));
  assert.deepEqual(names, ['db1', 'web1']);
  assert.deepEqual(sorted(seen), everywhere(['000002', '000006']));
});

test('a token for drones sees and stops what is on these, by name or label', async () => {
  for (const [limit, name, ids] of [
    ['web*', 'web1', ['000001', '000002', '000003', '000004']],
    ['role=db', 'db1', ['000005', '000006']],
  ] as const) {
    const { drones: names, ...seen } = await seenWith(await tokenFor({ drones: [limit] }));
    assert.deepEqual(names, [name]);
    assert.deepEqual(sorted(seen), everywhere([...ids]), limit);
  }
});

test('limits hold together, and one that nothing fits shows nothing', async () => {
  const both = await seenWith(await tokenFor({ stage: 'pr-*', drones: ['web1'] }, 'webapp'));
  assert.deepEqual(sorted(both), { drones: ['web1'], ...everywhere(['000002']) });
  const none = await seenWith(await tokenFor({ drones: ['web'] }));
  assert.deepEqual(none, { drones: [], ...everywhere([]) });
});

test('a token for stages or drones pushes commits to be released, and no branches or tags', async () => {
  const app = fleet.app('webapp', { 'a.txt': 'x' });
  for (const secret of [await tokenFor({ stage: 'pr-*' }, 'webapp'), await tokenFor({ drones: ['web*'] })]) {
    const remote = hubRemote({ hub: fleet.address, secret });
    await pushCommit(app, remote, 'webapp', headOf(app));
    const url = `http://git:${secret}@${fleet.address}/webapp.git`;
    for (const ref of ['refs/heads/main', 'refs/tags/v1']) {
      const push = promisify(execFile)('git', ['push', '-q', url, `HEAD:${ref}`], { cwd: app });
      await assert.rejects(push, /may push commits for fleet up, and no branches or tags/, ref);
    }
  }
});

const sorted = <T extends Record<string, string[]>>(lists: T) =>
  Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, [...list].sort()]));

test('a token for drones learns of no others: neither from errors, nor when they join', async () => {
  const secret = await tokenFor({ drones: ['web*'] });
  const target = { hub: fleet.address, secret };
  const peer = await dial({ target, role: 'client', timeout: 10_000, pingEvery: 5_000, deadAfter: 60_000 });
  const heard: unknown[] = [];
  peer.serve(({ method, params }) => void heard.push([method, (params as { drone: string }).drone]));
  const output = { all: true, ids: [], repos: [] };
  await peer.call('subscribe', { events: true, output, drones: null });
  const more: FakeDrone[] = [];
  for (const name of ['db2', 'web2']) more.push(await FakeDrone.join(fleet.address, SECRET, name));
  const at = { kind: 'offset', offset: 0 };
  await assert.rejects(peer.call('logs.read', { drone: 'web9', id: '000001', at, limit: 1 }), {
    code: 'ENODRONE',
    message: 'there is no drone web9; fleet drones lists them',
  });
  for (const drone of more) await drone.heard();
  await peer.call('drones', {});
  peer.close();
  for (const drone of more) drone.peer.close();
  assert.deepEqual(heard, [
    ['event', 'web2'],
    ['joined', 'web2'],
  ]);
});
