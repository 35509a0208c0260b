import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OtherHub } from '../../../src/hub/cluster/other-hubs.ts';
import { HUB_CALLS } from '../../../src/protocol/hub-calls.ts';
import { serve } from '../../../src/rpc/calls.ts';
import type { Peer } from '../../../src/rpc/peer.ts';
import { LinkedHub } from '../../fixtures/linked-hubs.ts';
import { type MemoryBus, MemoryEngine } from '../../fixtures/memory-bus.ts';
import { Random } from '../../soak/cluster/random.ts';

const NAMES = ['h1', 'h2', 'h3'] as const;
const STEPS = 25;
/** A hub is gone after 5 s of silence, and a link is opened again within 2 s after that, or a failed try of 3 s. */
const SETTLED_WITHIN_MS = 15_000;

const hubs = new Map<string, LinkedHub>();
afterEach(async () => {
  for (const hub of hubs.values()) await hub.end();
  hubs.clear();
});

const about = (_: OtherHub, peer: Peer) =>
  serve(
    peer,
    { about: HUB_CALLS.about },
    { about: () => ({ drones: 7, repositories: 0, uptime: 0, leads: false }) },
  );

for (const seed of [1, 2, 3, 4])
  test(`whatever happens to three hubs and their engine, they are linked after it, and what was before is gone (${seed})`, async () => {
    const random = new Random(seed);
    const engine = new MemoryEngine();
    const buses = new Map<string, MemoryBus>();
    /** Every link that there ever was: who has it, and whether it is over. */
    const links: { at: LinkedHub; other: OtherHub; isGone: boolean }[] = [];
    const begin = (name: string) => {
      const bus = engine.connect();
      const hub = new LinkedHub(name, bus, about);
      hub.links.on('come', (other) => {
        const link = { at: hub, other, isGone: false };
        links.push(link);
        void other.gone.then(() => {
          link.isGone = true;
        });
      });
      buses.set(name, bus);
      hubs.set(name, hub.start());
    };
    for (const name of NAMES) begin(name);
    for (let n = 0; n < STEPS; n++) {
      const name = random.pick(NAMES);
      const [hub, bus] = [hubs.get(name), buses.get(name)];
      const step = random.pick([
        async () => {
          await hub?.end();
          begin(name);
        },
        // Killed: it says nothing any more, and is back under its name.
        async () => {
          if (bus) engine.buses.delete(bus);
          if (bus) bus.isUp = false;
          begin(name);
          await hub?.end();
        },
        async () => {
          bus?.fall();
          await sleep(random.between(0, 300));
          bus?.rise();
        },
        async () => {
          engine.loses = (subject) => subject.startsWith('fleet.link.') && random.between(0, 9) < 3;
          for (const other of hub?.links.all() ?? []) other.calls.notify('about', {});
          await sleep(random.between(0, 200));
          engine.loses = () => false;
        },
        async () => {
          engine.loses = () => true;
          await sleep(random.between(0, 400));
          engine.loses = () => false;
        },
        async () => {
          for (const other of hub?.links.all() ?? [])
            for (let m = 0; m < 20; m++)
              other.calls.notify('repository.settle', { repo: 'x'.repeat(100_000), id: 'y', changes: m });
        },
      ]);
      await step();
      await sleep(random.between(0, 150));
    }
    const wrong = () => {
      const alive = [...hubs.values()];
      const lacking = alive.flatMap((hub) =>
        alive.flatMap((other) =>
          other === hub || hub.links.get(other.identity.name)?.start === other.identity.start
            ? []
            : [`${hub.identity.name} lacks ${other.identity.name}`],
        ),
      );
      const left = links.filter(({ at, other, isGone }) => !isGone && at.links.get(other.name) !== other);
      return [...lacking, ...left.map(({ at, other }) => `${at.identity.name} keeps an old ${other.name}`)];
    };
    const until = performance.now() + SETTLED_WITHIN_MS;
    while (wrong().length > 0 && performance.now() < until) await sleep(50);
    assert.deepEqual(wrong(), []);
    for (const hub of hubs.values())
      for (const other of hub.links.all())
        assert.equal((await other.calls.call('about', {}, { timeout: 5_000 })).result.drones, 7);
  });

test('an engine that is lost while a link is opened costs only that link', async () => {
  const engine = new MemoryEngine();
  const [bus, other] = [engine.connect(), engine.connect()];
  const h1 = new LinkedHub('h1', bus, about).start();
  hubs.set('h1', h1).set('h2', new LinkedHub('h2', other, about).start());
  const isAsked = new Promise<void>((resolve) => {
    engine.loses = (subject) => {
      if (!subject.endsWith('.open')) return false;
      engine.loses = () => false;
      bus.fall();
      resolve();
      return true;
    };
  });
  await isAsked;
  bus.rise();
  const link = await h1.to('h2');
  assert.equal((await link.calls.call('about', {}, { timeout: 5_000 })).result.drones, 7);
});
