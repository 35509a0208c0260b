import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { type Filling, PackCache, type PackReader } from '../../src/git/pack-cache.ts';
import { type GitProcess, GitProcesses } from '../../src/git/server-processes.ts';
import { ShallowCommits } from '../../src/git/shallow-commits.ts';
import { GitStore } from '../../src/git/store.ts';
import { Fetches } from '../../src/git/upload-pack.ts';
import { GitHost } from '../fixtures/git-host.ts';
import { headOf } from '../fixtures/local-fleet.ts';
import { packet } from '../fixtures/push.ts';

const small = () => new PackCache({ maxTotal: 100, maxEntry: 40, keepFor: 60_000, patience: 10 });

/** Somebody who reads at once. */
const QUICK: PackReader = { idleMs: 0, over: Promise.resolve(), giveUp: () => assert.fail('was given up') };

/** Somebody who has read nothing for so long, until `leave`. */
function slow(idleMs: number): PackReader & { leave(): void; isGivenUp: boolean } {
  let leave = () => {};
  const over = new Promise<void>((resolve) => {
    leave = resolve;
  });
  return {
    ...{ idleMs, over, leave, isGivenUp: false },
    giveUp() {
      this.isGivenUp = true;
    },
  };
}

async function fill(cache: PackCache, key: string): Promise<Filling> {
  const found = await cache.find(key, QUICK);
  assert.ok('keep' in found, `${key} is not known yet`);
  return found;
}

/** What is known; null where it is to be computed. */
function bytesOf(found: readonly Buffer[] | Filling): Buffer | null {
  return 'keep' in found ? null : Buffer.concat(found);
}

async function put(cache: PackCache, key: string, bytes: number): Promise<boolean> {
  const filling = await fill(cache, key);
  const kept = filling.keep(Buffer.alloc(bytes, key));
  filling.done();
  return kept;
}

test('the second to ask waits for the first, and gets the same bytes', async () => {
  const cache = small();
  const first = await fill(cache, 'a');
  const second = cache.find('a', QUICK);
  assert.equal(first.isWanted, true);
  first.keep(Buffer.from('ab'));
  first.keep(Buffer.from('cd'));
  first.done();
  assert.deepEqual(bytesOf(await second), Buffer.from('abcd'));
  assert.deepEqual(bytesOf(await cache.find('a', QUICK)), Buffer.from('abcd'));
  assert.equal(cache.size, 4);
});

test('if the first fails, the next one takes its place', async () => {
  const cache = small();
  const first = await fill(cache, 'a');
  const second = cache.find('a', QUICK);
  first.keep(Buffer.from('half'));
  first.drop();
  assert.ok(!bytesOf(await second));
  assert.equal(cache.size, 0);
});

test('memory is limited, for one answer and for all of them; the least recently requested goes first', async () => {
  const cache = small();
  assert.equal(await put(cache, 'large', 41), false);
  for (const key of ['a', 'b', 'c']) assert.equal(await put(cache, key, 30), true);
  await cache.find('a', QUICK);
  assert.equal(await put(cache, 'd', 30), true);
  assert.ok(cache.size <= 100);
  assert.ok(bytesOf(await cache.find('a', QUICK)), 'asked for again');
  assert.ok(!bytesOf(await cache.find('b', QUICK)), 'forgotten');
  cache.clear();
  assert.equal(cache.size, 0);
});

test('answers in progress are limited too, and a dropped one keeps nothing', async () => {
  const cache = small();
  const fillings = await Promise.all(['a', 'b', 'c'].map((key) => fill(cache, key)));
  assert.deepEqual(
    fillings.map((one) => one.keep(Buffer.alloc(40))),
    [true, true, false],
  );
  assert.equal(cache.size, 80);
  assert.equal(fillings[2]?.keep(Buffer.alloc(1)), false);
});

test('what somebody still reads counts, whatever has become of it, and who reads nothing makes room', async () => {
  const cache = small();
  const [stalled, busy] = [slow(60_000), slow(0)];
  const first = await cache.find('a', stalled);
  assert.ok('keep' in first && first.keep(Buffer.alloc(40)));
  first.drop();
  assert.equal(cache.size, 40, 'its reader has it');
  assert.equal(await put(cache, 'b', 40), true);
  await cache.find('b', busy);
  assert.equal(await put(cache, 'c', 40), false);
  assert.deepEqual([stalled.isGivenUp, busy.isGivenUp], [true, false]);
  stalled.leave();
  await stalled.over;
  assert.equal(await put(cache, 'c', 40), true);
  assert.ok(bytesOf(await cache.find('b', QUICK)), 'somebody reads it');
  busy.leave();
});

class CountedProcesses extends GitProcesses {
  readonly started: string[] = [];

  override read(args: string[], memoryBytes: number, protocol: string): GitProcess {
    this.started.push(args[0] ?? '');
    return super.read(args, memoryBytes, protocol);
  }
}

test('clients that fetch the same commit share one pack, made once; a push in the meantime is noticed', async () => {
  const host = await new GitHost().start();
  const processes = new CountedProcesses(host.repos);
  const store = new GitStore(host.repos);
  const fetches = new Fetches(store, processes, new ShallowCommits(store));
  const server = createServer(
    (incoming, response) => void fetches.serve({ repo: 'app', whose: null }, incoming, response),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const ask = async (body: string) => {
    const response = await fetch(url, { method: 'POST', headers: { 'git-protocol': 'version=2' }, body });
    return Buffer.from(await response.arrayBuffer());
  };
  try {
    const app = host.app('app');
    const head = headOf(app);
    await host.run(app, 'push', host.url('app'), `${head}:refs/fleet/${head}`, 'main');
    const question = `${packet('command=fetch')}0001${packet(`want ${head}\n`)}${packet('done\n')}0000`;
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(question)));
    const [one] = answers;
    assert.match(String(one), /PACK/);
    for (const answer of answers) assert.ok(one?.equals(answer));
    assert.deepEqual(processes.started, ['upload-pack']);
    const list = `${packet('command=ls-refs')}0001${packet('ref-prefix refs/heads/')}0000`;
    assert.doesNotMatch(String(await ask(list)), /later/);
    await host.run(app, 'push', host.url('app'), 'main:later');
    assert.match(String(await ask(list)), /later/);
  } finally {
    fetches.close();
    await processes.close();
    server.closeAllConnections();
    server.close();
    await host.end();
  }
});
