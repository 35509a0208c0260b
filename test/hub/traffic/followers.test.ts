import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ClientSession } from '../../../src/hub/client-session.ts';
import { Followers, visibleTo } from '../../../src/hub/traffic/followers.ts';
import type { AppTraffic } from '../../../src/protocol/endpoints.ts';
import { OWNER, tokenWith } from '../../fixtures/principal.ts';

const DAY_MS = 86_400_000;

function follower(who = OWNER) {
  let leave = () => {};
  const gone = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const told: unknown[] = [];
  const client = { who, gone, tell: (...notice: unknown[]) => told.push(notice) } as unknown as ClientSession;
  return { client, told, leave };
}

/** Whether a promise has settled once everything that can happen now has happened. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  void promise.then(() => {
    isSettled = true;
  });
  for (let n = 0; n < 5; n++) await new Promise((resolve) => setImmediate(resolve));
  return isSettled;
}

test('a revision is confirmed when everybody acts by it or by a newer one, or has left', async () => {
  const followers = new Followers();
  const [a, b] = [follower(), follower()];
  for (const { client } of [a, b]) followers.add(client, false);
  const done = followers.confirmed(7, DAY_MS);
  followers.confirm(a.client, 8);
  followers.confirm(a.client, 3);
  assert.equal(await settled(done), false);
  followers.confirm(b.client, 6);
  assert.equal(await settled(done), false);
  b.leave();
  assert.equal(await settled(done), true);
});

test('with nobody there, nobody is waited for', async () => {
  assert.equal(await settled(new Followers().confirmed(1, DAY_MS)), true);
});

test('an instance is empty when those who count requests say so; others are not waited for', async () => {
  const followers = new Followers();
  const [proxy, watch] = [follower(), follower()];
  followers.add(proxy.client, true);
  followers.add(watch.client, false);
  const done = followers.empty('1e99f4', DAY_MS);
  assert.equal(await settled(done), false);
  followers.drained(proxy.client, '1e99f4');
  assert.equal(await settled(done), true);
  followers.forget('1e99f4');
  assert.equal(
    await settled(followers.empty('1e99f4', DAY_MS)),
    false,
    'what was said before does not count',
  );
});

test('nobody is waited for longer than the time that was given', async (t: TestContext) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const followers = new Followers();
  followers.add(follower().client, true);
  const done = followers.confirmed(1, 2_000);
  t.mock.timers.tick(1_999);
  assert.equal(await settled(done), false);
  t.mock.timers.tick(1);
  assert.equal(await settled(done), true);
});

const traffic = (...addresses: string[]): AppTraffic =>
  ({ routes: [], endpoints: addresses.map((address) => ({ address })) }) as unknown as AppTraffic;

test('a follower is told of the apps of its repository only, stages too', () => {
  const followers = new Followers();
  const { client, told } = follower(tokenWith(['read'], 'webapp'));
  followers.add(client, false);
  followers.tell(3, { webapp: traffic(), 'webapp@pr-1': traffic(), api: traffic() });
  const [[notice, { revision, apps }]] = told as [[string, { revision: number; apps: object }]];
  assert.deepEqual([notice, revision, Object.keys(apps)], ['endpoints', 3, ['webapp', 'webapp@pr-1']]);
});

test('what belongs to an app beside its endpoints stays with it', () => {
  const { client } = follower();
  const [app] = Object.values(visibleTo(client.who, { webapp: traffic('10.0.0.1') }));
  assert.deepEqual(app, { routes: [], endpoints: [{ address: '10.0.0.1' }] });
});
