import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { CertificateHub } from '../../../src/client/certificate-hub.ts';
import { Orders } from '../../../src/proxy/acme/orders.ts';

/** What goes wrong, by what is done. */
interface Faults {
  lookup?: string;
  reach?: string;
  issue?: string;
  keep?: string;
}

/** Orders at a hub that always says `a.org`, whose challenges arrive. */
async function ordering(t: TestContext, faults: Faults) {
  const done: string[] = [];
  const lines: string[] = [];
  let answer = '';
  const server = createServer((_, response) => response.end(answer));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const act = async (what: keyof Faults) => {
    done.push(what);
    if (faults[what] !== undefined) throw new Error(faults[what]);
  };
  const hub = {
    order: async () => ({ host: 'a.org', account: 'account', wait: 0 }),
    challenge: async (_: unknown, challenge: { answer: string }) => {
      answer = challenge.answer;
    },
    keep: () => act('keep'),
    failed: async (_: unknown, { asked, why }: { asked: boolean; why: string }) => {
      done.push(`${asked ? 'asked' : 'not asked'}: ${why}`);
      return 900_000;
    },
  } as unknown as CertificateHub;
  const orders = new Orders({
    hub,
    authority: {
      directory: 'https://ca/dir',
      reach: () => act('reach'),
      issue: async () => {
        await act('issue');
        return { chain: 'chain', privateKey: 'key' };
      },
    },
    way: {
      port: (server.address() as AddressInfo).port,
      addressesOf: async () => {
        await act('lookup');
        return ['127.0.0.1'];
      },
    },
    use: ({ host }) => void done.push(`use ${host}`),
    log: (line) => void lines.push(line),
  });
  return { orders, done, lines, faults };
}

test('a certificate is used at once, and the hub gets it', async (t) => {
  const { orders, done, lines } = await ordering(t, {});
  assert.equal(await orders.next(['a.org']), 0);
  assert.deepEqual(done, ['lookup', 'reach', 'issue', 'use a.org', 'keep']);
  assert.deepEqual(lines, ['has a new certificate for a.org']);
});

test('the authority is not asked if the challenge does not arrive, and that is said once', async (t) => {
  const { orders, done, lines } = await ordering(t, { lookup: 'ENOTFOUND' });
  await orders.next(['a.org']);
  await orders.next(['a.org']);
  const failed = ['lookup', 'not asked: DNS has no address for a.org'];
  assert.deepEqual(done, [...failed, ...failed]);
  assert.deepEqual(lines, [
    'no certificate for a.org: DNS has no address for a.org; it is tried again in 15 min',
  ]);
});

test('an authority that cannot be reached was not asked', async (t) => {
  const { orders, done } = await ordering(t, { reach: 'connect ECONNREFUSED' });
  await orders.next(['a.org']);
  assert.deepEqual(done, ['lookup', 'reach', 'not asked: connect ECONNREFUSED']);
});

test('what the authority refuses is said in its words', async (t) => {
  const { orders, done, lines } = await ordering(t, { issue: 'too many certificates' });
  await orders.next(['a.org']);
  assert.deepEqual(done, ['lookup', 'reach', 'issue', 'asked: too many certificates']);
  assert.match(lines.join(), /^no certificate for a.org: too many certificates; /);
});

test('a hub that is away when the certificate comes gets it later, and nothing is ordered twice', async (t) => {
  const { orders, done, faults } = await ordering(t, { keep: 'the hub is away' });
  await assert.rejects(orders.next(['a.org']), /away/);
  await assert.rejects(orders.next(['a.org']), /away/);
  delete faults.keep;
  done.length = 0;
  await orders.next(['a.org']);
  assert.equal(done[0], 'keep');
});
