import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type ClientRequest, request } from 'node:http';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { fetchCommit } from '../../src/git/mirror.ts';
import { pushCommit } from '../../src/git/push.ts';
import { hubRemote } from '../../src/git/remote.ts';
import type { Client } from '../../src/index.ts';
import { basicAuth } from '../../src/protocol/authorization.ts';
import { dial } from '../../src/rpc/dial.ts';
import type { Peer } from '../../src/rpc/peer.ts';
import { FakeDrone, report } from '../fixtures/fake-drone.ts';
import { FaultProxy } from '../fixtures/fault-proxy.ts';
import { gitsUnder } from '../fixtures/git-host.ts';
import { eventually, headOf, LocalFleet, SECRET } from '../fixtures/local-fleet.ts';
import { command, EMPTY_PACK, FLUSH, packet } from '../fixtures/push.ts';

const fleet = new LocalFleet();
let owner: Client;
const peers: Peer[] = [];
before(async () => {
  await fleet.startHub();
  owner = await fleet.connect();
});
after(async () => {
  for (const peer of peers) peer.close();
  await fleet.end();
});

/** A client that speaks the protocol by itself. */
async function rawClient(token: string, hub = fleet.address): Promise<Peer> {
  const target = { hub, secret: token };
  const peer = await dial({ target, role: 'client', timeout: 10_000, pingEvery: 5_000, deadAfter: 60_000 });
  peers.push(peer);
  peer.serve(() => null);
  return peer;
}

const watch = (peer: Peer, ids: string[]) =>
  peer.call('subscribe', {
    events: false,
    output: { all: false, ids, repos: [] },
    drones: null,
    since: null,
  });

const idsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, n) => (first + n).toString(16).padStart(6, '0'));

test('what tokens watch never keeps a drone from joining, and is limited for each of them', async () => {
  const [one, other] = await Promise.all(
    ['watcher', 'other-watcher'].map((name) => owner.tokenCreate({ name, can: ['read'] })),
  );
  const first = await rawClient(one ?? '');
  await watch(first, idsFrom(0, 10_000));
  await watch(first, idsFrom(1, 10_000));
  await assert.rejects(watch(await rawClient(one ?? ''), idsFrom(20_000, 1)), { code: 'ELIMIT' });
  await watch(await rawClient(other ?? ''), idsFrom(20_000, 10_000));
  const drone = await FakeDrone.connect(fleet.address, SECRET);
  const { watch: wanted } = await drone.joinAs('web1');
  assert.ok(wanted.ids.length <= 10_000, `${wanted.ids.length}`);
  drone.peer.close();
});

test('a drone that is named a thousand times is asked once', async () => {
  const drone = await FakeDrone.join(fleet.address, SECRET, 'web2');
  drone.answer = ({ method }) => (method === 'logs.list' ? { logs: [] } : null);
  const reader = await rawClient(await owner.tokenCreate({ name: 'lister', can: ['read'] }));
  await reader.call('logs.list', { drones: Array(1_000).fill('web2') });
  assert.equal(drone.orders.filter(({ method }) => method === 'logs.list').length, 1);
  drone.peer.close();
});

test('a token whose drones do not answer has so many reads of logs under way, and others have theirs', async () => {
  const drone = await FakeDrone.join(fleet.address, SECRET, 'web3');
  drone.answer = () => new Promise(() => {});
  const params = { drone: 'web3', id: 'abcdef', at: { kind: 'offset', offset: 0 }, limit: 10 };
  const flood = await rawClient(await owner.tokenCreate({ name: 'reader', can: ['read'] }));
  const refused: unknown[] = [];
  const reads = Array.from({ length: 300 }, () =>
    flood.call('logs.read', params).catch((error: { code: string }) => refused.push(error.code)),
  );
  const other = await rawClient(await owner.tokenCreate({ name: 'calm', can: ['read'] }));
  const calm = other.call('logs.read', params);
  calm.catch(() => {});
  await flood.call('ps', {});
  assert.deepEqual([...new Set(refused)], ['ELIMIT']);
  await other.call('ps', {});
  const asked = drone.orders.filter(({ method }) => method === 'logs.read').length;
  assert.ok(asked <= 257, `${asked}`);
  drone.peer.close();
  await Promise.all(reads);
});

test('a flood of deploys is refused beyond a few, and others deploy and look meanwhile', async () => {
  const app = fleet.app('flooded', { 'a.txt': 'a' });
  const [repo, commit] = ['flooded', headOf(app)];
  await pushCommit(app, hubRemote({ hub: fleet.address, secret: SECRET }), repo, commit);
  const drone = await FakeDrone.join(fleet.address, SECRET, 'web4');
  drone.answer = () => new Promise(() => {});
  const flood = await rawClient(await owner.tokenCreate({ name: 'flooder', can: ['deploy'] }));
  const refused: string[] = [];
  for (let n = 0; n < 500; n++)
    flood.call('deploy', { repo, commit }).catch(({ code }: { code: string }) => refused.push(code));
  const calm = await rawClient(await owner.tokenCreate({ name: 'deployer', can: ['deploy', 'read'] }));
  const deployed = calm.call('deploy', { repo, commit });
  await eventually(() => refused.length === 500 - 64, 'all but 64 are refused');
  assert.deepEqual([...new Set(refused)], ['ELIMIT']);
  await calm.call('ps', {});
  await eventually(
    () => drone.orders.filter(({ method }) => method === 'deploy').length === 65,
    'those of others are ordered',
  );
  drone.peer.close();
  await deployed;
});

test('to ask for a push, as often as one likes, makes no repository', async () => {
  const token = await owner.tokenCreate({ name: 'asker', can: ['deploy'] });
  const url = `http://127.0.0.1:${fleet.hub.gport}`;
  for (let n = 0; n < 20; n++) {
    const answer = await fetch(`${url}/asked-${n}.git/info/refs?service=git-receive-pack`, {
      headers: { authorization: basicAuth(token) },
    });
    assert.equal(answer.status, 200);
    await answer.arrayBuffer();
  }
  const repositories = await owner.repoList();
  assert.deepEqual(
    repositories.filter(({ repo }) => repo.startsWith('asked-')),
    [],
  );
});

test('lists of logs are made a few at a time for one token, and others have their turn', async () => {
  const drone = await FakeDrone.join(fleet.address, SECRET, 'web7');
  const ends: (() => void)[] = [];
  drone.answer = () => new Promise((resolve) => ends.push(() => resolve({ logs: [] })));
  const greedy = await rawClient(await owner.tokenCreate({ name: 'list-maker', can: ['read'] }));
  const lists = Array.from({ length: 20 }, () => greedy.call('logs.list', { drones: ['web7'] }));
  await eventually(() => ends.length === 4, 'four are asked for');
  await greedy.call('repos.list', {});
  assert.equal(ends.length, 4);
  const calm = await rawClient(await owner.tokenCreate({ name: 'list-reader', can: ['read'] }));
  const list = calm.call('logs.list', { drones: ['web7'] });
  await eventually(() => ends.length === 5, 'the one of another token is, too');
  drone.answer = () => ({ logs: [] });
  for (const end of ends) end();
  await Promise.all([list, ...lists]);
  drone.peer.close();
});

/** Makes what `ps` answers about 8 MB. */
async function largeFleet(t: TestContext): Promise<void> {
  const command = Array<string>(29).fill('x'.repeat(131_072));
  const drones = await Promise.all(
    [1, 2].map((n) => FakeDrone.join(fleet.address, SECRET, `large${n}`, [report(`00000${n}`, { command })])),
  );
  t.after(() => {
    for (const { peer } of drones) peer.close();
  });
}

test('calls of whoever reads no answers wait until they are read, on all connections of a token, and others have theirs', async (t) => {
  await largeFleet(t);
  const proxy = await FaultProxy.start(() => fleet.hub.port);
  t.after(() => proxy.close());
  const token = await owner.tokenCreate({ name: 'deaf', can: ['read'] });
  const deaf = await Promise.all(Array.from({ length: 6 }, () => rawClient(token, proxy.address)));
  const calm = await rawClient(await owner.tokenCreate({ name: 'calm-reader', can: ['read'] }));
  proxy.stall();
  const answers: Promise<unknown>[] = [];
  for (let n = 0; n < 6; n++) {
    for (const peer of deaf) answers.push(peer.call('ps', {}));
    await calm.call('ps', {});
  }
  proxy.flow();
  // More than may wait for one token: without that, some of them would have been ended.
  await Promise.all(answers);
});

/** Begins so many pushes, and adds the status of each answer to `answered`: none is answered before it is whole. */
function beginPushes(token: string, count: number, commit: string, answered: (number | undefined)[]) {
  return Array.from({ length: count }, (_, n) => {
    const headers = { authorization: basicAuth(token) };
    const options = { host: '127.0.0.1', port: fleet.hub.gport, method: 'POST', headers, agent: false };
    const push = request({ ...options, path: '/webapp.git/git-receive-pack' });
    push.on('error', () => {}).on('response', ({ statusCode }) => answered.push(statusCode));
    push.write(command(`refs/heads/slow-${n}`, undefined, commit, 'report-status'));
    return push;
  });
}

test('slow pushes of one token leave room for those of others', async () => {
  const app = fleet.app('webapp', { 'a.txt': 'a' });
  const head = headOf(app);
  await pushCommit(app, hubRemote({ hub: fleet.address, secret: SECRET }), 'webapp', head);
  const token = await owner.tokenCreate({ name: 'slow', can: ['deploy'] });
  const refused: (number | undefined)[] = [];
  const slow = beginPushes(token, 64, head, refused);
  await eventually(() => refused.length === 48, 'all but 16 are refused');
  assert.deepEqual([...new Set(refused)], [413]);
  const other = await owner.tokenCreate({ name: 'quick', can: ['deploy'] });
  const second = fleet.app('second', { 'b.txt': 'b' });
  await pushCommit(second, hubRemote({ hub: fleet.address, secret: other }), 'second', headOf(second));
  for (const push of slow) push.destroy();
});

test('slow pushes of many tokens are at most 64 together', async () => {
  const refused: (number | undefined)[] = [];
  const slow: ClientRequest[] = [];
  for (let n = 0; n < 5; n++) {
    const token = await owner.tokenCreate({ name: `slow-${n}`, can: ['deploy'] });
    slow.push(...beginPushes(token, 16, 'c'.repeat(40), refused));
  }
  await eventually(() => refused.length === 16, 'those beyond are refused');
  assert.deepEqual([...new Set(refused)], [413]);
  for (const push of slow) push.destroy();
});

/** Returns the answer to a push of so many new branches. */
async function pushBranches(token: string, commit: string, count: number): Promise<string> {
  const lines = Array.from({ length: count }, (_, n) =>
    command(`refs/heads/many-${n}`, undefined, commit, n === 0 ? 'report-status' : undefined),
  );
  const answer = await fetch(`http://127.0.0.1:${fleet.hub.gport}/many.git/git-receive-pack`, {
    method: 'POST',
    headers: { authorization: basicAuth(token) },
    body: Buffer.concat([Buffer.from(`${lines.join('')}${FLUSH}`), EMPTY_PACK]),
  });
  return answer.text();
}

test('a push of tens of thousands of branches is refused, and says why', async () => {
  const app = fleet.app('many', { 'a.txt': 'a' });
  const head = headOf(app);
  await pushCommit(app, hubRemote({ hub: fleet.address, secret: SECRET }), 'many', head);
  const token = await owner.tokenCreate({ name: 'brancher', can: ['deploy'] });
  const told = await pushBranches(token, head, 20_000);
  assert.match(told, /ng refs\/heads\/many-0 a push changes at most 5000 refs, and this one 20000\n/);
  assert.match(await pushBranches(token, head, 20), /ok refs\/heads\/many-19\n/);
});

test('clones of one token that nobody reads leave room for those of others, and git only for so many', async () => {
  const app = fleet.app('large', { 'large.txt': randomBytes(12_000_000).toString('base64') });
  const head = headOf(app);
  await pushCommit(app, hubRemote({ hub: fleet.address, secret: SECRET }), 'large', head);
  const token = await owner.tokenCreate({ name: 'cloner', can: ['read'] });
  const unread: ClientRequest[] = [];
  const answered: (number | undefined)[] = [];
  for (let n = 0; n < 70; n++) {
    const headers = { authorization: basicAuth(token) };
    const options = { host: '127.0.0.1', port: fleet.hub.gport, method: 'POST', headers, agent: false };
    const clone = request({ ...options, path: '/large.git/git-upload-pack' });
    // What has a listener for its answer, and none for its content, is not read.
    clone.on('error', () => {}).on('response', ({ statusCode }) => answered.push(statusCode));
    clone.end(`${packet(`want ${head} side-band-64k\n`)}${FLUSH}${packet('done\n')}`);
    unread.push(clone);
  }
  const clones = () => gitsUnder(fleet.dir).filter((git) => git.includes('upload-pack --stateless-rpc'));
  const refused = () => answered.filter((status) => status === 413).length;
  await eventually(() => refused() === 6 && clones().length > 0, 'all but 64 are refused');
  // Half of those that run at once: see GitProcesses.
  assert.ok(clones().length <= Math.max(4, availableParallelism()), `${clones().length} gits`);
  const other = await owner.tokenCreate({ name: 'quick-cloner', can: ['read'] });
  const url = hubRemote({ hub: fleet.address, secret: other });
  await fetchCommit(join(fleet.dir, 'clone-of-other'), url, 'large', head);
  for (const clone of unread) clone.destroy();
});
