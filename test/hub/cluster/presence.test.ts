import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, mock, test } from 'node:test';
import { Presence } from '../../../src/hub/cluster/presence.ts';
import { FEATURES } from '../../../src/protocol/features.ts';
import type { HubIdentity } from '../../../src/protocol/hub-words.ts';
import { randomBytes } from '../../../src/system/random.ts';
import { MemoryEngine } from '../../fixtures/memory-bus.ts';

afterEach(() => mock.timers.reset());

function hub(name: string): HubIdentity {
  return {
    ...{ name, start: randomBytes(16).toString('hex'), version: '1.0.0', features: [...FEATURES] },
    ...{ advertise: null, git: null, fingerprint: null },
  };
}

test('a hub that begins hears of those that are there at once', async () => {
  const engine = new MemoryEngine();
  const before = new Presence(engine.connect());
  const h1 = hub('h1');
  before.announce(h1);
  const after = new Presence(engine.connect());
  const heard = once(after, 'come');
  after.announce(hub('h2'));
  assert.deepEqual(await heard, [h1]);
  const gone = once(after, 'gone');
  before.close();
  assert.deepEqual(await gone, [h1, 'it was stopped']);
  after.close();
});

test('one of the same name takes the place of the one that was there', async () => {
  const engine = new MemoryEngine();
  const watcher = new Presence(engine.connect());
  const [first, second] = [hub('h1'), hub('h1')];
  const presences = [first, second].map(() => new Presence(engine.connect()));
  presences[0]?.announce(first);
  await once(watcher, 'come');
  const gone = once(watcher, 'gone');
  presences[1]?.announce(second);
  assert.deepEqual(await gone, [first, 'it was started anew']);
  assert.deepEqual(watcher.all(), [second]);
  for (const one of [watcher, ...presences]) one.close();
});

test('a hub that says nothing for five seconds is gone, unless this one was held up itself', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  let now = 0;
  mock.method(process, 'uptime', () => now / 1000);
  const engine = new MemoryEngine();
  const watcher = new Presence(engine.connect());
  const bus = engine.connect();
  const h1 = hub('h1');
  const told = once(watcher, 'come');
  bus.publish('fleet.hubs', Buffer.from(JSON.stringify({ hub: h1, asks: false, ends: false })));
  await told;
  const gone: string[] = [];
  watcher.on('gone', (_, why) => gone.push(why));
  const pass = (ms: number) => {
    now += ms;
    mock.timers.tick(1_000);
  };
  pass(60_000);
  assert.deepEqual(gone, []);
  for (let n = 0; n < 5; n++) pass(1_000);
  assert.deepEqual(gone, []);
  pass(1_000);
  assert.deepEqual(gone, ['no sign of life for 5 s']);
  watcher.close();
  mock.restoreAll();
});

test('what no hub has written is not heard', async () => {
  const engine = new MemoryEngine();
  const watcher = new Presence(engine.connect());
  const bus = engine.connect();
  for (const text of ['', 'null', '{"hub":{"name":"../x"}}', '{'])
    bus.publish('fleet.hubs', Buffer.from(text));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(watcher.all(), []);
  watcher.close();
});
