import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientSession } from '../../../src/hub/client-session.ts';
import type { Traffic } from '../../../src/hub/traffic/traffic.ts';
import { trafficHandlers } from '../../../src/hub/traffic/traffic-service.ts';
import { tokenWith } from '../../fixtures/principal.ts';

/** The calls of a client with the right to read, at a hub whose table is at revision 5. */
function called(rights: Parameters<typeof tokenWith>[0] = ['read']) {
  const done: unknown[] = [];
  const note =
    (what: string) =>
    (_: unknown, ...given: unknown[]) =>
      void done.push([what, ...given]);
  const traffic = {
    upToDate: async () => void done.push('up to date'),
    table: {
      hub: 'h1',
      revision: 5,
      apps: (since: number | null) => {
        done.push(['apps', since]);
        return {};
      },
    },
    followers: { add: note('add'), confirm: note('confirm'), drained: note('drained') },
  };
  const client = { who: tokenWith(rights) } as ClientSession;
  const handlers = trafficHandlers(traffic as unknown as Traffic, client);
  const body = Buffer.alloc(0);
  return {
    done,
    follow: (drains: boolean, since: unknown) =>
      handlers['endpoints.follow']({ drains, since } as never, body),
    handlers,
    body,
  };
}

for (const [what, since, whole] of [
  ['who begins', null, true],
  ['who knows another hub', { hub: 'h0', revision: 3 }, true],
  ['who knows a revision that this hub has lost', { hub: 'h1', revision: 6 }, true],
  ['who knows an older revision', { hub: 'h1', revision: 3 }, false],
] as const) {
  test(`${what} is sent ${whole ? 'everything' : 'what has changed since'}`, async () => {
    const { done, follow } = called();
    const answer = (await follow(false, since)) as { whole: boolean; revision: number };
    assert.deepEqual([answer.whole, answer.revision], [whole, 5]);
    assert.deepEqual(done, ['up to date', ['add', false], ['apps', whole ? null : 3]]);
  });
}

test('only a proxy may say that it counts requests: a release waits for it', async () => {
  await assert.rejects(async () => called(['read']).follow(true, null), { code: 'EFORBIDDEN' });
  await called(['read', 'proxy']).follow(true, null);
});

test('what is confirmed of another hub is no news', async () => {
  const { done, handlers, body } = called();
  await handlers['endpoints.confirm']({ hub: 'h0', revision: 4 }, body);
  await handlers['endpoints.confirm']({ hub: 'h1', revision: 4 }, body);
  assert.deepEqual(done, [['confirm', 4]]);
});
