import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Lease } from '../../../src/hub/leases/lease.ts';
import type { LeaseBucket } from '../../../src/hub/leases/lease-bucket.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import { Clock } from '../../fixtures/clock.ts';

const LEASE_MS = 30_000;

/** An engine in memory; `isAway` is one that does not answer. */
class Engine implements LeaseBucket {
  readonly created = 1_000;
  isAway = false;
  last = 0;
  private stored: { data: Buffer | null; revision: number; at: number } | null = null;

  constructor(private readonly clock: Clock) {}

  async get() {
    this.mustAnswer();
    const { stored, clock } = this;
    return stored && clock.now - stored.at < LEASE_MS ? stored : null;
  }

  async put(_key: string, data: Buffer | null, seen: number) {
    const current = await this.get();
    const there = current?.data ? current.revision : 0;
    if (there !== seen) throw new FleetError('ECONFLICT', 'changed');
    this.stored = { data, revision: ++this.last, at: this.clock.now };
    return this.last;
  }

  private mustAnswer(): void {
    if (this.isAway) throw new FleetError('ECLUSTER', 'does not answer');
  }
}

/** Two hubs that want the same lease. */
function hubs(t: TestContext) {
  const clock = new Clock(t);
  const engine = new Engine(clock);
  const said: string[] = [];
  const lease = (holder: string) =>
    new Lease({
      bucket: engine,
      key: 'app.webapp',
      holder,
      log: (line) => said.push(line),
      leaseMs: LEASE_MS,
    })
      .on('taken', ({ count }) => said.push(`${holder} has it: ${count}`))
      .on('lost', () => said.push(`${holder} has lost it`));
  /** Lets time pass, and what is asked be answered. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 250) {
      clock.pass(250);
      for (let n = 0; n < 20; n++) await null;
    }
  };
  return { clock, engine, said, one: lease('h1'), other: lease('h2'), pass };
}

test('the first who tries has the lease as long as it renews it, and then the other one has a higher fence', async (t) => {
  const { one, other, pass, said } = hubs(t);
  one.start();
  await pass(250);
  other.start();
  await pass(300_000);
  assert.deepEqual(said, ['h1 has it: 1']);
  assert.deepEqual([one.fence, other.fence], [{ created: 1_000, count: 1 }, null]);
  await one.close();
  await pass(10_250);
  assert.equal(said[1], 'h1 has lost it');
  assert.match(said[2] ?? '', /^h2 has it: \d+$/);
  assert.equal(one.fence, null);
  assert.ok((other.fence?.count ?? 0) > 1);
  await other.close();
});

test('a hub that was stopped does not have it any more, whatever it asks first', async (t) => {
  const { one, other, pass, clock, said } = hubs(t);
  one.start();
  await pass(250);
  clock.stall(20_000);
  assert.equal(one.fence, null);
  await pass(250);
  assert.deepEqual(said, ['h1 has it: 1', 'h1 has lost it']);
  await Promise.all([one.close(), other.close()]);
});

test('one whose renewal is not answered gives it up before anybody else can have it', async (t) => {
  const { one, pass, engine, said } = hubs(t);
  one.start();
  await pass(250);
  engine.isAway = true;
  await pass(19_000);
  assert.notEqual(one.fence, null);
  await pass(1_250);
  assert.deepEqual(said, ['h1 has it: 1', 'the lease app.webapp: does not answer', 'h1 has lost it']);
  engine.isAway = false;
  // It is this hub's at the engine, which takes it again with a higher fence.
  await pass(10_250);
  assert.ok((one.fence?.count ?? 0) > 1);
  await one.close();
});

test('one whose lease somebody else has changed has lost it at once', async (t) => {
  const { one, pass, engine, said } = hubs(t);
  one.start();
  await pass(250);
  const { revision } = (await engine.get()) ?? { revision: 0 };
  await engine.put('app.webapp', Buffer.from('h9'), revision);
  await pass(10_250);
  assert.deepEqual(said, ['h1 has it: 1', 'the lease app.webapp: changed', 'h1 has lost it']);
  await one.close();
});

test('whether a hub has it still is asked of the engine, once for all who want to know', async (t) => {
  const { one, pass, clock, engine, said } = hubs(t);
  assert.equal(await one.confirm(), null);
  one.start();
  await pass(250);
  await pass(5_000);
  const had = { created: 1_000, count: 1 };
  assert.deepEqual(await Promise.all([one.confirm(), one.confirm(), one.confirm()]), [had, had, had]);
  assert.equal(engine.last, 2, 'it was renewed once');
  engine.isAway = true;
  clock.pass(1);
  assert.equal(await one.confirm(), null);
  assert.deepEqual(one.fence, had);
  engine.isAway = false;
  await engine.put('app.webapp', Buffer.from('h9'), 2);
  clock.pass(1);
  assert.equal(await one.confirm(), null);
  assert.equal(one.fence, null);
  const [, ...lines] = said;
  assert.deepEqual(lines, [
    'the lease app.webapp: does not answer',
    'the lease app.webapp: changed',
    'h1 has lost it',
  ]);
  await one.close();
});
