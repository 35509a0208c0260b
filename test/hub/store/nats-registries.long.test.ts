import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { sha256, Tokens } from '../../../src/hub/access/tokens.ts';
import { DeployedCommits } from '../../../src/hub/deployed-commits.ts';
import { SeenDrones } from '../../../src/hub/drones/seen-drones.ts';
import { NatsStore } from '../../../src/hub/store/nats-store.ts';
import { eventually } from '../../fixtures/local-fleet.ts';
import { borrowed, NatsServers } from '../../fixtures/nats.ts';
import { OWNER } from '../../fixtures/principal.ts';

const log = () => {};
const COMMIT = 'c'.repeat(40);

/** What two hubs of a cluster remember. */
async function twoHubs(t: TestContext) {
  const servers = await NatsServers.start(1);
  t.after(() => servers.end());
  const hubs = await Promise.all(
    ['h1', 'h2'].map(async (name) => {
      const store = await NatsStore.open({
        servers: [servers.url(1)],
        creds: null,
        name,
        log,
        askWithinMs: 30_000,
      });
      t.after(() => store.close());
      return {
        tokens: await Tokens.open(store),
        deployed: await DeployedCommits.open(store),
        seen: await SeenDrones.open(store, assert.fail),
      };
    }),
  );
  const [one, other] = hubs as [(typeof hubs)[0], (typeof hubs)[0]];
  return { servers, one, other };
}

const options = 'missing' in borrowed ? { skip: borrowed.missing } : {};

test('what one hub of a cluster remembers, the others know by themselves', options, async (t) => {
  const { one, other } = await twoHubs(t);
  const text = await one.tokens.create(OWNER, { name: 'ci', can: ['read'], repo: null, lifetime: null });
  const found = await eventually(() => other.tokens.find(sha256(text)), 'the other hub knows the token');
  const removed = once(other.tokens, 'removed');
  await one.tokens.remove('ci');
  await removed;
  assert.equal(other.tokens.isValid(found), false);
  await one.deployed.deploy('webapp', COMMIT);
  await eventually(() => other.deployed.newest('webapp'), 'the other hub knows the commit');
  const drones = Array.from({ length: 500 }, (_, n) => ({ identity: `i${n}`, name: `web${n}` }));
  for (const drone of drones) one.seen.seen(drone as never, 'connected');
  await one.seen.written();
  await eventually(() => other.seen.drones().length === 500, 'the other hub knows all drones');
});

test(
  'what is stored while a hub does not reach the engine, it knows when it does again',
  options,
  async (t) => {
    const { servers, one, other } = await twoHubs(t);
    await servers.kill(1);
    const made = one.tokens.create(OWNER, { name: 'ci', can: ['read'], repo: null, lifetime: null });
    const deployed = other.deployed.deploy('webapp', COMMIT);
    await servers.restart(1);
    const text = await made;
    await deployed;
    await eventually(() => other.tokens.find(sha256(text)), 'the other hub knows the token');
    await eventually(() => one.deployed.newest('webapp'), 'the first hub knows the commit');
  },
);
